import { copyFile, cp, rm, writeFile } from 'node:fs/promises';
import { compileClient } from './compile.ts';
import { clientManifest, readManifest, textOf } from './manifest.ts';

/** The folder of the client's package, for `npm pack` or `npm publish`. */
const folder = 'dist/client-package';

await compileClient();
await rm(folder, { recursive: true, force: true });
await cp('dist/client', folder, { recursive: true });
await writeFile(`${folder}/package.json`, textOf(clientManifest(await readManifest())));
await copyFile('client/README.md', `${folder}/README.md`);
await copyFile('LICENSE', `${folder}/LICENSE`);
// For resolvers that do not read `exports`.
const inCommonJs = { main: '../cjs/documents/graphql.js', types: '../cjs/documents/graphql.d.ts' };
await writeFile(`${folder}/documents/package.json`, textOf({ type: 'module', ...inCommonJs }));
// For the code generators of frontends.
await copyFile('schema/schema.graphql', `${folder}/schema.graphql`);
