import { createApp } from '#src/app.ts';
import { type Env, parseConfig } from '#src/config/config.ts';
import { createLog } from '#src/telemetry/log.ts';

/** Starts this server as `src/main.ts` does: its log goes to standard output. */
export async function startOurs(env: Env): Promise<string> {
  const config = parseConfig({ NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0', ...env });
  const log = await createLog({ level: config.logLevel, pretty: false });
  const { url } = await (await createApp(config, { log })).listen();
  return url.replace('//localhost:', '//127.0.0.1:');
}
