import { isBuiltin } from 'node:module';
import { rolldown } from 'rolldown';

/** The entries of the packed server: the command and the function that computes costs. */
const entries = { run: 'bin/run.ts', cost: 'tools/cost/cost.ts' };

/**
 * Bundles the server with all its packages into ES modules in `folder`, so that a project's packages,
 * such as another version of graphql, do not meet those of the server. Returns the files of
 * `node_modules` that the bundles contain.
 */
export async function bundleServer(folder: string): Promise<readonly string[]> {
  const bundle = await rolldown({
    input: entries,
    platform: 'node',
    // A package that was not found would be imported at run time.
    external: isBuiltin,
    onLog(_, { message }) {
      throw new Error(message);
    },
  });
  const { output } = await bundle.write({
    dir: folder,
    format: 'esm',
    chunkFileNames: '[name].js',
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await bundle.close();
  const chunks = output.flatMap((file) => (file.type === 'chunk' ? [file] : []));
  const outside = chunks
    .flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports])
    .filter((name) => !isBuiltin(name) && !chunks.some(({ fileName }) => fileName === name));
  if (outside.length > 0) throw new Error(`Not bundled: ${outside.join(', ')}`);
  return chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => id.includes('/node_modules/'));
}
