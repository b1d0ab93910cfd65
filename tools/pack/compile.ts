import { execFileSync } from 'node:child_process';
import { glob, readFile, rm, writeFile } from 'node:fs/promises';
import process from 'node:process';

const compiler = 'node_modules/typescript/bin/tsc';
const compile = (project: string) =>
  execFileSync(process.execPath, [compiler, '--project', project], { stdio: 'inherit' });

/**
 * Compiles to `dist/src`, `dist/bin` and `dist/tools`, with declarations in `dist/types`. Node runs
 * no TypeScript from node_modules, so a package needs JavaScript.
 */
export async function compileServer(): Promise<void> {
  const folders = ['dist/src', 'dist/bin', 'dist/tools', 'dist/types'];
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  compile('tsconfig.build.json');
}

/**
 * Compiles the client and the typed documents to `dist/client`, with declarations: as ES modules, and
 * in `cjs/` for `require`.
 */
export async function compileClient(): Promise<void> {
  await rm('dist/client', { recursive: true, force: true });
  compile('tsconfig.build.client.json');
  compile('tsconfig.build.client.cjs.json');
  compile('tools/pack/tsconfig.documents.json');
  compile('tools/pack/tsconfig.documents.cjs.json');
  await writeFile('dist/client/cjs/package.json', '{ "type": "commonjs" }\n');
  // The compiler rewrites the extensions of imports in code, but not in declarations.
  for await (const path of glob('dist/client/**/*.d.ts')) {
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replaceAll(/(from '\.\/[^']+)\.ts'/g, "$1.js'"));
  }
}
