import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Settings of the compiler in a new project of `create-vite`, template react-ts. */
const app = {
  compilerOptions: {
    tsBuildInfoFile: './.tmp/tsconfig.app.tsbuildinfo',
    target: 'es2023',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    module: 'esnext',
    types: ['vite/client'],
    skipLibCheck: true,
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    verbatimModuleSyntax: true,
    moduleDetection: 'force',
    noEmit: true,
    jsx: 'react-jsx',
    strict: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    erasableSyntaxOnly: true,
    noFallthroughCasesInSwitch: true,
    noUncheckedSideEffectImports: true,
  },
  include: ['src'],
};

const { jsx: _, ...nodeOptions } = app.compilerOptions;
const node = {
  compilerOptions: {
    ...nodeOptions,
    tsBuildInfoFile: './.tmp/tsconfig.node.tsbuildinfo',
    lib: ['ES2023'],
    types: ['node'],
  },
  // The template has the first only; the generator's configuration compiles with its settings, too.
  include: ['vite.config.ts', 'codegen.ts'],
};

const template: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'instances', private: true, type: 'module' }),
  'tsconfig.json': JSON.stringify({
    files: [],
    references: [{ path: './tsconfig.app.json' }, { path: './tsconfig.node.json' }],
  }),
  'tsconfig.app.json': JSON.stringify(app),
  'tsconfig.node.json': JSON.stringify(node),
  // Without the plugin for React, which is for development only.
  'vite.config.ts': `import { defineConfig } from 'vite';\n\nexport default defineConfig({});\n`,
  'index.html':
    '<!doctype html><html lang="en"><head><title>instances</title></head><body><div id="root"></div><script type="module" src="/src/main.tsx"></script></body></html>',
};

/** Packages that a new project has. */
export const templatePackages: readonly string[] = ['react', 'react-dom', 'vite', 'typescript'];

/** Writes a new project of `create-vite`, with these files in addition. */
export async function writeProject(
  folder: string,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [name, text] of [...Object.entries(template), ...files]) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}
