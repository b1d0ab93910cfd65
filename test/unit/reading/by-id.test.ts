import { expect, test } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import { readByIds } from '#src/reading/by-id/read-by-ids.ts';
import { createWorld, type World } from '#test/support/reading/world.ts';

const idsOf = ({ list }: World, from: number, to: number) =>
  list.slice(from, to).map(({ id }) => id);
const unknown = (count: number) => Array.from({ length: count }, (_, at) => `inst_unknown${at}`);

test('ids that are found early leave the rest of the account unread', async () => {
  const world = createWorld({ rows: 1000 });
  const found = await readByIds(world.session(), idsOf(world, 0, 90));
  expect(found.size).toBe(90);
  expect(world.calls).toEqual(['all 0']);
});

test('fewer ids than pages that are left are asked for by themselves', async () => {
  const world = createWorld({ rows: 1000 });
  const ids = [...idsOf(world, 0, 2), ...idsOf(world, 700, 703)];
  const found = await readByIds(world.session(), ids);
  expect([...found.values()].every((row) => row !== null)).toBe(true);
  expect(world.calls).toEqual(['all 0', ...idsOf(world, 700, 703).map((id) => `get ${id}`)]);
});

test('where others have just looked is not read again', async () => {
  const world = createWorld({ rows: 1000 });
  await readByIds(world.session(), idsOf(world, 0, 530));
  expect(world.calls).toEqual(['all 0', 'all 90', 'all 180', 'all 270', 'all 360', 'all 450']);
  world.calls.length = 0;
  const scattered = idsOf(world, 0, 1000).filter((_, at) => at % 25 === 0);
  const found = await readByIds(world.session(), scattered);
  expect([...found.values()].every((row) => row !== null)).toBe(true);
  expect(world.calls).toEqual(['all 540', 'all 630', 'all 720', 'all 810', 'all 900']);
});

test('ids last seen together are read together again', async () => {
  const world = createWorld({ rows: 1000 });
  await readByIds(world.session(), idsOf(world, 0, 1000));
  world.clock.advance(10_000);
  world.calls.length = 0;
  await readByIds(world.session(), idsOf(world, 500, 503));
  expect(world.calls).toEqual(['all 450']);
});

test('that there is none of an id is known by its own answer, for as long as that is fresh', async () => {
  const world = createWorld({ rows: 1000 });
  for (let time = 0; time < 3; time += 1) {
    const found = await readByIds(world.session(), ['inst_unknown']);
    expect(found.get('inst_unknown')).toBe(null);
  }
  expect(world.calls).toEqual(['get inst_unknown']);
});

test('a list that moves too fast to be joined costs bounded calls, and the rest is told to come back', async () => {
  const world = createWorld({ rows: 300 });
  world.during = () => {
    for (let row = 0; row < 150; row += 1) world.insert(0);
    world.list.splice(150, 150);
  };
  const found = await readByIds(world.session(), unknown(500));
  expect(world.calls.length).toBeLessThan(30);
  const told = [...found.values()].filter((outcome) => outcome instanceof Failure);
  expect(told.length).toBeGreaterThan(400);
  expect(told[0]).toMatchObject({ kind: 'rate-limited', retryAfterMs: 1000 });
});
