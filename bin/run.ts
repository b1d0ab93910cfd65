import process from 'node:process';
import { parseArgs } from 'node:util';
import { loadEnvFile } from '#src/config/env-file.ts';
import { stopWithShell } from './stop-with-shell.ts';

const help = `A GraphQL server for the instances of EnviaAI's REST API.

Usage: enviaai-graphql [options]
       enviaai-graphql cost [options] <documents>

Commands:
  (none)           Starts the server.
  cost             Prints the upstream calls that operations can cost. Its options are in
                   enviaai-graphql cost --help.

Options:
  --port <number>  Listens on this port; 0 selects any free port. The default is the variable PORT,
                   else 4000 (4010 with --sandbox).
  --sandbox        Starts only the sandbox, a REST API that behaves like EnviaAI.
  -v, --version    Prints the version.
  -h, --help       Prints this help.

Environment variables configure everything else. They are also read from the file .env in the
current folder. Without any, the server uses the embedded sandbox as upstream.
`;

const options = {
  port: { type: 'string' },
  sandbox: { type: 'boolean' },
  version: { type: 'boolean', short: 'v' },
  help: { type: 'boolean', short: 'h' },
} as const;

// A map: `constructor` is a property of every object, but not an option.
const optionByName = new Map(Object.entries(options));

const [first, ...others] = process.argv.slice(2);
if (first === 'cost') {
  loadEnvFile();
  const { runCost } = await import('#tools/cost/command.ts');
  runCost(others);
} else {
  await serve();
}

async function serve(): Promise<void> {
  const { port, sandbox, version, help: wantsHelp } = parseOptionsOrExit();
  if (wantsHelp) {
    process.stdout.write(help);
  } else if (version) {
    const { packageVersion } = await import('#src/config/version.ts');
    process.stdout.write(`${packageVersion()}\n`);
  } else {
    if (port !== undefined) process.env['PORT'] = port;
    loadEnvFile();
    stopWithShell();
    await (sandbox ? import('#src/sandbox/main.ts') : import('#src/main.ts'));
  }
}

function parseOptionsOrExit() {
  const { values, tokens } = parseArgs({ options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') exitWith(`unknown argument ${token.value}`);
    if (token.kind !== 'option') continue;
    const option = optionByName.get(token.name);
    if (!option) exitWith(`unknown option ${token.rawName}`);
    const needsValue = option.type === 'string';
    if (needsValue !== (token.value !== undefined)) {
      exitWith(`${token.rawName} ${needsValue ? 'needs a' : 'takes no'} value`);
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

/** Prints a usage error in one line, and exits. */
function exitWith(problem: string): never {
  process.stderr.write(`enviaai-graphql: ${problem}. See enviaai-graphql --help.\n`);
  process.exit(2);
}
