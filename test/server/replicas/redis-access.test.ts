import { glob, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { urlOf, startProcess } from '#test/support/process/start-process.ts';
import { startReplicas } from '#test/support/replicas/replicas.ts';
import { freePort, hasRedis, redisNote, startRedis } from '#test/support/store/redis-server.ts';
import { primaryName, startWithSentinel } from '#test/support/store/sentinel.ts';
import { createCertificates, hasOpenssl } from '#test/support/tls/certificates.ts';

const list = '{ instances { totalCount } }';
const one = '{ instance(id: "inst_other") { id } }';

/** Sends what makes the replicas run every script. */
async function runAllScripts(redis: URL) {
  const env = { AUTH: 'none', ENVIAAI_API_KEY: 'test', FRESH_MS: '0' };
  const replicas = await startReplicas({ redis, count: 2, env });
  const [first, second] = replicas.all;
  await Promise.all([first?.query(list), second?.query(list)]);
  await second?.query(one);
  replicas.sandbox.control.fail({ key: 'test', status: 401 });
  await first?.query(list);
  return replicas;
}

async function expectShared({ all }: Awaited<ReturnType<typeof runAllScripts>>): Promise<void> {
  for (const replica of all) {
    expect(await replica.readiness()).toMatchObject({ store: 'redis' });
    expect(await replica.figure('enviaai_store_failures_total')).toBe(0);
  }
}

const page = await readFile('docs/replicas.md', 'utf8');
const [, permissions = ''] = /`user graph on >PASSWORD ([^`]+)`/.exec(page) ?? [];
const rules = permissions.split(/\s+/);

test('docs/replicas.md names every command that the scripts run, also in rare cases', async () => {
  const commands = new Set(['+eval', '+evalsha', '+subscribe']);
  for await (const path of glob('src/store/**/*.ts')) {
    const source = await readFile(path, 'utf8');
    for (const [, name = ''] of source.matchAll(/redis\.call\('([A-Z]+)'/g)) {
      commands.add(`+${name.toLowerCase()}`);
    }
  }
  expect(commands.size).toBeGreaterThan(15);
  expect(rules.filter((rule) => rule.startsWith('+')).toSorted()).toEqual([...commands].toSorted());
});

describe.skipIf(!hasRedis)(`a Redis as it is run in production${redisNote}`, () => {
  test('a user with the permissions of docs/replicas.md is enough, and no other key is its', async () => {
    const user = ['--user', 'graph', 'on', '>secret', ...rules];
    const { url } = await startRedis(...user, '--user', 'default', 'off');
    const withUser = new URL(`redis://graph:secret@${url.host}`);
    await expectShared(await runAllScripts(withUser));

    const redis = new Redis(withUser.href, { enableReadyCheck: false });
    onTestFinished(() => redis.disconnect());
    expect(await redis.publish('enviaai:3:any:writes', 'x')).toBe(0);
    await expect(redis.publish('another', 'x')).rejects.toThrow('NOPERM');
    await expect(redis.set('another:program', '1')).rejects.toThrow('NOPERM');
    await expect(redis.config('GET', 'maxmemory')).rejects.toThrow('NOPERM');
  });

  test('scripts that Redis forgets (SCRIPT FLUSH) are sent again, and nothing is lost', async () => {
    const { url } = await startRedis();
    const replicas = await startReplicas({ redis: url, count: 2, ratePerMinute: 4 });
    const redis = new Redis(url.href);
    onTestFinished(() => redis.disconnect());
    const [first, second] = replicas.all;
    const noCache = { 'cache-control': 'no-cache' };
    for (let round = 0; round < 3; round += 1) {
      await first?.query(list, {}, noCache);
      await redis.script('FLUSH');
      await second?.query(list, {}, noCache);
    }
    // The limit of 4 is one for both: the budget was not begun again.
    expect(replicas.calls()).toHaveLength(4);
    expect(await replicas.refusals()).toBe(0);
    await expectShared(replicas);
  });

  test('after a failover, the replicas share the Redis that the sentinel made the primary', async () => {
    const { sentinel, password, killPrimary } = await startWithSentinel();
    const replicas = await startReplicas({
      redis: new URL(`redis://${primaryName}`),
      count: 2,
      env: { REDIS_SENTINELS: sentinel, REDIS_SENTINEL_PASSWORD: password },
    });
    const [first, second] = replicas.all;
    await first?.query(list);
    expect((await second?.query(list))?.extensions?.enviaai?.calls).toBe(0);
    await expectShared(replicas);

    await killPrimary();
    for (const replica of replicas.all) {
      await expect.poll(() => replica.log.join()).toContain('Redis is not available');
      expect((await replica.query(list)).errors).toBeUndefined();
      await expect.poll(() => replica.readiness()).toMatchObject({ store: 'redis' });
    }
    const noCache = { 'cache-control': 'no-cache' };
    const answers = await Promise.all(
      replicas.all.map((replica) => replica.query(list, {}, noCache)),
    );
    for (const { errors } of answers) expect(errors).toBeUndefined();
    expect(await replicas.refusals()).toBe(0);
    for (const { log } of replicas.all) expect(log.join()).not.toMatch(/secret|127\.0\.0\.1/);
  });

  test('sentinels that are not there are reported, and the server answers without Redis', async () => {
    const env = { REDIS_SENTINELS: '127.0.0.1:1' };
    const replicas = await startReplicas({ redis: new URL('redis://Primary'), count: 1, env });
    const [server] = replicas.all;
    expect((await server?.query(list))?.errors).toBeUndefined();
    expect(await server?.readiness()).toMatchObject({ store: 'local', status: 'degraded' });
    expect(server?.log.join()).toContain('Redis is not available');
  });

  test.skipIf(!hasOpenssl)(
    'rediss:// trusts the authority in NODE_EXTRA_CA_CERTS, and no other',
    async () => {
      const { authority, valid } = createCertificates();
      const folder = await mkdtemp(join(tmpdir(), 'redis-tls-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      const path = (name: string) => join(folder, name);
      await writeFile(path('ca.pem'), authority);
      await writeFile(path('cert.pem'), valid.cert);
      await writeFile(path('key.pem'), valid.key);
      const port = await freePort();
      const files = ['--tls-cert-file', path('cert.pem'), '--tls-key-file', path('key.pem')];
      const authorities = ['--tls-ca-cert-file', path('ca.pem'), '--tls-auth-clients', 'no'];
      await startRedis('--tls-port', String(port), ...files, ...authorities);

      const env = { REDIS_URL: `rediss://localhost:${port}` };
      const storeOf = async (extra: Readonly<Record<string, string>>) => {
        const started = startProcess({ ...env, ...extra });
        const ready = await fetch(new URL('/readyz', await urlOf(started)));
        return ((await ready.json()) as { store: string }).store;
      };
      expect(await storeOf({ NODE_EXTRA_CA_CERTS: path('ca.pem') })).toBe('redis');
      expect(await storeOf({})).toBe('local');
    },
  );
});
