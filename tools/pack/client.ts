import { copyFile, cp, rm, writeFile } from 'node:fs/promises';
import { compileClient } from './compile.ts';
import { clientManifest, readManifest, textOf } from './manifest.ts';

/** The client's package, ready for `npm pack` or `npm publish`. */
const folder = 'dist/client-package';

await compileClient();
await rm(folder, { recursive: true, force: true });
await cp('dist/client', folder, { recursive: true });
await writeFile(`${folder}/package.json`, textOf(clientManifest(await readManifest())));
await copyFile('client/README.md', `${folder}/README.md`);
await copyFile('LICENSE', `${folder}/LICENSE`);
