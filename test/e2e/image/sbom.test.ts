import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readBom } from '#test/support/image/bom.ts';

const bom = readBom();
const listed = bom.components.map((component) => component['bom-ref']);

test('production is listed in a form that scanners read', () => {
  expect(bom.bomFormat).toBe('CycloneDX');
  expect(bom.specVersion).toMatch(/^1\.\d+$/);
  expect(bom.metadata.component.type).toBe('application');
  expect(listed).toContainEqual(expect.stringMatching(/^graphql-yoga@5\./));
});

test('every package that the server asks for is listed, and none that only its developers need', () => {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const names = new Set(listed.map((ref) => ref.slice(0, ref.lastIndexOf('@'))));
  expect(Object.keys(manifest.dependencies).filter((name) => !names.has(name))).toEqual([]);
  expect(names).not.toContain('vitest');
  expect(names).not.toContain('@apollo/gateway');
});

test('each package comes with its licence and its hash, and points at none that is not listed', () => {
  const unclear = bom.components.filter(
    ({ hashes, licenses }) => !hashes?.length || !licenses?.length,
  );
  expect(unclear).toEqual([]);
  const known = new Set([...listed, bom.metadata.component['bom-ref']]);
  const named = bom.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]);
  expect(named.filter((ref) => !known.has(ref))).toEqual([]);
});
