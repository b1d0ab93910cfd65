import process from 'node:process';
import { parseEnvironment } from './environment.ts';
import { startSandbox } from './sandbox.ts';

const parsed = parseEnvironment(process.env);
if ('problems' in parsed) {
  fail(parsed.problems);
} else {
  const { host, port, instances, ratePerMinute } = parsed.options;
  try {
    const sandbox = await startSandbox(parsed.options);
    const { url } = sandbox;
    const stop = () => void sandbox.close().then(() => process.exit(0));
    process.once('SIGTERM', stop).once('SIGINT', stop);
    process.stdout.write(
      `EnviaAI sandbox at ${url}: each key has ${instances} instances and ${ratePerMinute} requests a minute.\n` +
        `  curl -H 'Authorization: Bearer sandbox' ${url}/instances\n` +
        `  curl ${url.replace(/v1$/, 'sandbox')}  lists the controls\n`,
    );
  } catch (error) {
    fail([addressProblem(error, host, port)]);
  }
}

function addressProblem(error: unknown, host: string, port: number): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    const otherPort = port < 65_535 ? port + 1 : port - 1;
    return `PORT: ${port} is already in use. Use another port, for example PORT=${otherPort}.`;
  }
  const reason = error instanceof Error ? error.message : 'unknown reason';
  return `Cannot listen on HOST ${host}, PORT ${port}: ${reason}`;
}

function fail(problems: readonly string[]): void {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exitCode = 1;
}
