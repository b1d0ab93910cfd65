import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readBom } from '#test/support/image/bom.ts';

const bom = readBom();
const listed = bom.components.map((component) => component['bom-ref']);

test('the SBOM is a CycloneDX document of the application', () => {
  expect(bom.bomFormat).toBe('CycloneDX');
  expect(bom.specVersion).toMatch(/^1\.\d+$/);
  expect(bom.metadata.component.type).toBe('application');
  expect(listed).toContainEqual(expect.stringMatching(/^graphql-yoga@5\./));
});

test('the SBOM lists every dependency, and no development dependency', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const names = new Set(listed.map((ref) => ref.slice(0, ref.lastIndexOf('@'))));
  expect(Object.keys(manifest.dependencies).filter((name) => !names.has(name))).toEqual([]);
  expect(names).not.toContain('vitest');
  expect(names).not.toContain('@apollo/gateway');
});

test('each package of the SBOM has a licence and a hash, and depends on listed packages only', () => {
  const unclear = bom.components.filter(
    ({ hashes, licenses }) => !hashes?.length || !licenses?.length,
  );
  expect(unclear).toEqual([]);
  const known = new Set([...listed, bom.metadata.component['bom-ref']]);
  const named = bom.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
  expect(named.filter((ref) => !known.has(ref))).toEqual([]);
});
