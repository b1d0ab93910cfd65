import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { z } from 'zod';

// What npm lists is cut down here to what the lock installs for production: `npm sbom --omit=dev`
// leaves out too much, all that a package for development needs as well (graphql is one).

const property = z.object({ name: z.string(), value: z.string() });
const bomShape = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ 'bom-ref': z.string() }) }),
  components: z.array(z.looseObject({ 'bom-ref': z.string(), properties: z.array(property) })),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
});
const lockShape = z.object({
  packages: z.record(z.string(), z.object({ version: z.string(), dev: z.boolean().optional() })),
});

const options = ['--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
const listed = execFileSync('npm', ['sbom', ...options], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const bom = bomShape.parse(JSON.parse(listed));
const refs = new Set([bom.metadata.component['bom-ref'], ...productionRefs()]);

/** `name@version` of each package that is not for development alone. */
function productionRefs(): string[] {
  const { packages } = lockShape.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
  return Object.entries(packages).flatMap(([path, { version, dev }]) => {
    const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? [];
    return name === undefined || dev ? [] : [`${name}@${version}`];
  });
}

const production = {
  ...bom,
  components: bom.components
    .filter((component) => refs.has(component['bom-ref']))
    // Where a copy of it stands in the folder: that, and what for, differs from copy to copy.
    .map((component) => ({ ...component, properties: [] })),
  dependencies: bom.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map((entry) => ({ ...entry, dependsOn: entry.dependsOn.filter((ref) => refs.has(ref)) })),
};
process.stdout.write(`${JSON.stringify(production, null, 2)}\n`);
