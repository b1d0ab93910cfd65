import { copyFile, cp, glob, mkdir, rm, writeFile } from 'node:fs/promises';
import { bundleServer } from './bundle.ts';
import { compileClient, compileServer } from './compile.ts';
import { packedManifest, readManifest, textOf } from './manifest.ts';
import { noticesOf } from './notices.ts';

/** The folder of the server's package, for `npm pack` or `npm publish`. */
const folder = 'dist/server-package';

await compileServer();
await compileClient();
await rm(folder, { recursive: true, force: true });
const bundled = await bundleServer(`${folder}/dist`);
// Not bundled: it is for old versions of Node too, which cannot parse the bundles.
await copyFile('dist/bin/enviaai-graphql.js', `${folder}/dist/enviaai-graphql.js`);
// The only declaration that the package exports; it imports no other.
await copyFile('dist/types/tools/cost/cost.d.ts', `${folder}/dist/cost.d.ts`);
await cp('dist/client', `${folder}/dist/client`, { recursive: true });
await mkdir(`${folder}/schema`);
for await (const path of glob('schema/*.graphql')) await copyFile(path, `${folder}/${path}`);
await copyFile('bin/README.md', `${folder}/README.md`);
await copyFile('LICENSE', `${folder}/LICENSE`);
await writeFile(`${folder}/THIRD-PARTY-NOTICES.txt`, await noticesOf(bundled));
await writeFile(`${folder}/package.json`, textOf(packedManifest(await readManifest())));
