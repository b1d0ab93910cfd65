import { setTimeout as sleep } from 'node:timers/promises';
import { codesOf, createClient, instanceOf, list, load } from './clients.ts';
import type { Finding } from './findings.ts';
import { withWorld } from './process.ts';

const queries = [
  () => list,
  () => '{ instances(status: CONNECTED, first: 5) { edges { cursor node { id name } } } }',
  (key: string) => instanceOf(`inst_${key}_7`),
  // Another's id: there is none of it here.
  () => instanceOf('inst_k-1_7'),
];

export const isolation = (): Promise<Finding[]> =>
  withWorld({ FRESH_MS: '50' }, async (world) => {
    const client = createClient(world.url);
    const answered = await load(client, { clients: 40, seconds: 4 }, (turn, number) => {
      const key = `k-${number % 20}`;
      return { key, query: queries[turn % queries.length]?.(key) ?? list };
    });
    await client.close();
    const strange = answered.filter(({ ask, text }) =>
      [...text.matchAll(/"name":"(\S+) line/g)].some(([, key]) => key !== ask.key),
    );
    const rows = answered.reduce((sum, { text }) => sum + (text.split('"name"').length - 1), 0);
    return [
      {
        promise: '20 keys at once: no row of another in thousands of answers',
        seen: `${strange.length} of ${codesOf(answered)}, ${rows} rows`,
        held: strange.length === 0 && answered.length >= 2000,
      },
    ];
  });

export const revoked = (): Promise<Finding[]> =>
  withWorld({ FRESH_MS: '500', STALE_MS: '3600000' }, async (world) => {
    const client = createClient(world.url);
    await load(client, { clients: 4, seconds: 0.5 }, () => ({ key: 'revoked', query: list }));
    await world.turn('revoked', '401');
    // What is fresh is served without asking; after that nothing is.
    await sleep(1000);
    const before = await world.calls();
    const answered = await load(client, { clients: 4, seconds: 6 }, () => ({
      key: 'revoked',
      query: list,
    }));
    const calls = (await world.calls()) - before;
    await client.close();
    return [
      {
        promise: 'a revoked key is shown nothing 1 s later, where 0.5 s is fresh',
        seen: codesOf(answered),
        held: answered.every(
          ({ code, text }) => code === 'UNAUTHENTICATED' && !/"name"/.test(text),
        ),
      },
      {
        promise: 'and is asked about once in 5 s',
        seen: `${calls} upstream calls in 6 s`,
        held: calls <= 2,
      },
    ];
  });
