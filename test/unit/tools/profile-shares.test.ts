import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { profileSharesOf } from '#tools/bench/profile-shares.ts';

const nodeOf = (id: number, functionName: string, url = '', lineNumber = -1) => ({
  id,
  callFrame: { functionName, scriptId: '0', url, lineNumber, columnNumber: 0 },
});
const inProject = (path: string) => pathToFileURL(`/project/${path}`).href;

const profile = {
  nodes: [
    nodeOf(1, '(root)'),
    nodeOf(2, '(idle)'),
    nodeOf(3, 'rowOf', inProject('src/enviaai/response/instance-row.ts'), 28),
    nodeOf(4, '', inProject('node_modules/@scope/package/index.js'), 0),
    nodeOf(5, '(garbage collector)'),
    nodeOf(6, 'write', 'node:net', 9),
    nodeOf(7, 'rowOf', inProject('src/enviaai/response/instance-row.ts'), 28),
    nodeOf(8, 'post', 'node:inspector', 1),
  ],
  startTime: 0,
  endTime: 1000,
  samples: [2, 3, 4, 5, 6, 7, 8],
  timeDeltas: [900, 30, 20, 10, 20, 20, 500],
};

test('the share of a function excludes idle time and the profiler', () => {
  const { functions } = profileSharesOf(profile, '/project');
  expect(functions).toEqual([
    { name: 'rowOf src/enviaai/response/instance-row.ts:29', share: 0.5 },
    { name: '(anonymous) @scope/package/index.js:1', share: 0.2 },
    { name: 'write node:net:10', share: 0.2 },
    { name: '(garbage collector)', share: 0.1 },
  ]);
});

test('shares are summed by package, by folder of src, for Node and for the engine', () => {
  const { places } = profileSharesOf(profile, '/project');
  expect(places).toEqual([
    { name: 'src/enviaai', share: 0.5 },
    { name: '@scope/package', share: 0.2 },
    { name: 'Node', share: 0.2 },
    { name: 'the engine, with its garbage collector', share: 0.1 },
  ]);
});
