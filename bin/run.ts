import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const help = `Serves EnviaAI's instances as GraphQL.

Usage: enviaai-graphql [options]
       enviaai-graphql cost [options] <documents>

  --port <number>  where to listen; 0: any port that is free (default: PORT, else 4000; the sandbox 4010)
  --sandbox        only the sandbox: a REST API that behaves like EnviaAI
  --version        says which version this is
  --help           says this
  cost             what operations can cost at most, before they are sent: see cost --help

All else is set by environment variables, or by an .env file here. Without any, the sandbox is behind the server.
`;

const options = {
  port: { type: 'string' },
  sandbox: { type: 'boolean' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

const [first, ...others] = process.argv.slice(2);
if (first === 'cost') {
  if (existsSync('.env')) process.loadEnvFile();
  const { runCost } = await import('#tools/cost/command.ts');
  runCost(others);
} else {
  await serve();
}

async function serve(): Promise<void> {
  const { port, sandbox, version, help: isHelp } = optionsOrExit();
  if (isHelp) {
    process.stdout.write(help);
  } else if (version) {
    process.stdout.write(`${versionOfPackage()}\n`);
  } else {
    if (port !== undefined) process.env['PORT'] = port;
    if (existsSync('.env')) process.loadEnvFile();
    await (sandbox ? import('#src/sandbox/main.ts') : import('#src/main.ts'));
  }
}

function optionsOrExit() {
  const { values, tokens } = parseArgs({ options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') exitWith(`${token.value} is no option`);
    if (token.kind !== 'option') continue;
    const known = new Map(Object.entries(options)).get(token.name);
    if (!known) exitWith(`${token.rawName} is no option`);
    const takes = known.type === 'string';
    if (takes !== (token.value !== undefined)) {
      exitWith(`${token.rawName} takes ${takes ? 'a' : 'no'} value`);
    }
  }
  if (values.port !== undefined && !isPort(values.port)) {
    exitWith('--port must be a whole number from 0 to 65535');
  }
  return { ...values, port: values.port };
}

function isPort(text: string | boolean): text is string {
  return typeof text === 'string' && /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

function versionOfPackage(): string {
  const file = fileURLToPath(import.meta.resolve('enviaai-graphql/package.json'));
  const manifest: { readonly version: string } = JSON.parse(readFileSync(file, 'utf8'));
  return manifest.version;
}

/** Wrong use, told in one line. */
function exitWith(problem: string): never {
  process.stderr.write(`enviaai-graphql: ${problem}. See --help\n`);
  process.exit(2);
}
