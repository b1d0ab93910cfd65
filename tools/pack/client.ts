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
