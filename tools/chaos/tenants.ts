import { setTimeout as sleep } from 'node:timers/promises';
import { codesOf, createClient, instanceOf, list, load } from './clients.ts';
import type { Finding } from './findings.ts';
import { withWorld } from './process.ts';
import { openStreams, watchedPrefix } from './watched-streams.ts';

const queries = [
  () => list,
  () => '{ instances(status: CONNECTED, first: 5) { edges { cursor node { id name } } } }',
  (key: string) => instanceOf(`inst_${key}_7`),
  // The id of another key's instance: for all other keys it does not exist.
  () => instanceOf('inst_k-1_7'),
];

export const isolation = (): Promise<Finding[]> =>
  withWorld({ FRESH_MS: '50' }, async (world) => {
    const client = createClient(world.url);
    const watched = await openStreams(world);
    const outcomes = await load(client, { clients: 40, seconds: 4 }, (turn, number) => {
      const key = `k-${number % 20}`;
      return { key, query: queries[turn % queries.length]?.(key) ?? list };
    });
    await client.close();
    const foreign = outcomes.filter(({ operation, text }) =>
      [...text.matchAll(/"name":"(\S+) line/g)].some(([, key]) => key !== operation.key),
    );
    const rows = outcomes.reduce((sum, { text }) => sum + (text.split('"name"').length - 1), 0);
    return [
      {
        promise: '20 keys at once: no response has a row of another key',
        observed: `${foreign.length} responses with foreign rows; ${codesOf(outcomes)}, ${rows} rows`,
        passed: foreign.length === 0 && outcomes.length >= 2000,
      },
      ...(await watched.findings('the load of 20 keys')),
    ];
  });

export const revoked = (): Promise<Finding[]> =>
  withWorld({ FRESH_MS: '500', STALE_MS: '3600000' }, async (world) => {
    const client = createClient(world.url);
    await load(client, { clients: 4, seconds: 0.5 }, () => ({ key: 'revoked', query: list }));
    const watched = await openStreams(world);
    await world.setMode('revoked', '401');
    await world.setMode(watchedPrefix, '401');
    // Fresh rows are served without a call; wait until they are stale.
    await sleep(1000);
    const before = await world.calls();
    const outcomes = await load(client, { clients: 4, seconds: 6 }, () => ({
      key: 'revoked',
      query: list,
    }));
    const calls = (await world.calls()) - before;
    await client.close();
    return [
      {
        promise: 'a revoked key gets no rows 1 s later (FRESH_MS=500)',
        observed: codesOf(outcomes),
        passed: outcomes.every(
          ({ code, text }) => code === 'UNAUTHENTICATED' && !/"name"/.test(text),
        ),
      },
      {
        promise: 'a revoked key is sent once in 5 s',
        observed: `${calls} upstream calls in 6 s`,
        passed: calls <= 2,
      },
      ...(await watched.endsWith('UNAUTHENTICATED')),
    ];
  });
