import { copyFile, cp, glob, mkdir, rm, writeFile } from 'node:fs/promises';
import { compileClient, compileServer } from './compile.ts';
import { packedManifest, readManifest, textOf } from './manifest.ts';

/** The folder of the server's package, for `npm pack` or `npm publish`. */
const folder = 'dist/server-package';

await compileServer();
await compileClient();
await rm(folder, { recursive: true, force: true });
for (const part of ['bin', 'src', 'tools', 'client']) {
  await cp(`dist/${part}`, `${folder}/dist/${part}`, { recursive: true });
}
// The only declaration that the package exports; it imports no other.
await copyFile('dist/types/tools/cost/cost.d.ts', `${folder}/dist/tools/cost/cost.d.ts`);
await mkdir(`${folder}/schema`);
for await (const path of glob('schema/*.graphql')) await copyFile(path, `${folder}/${path}`);
for (const name of ['README.md', 'LICENSE']) await copyFile(name, `${folder}/${name}`);
await writeFile(`${folder}/package.json`, textOf(packedManifest(await readManifest())));
