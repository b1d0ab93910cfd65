import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { z } from 'zod';

// Lists the packages that package-lock.json installs for production. `npm sbom --omit=dev` would
// omit too much: also production packages that a development package depends on, such as graphql.

const property = z.object({ name: z.string(), value: z.string() });
const bomShape = z.looseObject({
  metadata: z.looseObject({ component: z.looseObject({ 'bom-ref': z.string() }) }),
  components: z.array(z.looseObject({ 'bom-ref': z.string(), properties: z.array(property) })),
  dependencies: z.array(z.looseObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
});
const lockShape = z.object({
  packages: z.record(
    z.string(),
    // A workspace has no version.
    z.object({ version: z.string().optional(), dev: z.boolean().optional() }),
  ),
});

const options = ['--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
const listed = execFileSync('npm', ['sbom', ...options], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const bom = bomShape.parse(JSON.parse(listed));
const refs = new Set([bom.metadata.component['bom-ref'], ...productionRefs()]);

/** `name@version` of each package that is installed for production. */
function productionRefs(): string[] {
  const { packages } = lockShape.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
  return Object.entries(packages).flatMap(([path, { version, dev }]) => {
    const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? [];
    return name === undefined || version === undefined || dev ? [] : [`${name}@${version}`];
  });
}

const production = {
  ...bom,
  components: bom.components
    .filter((component) => refs.has(component['bom-ref']))
    // The paths of installed copies, which differ between copies.
    .map((component) => ({ ...component, properties: [] })),
  dependencies: bom.dependencies
    .filter(({ ref }) => refs.has(ref))
    .map((entry) => ({ ...entry, dependsOn: entry.dependsOn.filter((ref) => refs.has(ref)) })),
};
process.stdout.write(`${JSON.stringify(production, null, 2)}\n`);
