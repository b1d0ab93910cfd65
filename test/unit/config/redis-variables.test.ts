import { expect, test } from 'vitest';
import { parseConfig } from '#src/config/config.ts';
import { problemsOf } from '#test/support/config/problems-of.ts';

test('REDIS_URL must be a redis or rediss URL, and may have a password', () => {
  const REDIS_URL = 'rediss://user:word@redis.example.com:6380/2';
  expect(parseConfig({ REDIS_URL }).redisUrl).toEqual(new URL(REDIS_URL));
  for (const wrong of ['redis.example.com:6379', 'http://redis.example.com', 'secret word']) {
    expect(problemsOf({ REDIS_URL: wrong })).toEqual([
      'REDIS_URL: must be a redis or rediss URL: redis://user:password@host:6379/0',
    ]);
  }
});

test.each(['redis://:5%@host', 'redis://:%ff@host'])(
  'a password in REDIS_URL that cannot be decoded is rejected: %s',
  (REDIS_URL) => {
    expect(problemsOf({ REDIS_URL })).toHaveLength(1);
  },
);

test('REDIS_SENTINELS are addresses, and REDIS_URL then names the primary', () => {
  const env = { REDIS_URL: 'redis://:word@Primary', REDIS_SENTINELS: 'one:5000, [fd00::1],two' };
  const config = parseConfig({ ...env, REDIS_SENTINEL_PASSWORD: 'secret' });
  expect(config.redisUrl?.hostname).toBe('Primary');
  expect(config.redisSentinels).toEqual({
    addresses: [
      { host: 'one', port: 5000 },
      { host: 'fd00::1', port: 26_379 },
      { host: 'two', port: 26_379 },
    ],
    password: 'secret',
  });
  expect(problemsOf({ REDIS_SENTINELS: 'one' })).toEqual([
    expect.stringMatching(/^REDIS_URL: must be set with REDIS_SENTINELS/),
  ]);
  expect(problemsOf({ REDIS_URL: 'redis://a', REDIS_SENTINEL_PASSWORD: 'x' })).toEqual([
    'REDIS_SENTINEL_PASSWORD: must not be set without REDIS_SENTINELS',
  ]);
  for (const wrong of ['one two', 'redis://one', 'one:99999', 'one,', '*']) {
    expect(problemsOf({ ...env, REDIS_SENTINELS: wrong })).toEqual([
      'REDIS_SENTINELS: must be the addresses of sentinels separated by commas, such as sentinel-1:26379,sentinel-2:26379',
    ]);
  }
});

test('REDIS_CLUSTER_NODES are addresses, besides that of REDIS_URL', () => {
  const env = {
    REDIS_URL: 'rediss://me:word@one/0',
    REDIS_CLUSTER_NODES: 'two:5000,[fd00::1],three',
  };
  const config = parseConfig(env);
  expect(config.redisUrl?.hostname).toBe('one');
  expect(config.redisClusterNodes).toEqual([
    { host: 'two', port: 5000 },
    { host: 'fd00::1', port: 6379 },
    { host: 'three', port: 6379 },
  ]);
  expect(problemsOf({ REDIS_CLUSTER_NODES: 'one' })).toEqual([
    'REDIS_URL: must be set with REDIS_CLUSTER_NODES: redis://user:password@node:6379',
  ]);
  expect(problemsOf({ ...env, REDIS_URL: 'redis://one/1' })).toEqual([
    'REDIS_URL: must have no database number with REDIS_CLUSTER_NODES: a cluster has only number 0',
  ]);
  expect(problemsOf({ ...env, REDIS_SENTINELS: 'one' })).toEqual([
    'REDIS_CLUSTER_NODES: must not be set with REDIS_SENTINELS: a cluster has its own failover',
  ]);
  expect(problemsOf({ ...env, REDIS_CLUSTER_NODES: 'one,' })).toEqual([
    'REDIS_CLUSTER_NODES: must be the addresses of nodes of a cluster separated by commas, such as node-1:6379,node-2:6379',
  ]);
});
