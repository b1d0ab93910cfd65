import { createApp } from '#src/app.ts';
import { type Env, parseConfig } from '#src/config/config.ts';
import { createLog } from '#src/telemetry/log.ts';

export async function startOurs(env: Env): Promise<string> {
  const config = parseConfig({ NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0', ...env });
  // The others write no log either.
  const log = await createLog({ level: 'silent', pretty: false });
  const { url } = await (await createApp(config, { log })).listen();
  return url.replace('//localhost:', '//127.0.0.1:');
}
