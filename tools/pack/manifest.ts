import { readFile } from 'node:fs/promises';

/** The fields of `package.json` that a packed manifest uses. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
}

export async function readManifest(): Promise<Manifest> {
  const manifest: Manifest = JSON.parse(await readFile('package.json', 'utf8'));
  return manifest;
}

/** A module of the client, compiled into this folder: as an ES module, and for `require`. */
const moduleIn = (folder: string, name: string) => ({
  import: { types: `${folder}/${name}.d.ts`, default: `${folder}/${name}.js` },
  require: { types: `${folder}/cjs/${name}.d.ts`, default: `${folder}/cjs/${name}.js` },
});

const documents = 'documents/graphql';

/** The declarations of the typed documents import its types; the rest of the package does not. */
const typesOfDocuments = {
  peerDependencies: { '@graphql-typed-document-node/core': '^3.2.0' },
  peerDependenciesMeta: { '@graphql-typed-document-node/core': { optional: true } },
};

/**
 * The manifest of the server's package, for bundled code. It has no scripts, no dependencies and no
 * pinned Node: the package contains its packages, and runs on the user's Node.
 */
export function packedManifest({ name, version, description, license, engines }: Manifest) {
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    engines,
    bin: { [name]: 'dist/enviaai-graphql.js' },
    exports: {
      './client': moduleIn('./dist/client', 'client'),
      './documents': moduleIn('./dist/client', documents),
      // Only an ES module: every Node that the server supports can `require` it.
      './cost': { types: './dist/cost.d.ts', default: './dist/cost.js' },
      './package.json': './package.json',
    },
  };
}

/** The manifest of the client's package: it has no dependencies, and needs only `fetch`. */
export function clientManifest({ name, version, license }: Manifest) {
  return {
    name: `${name}-client`,
    version,
    description: "EnviaAI's client calls for TypeScript, answered by EnviaAI GraphQL.",
    license,
    type: 'module',
    sideEffects: false,
    // The first version with `fetch`.
    engines: { node: '>=18' },
    // For resolvers that do not read `exports`.
    main: './cjs/client.js',
    types: './cjs/client.d.ts',
    exports: {
      '.': moduleIn('.', 'client'),
      './documents': moduleIn('.', documents),
      './package.json': './package.json',
    },
    ...typesOfDocuments,
  };
}

export const textOf = (manifest: object): string => `${JSON.stringify(manifest, null, 2)}\n`;
