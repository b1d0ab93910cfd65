import { readFile } from 'node:fs/promises';

/** What of `package.json` is packed, or changed for it. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly engines: Readonly<Record<string, string>>;
}

export async function readManifest(): Promise<Manifest> {
  const manifest: Manifest = JSON.parse(await readFile('package.json', 'utf8'));
  return manifest;
}

/** The client as a module and for `require`, compiled into this folder. */
const clientIn = (folder: string) => ({
  import: { types: `${folder}/client.d.ts`, default: `${folder}/client.js` },
  require: { types: `${folder}/cjs/client.d.ts`, default: `${folder}/cjs/client.js` },
});

/**
 * The server's, as it is packed: of compiled code, and on the Node of whoever runs it.
 * The pinned one is for npm's scripts here; the rest of development stays behind too.
 */
export function packedManifest({
  name,
  version,
  description,
  license,
  dependencies,
  engines,
}: Manifest) {
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    engines,
    bin: { [name]: 'dist/bin/enviaai-graphql.js' },
    imports: { '#src/*.ts': './dist/src/*.js', '#tools/*.ts': './dist/tools/*.js' },
    exports: {
      './client': clientIn('./dist/client'),
      // A module alone, as the server is: the Node that it needs can `require` those.
      './cost': { types: './dist/tools/cost/cost.d.ts', default: './dist/tools/cost/cost.js' },
      './package.json': './package.json',
    },
    dependencies,
  };
}

/** The client's own: nothing comes with it, and it runs wherever there is `fetch`. */
export function clientManifest({ name, version, license }: Manifest) {
  return {
    name: `${name}-client`,
    version,
    description: "EnviaAI's client calls for TypeScript, answered by EnviaAI GraphQL.",
    license,
    type: 'module',
    sideEffects: false,
    // The first with `fetch`.
    engines: { node: '>=18' },
    // For resolvers that read no `exports`.
    main: './cjs/client.js',
    types: './cjs/client.d.ts',
    exports: { '.': clientIn('.'), './package.json': './package.json' },
  };
}

export const textOf = (manifest: object): string => `${JSON.stringify(manifest, null, 2)}\n`;
