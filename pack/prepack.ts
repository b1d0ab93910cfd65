import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { compileClient, compileServer } from './compile.ts';
import { packedManifest, readManifest, textOf } from './manifest.ts';

// Before npm packs: the code compiled, and for that moment the packed manifest in place of this folder's.
// `postpack` puts that back; if npm failed or was stopped in between, `git checkout package.json` does.
await compileServer();
await compileClient();
const packed = packedManifest(await readManifest());
await mkdir('.cache', { recursive: true });
await copyFile('package.json', '.cache/package.json');
await writeFile('package.json', textOf(packed));
