import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { z } from 'zod';

const manifest = z.object({ version: z.string() });

/** The version in the `package.json` of this server, as a checkout, an image or a package. */
export function packageVersion(): string {
  const path = findPackageJSON(import.meta.url);
  if (path === undefined) throw new Error('The package.json of this server is missing');
  return manifest.parse(JSON.parse(readFileSync(path, 'utf8'))).version;
}
