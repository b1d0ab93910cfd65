import { createTestClock } from '#test/support/clock.ts';
import { start } from '#test/support/start.ts';
import { startUpstream } from '#test/support/upstream.ts';
import { onTestFinished } from 'vitest';
import { type Scrape, scrape, scrapeOfNewServer } from './series.ts';

const list = '{ instances { totalCount } }';
const other = '{ instance(id: "inst_other") { id } }';

/** The scrape of a new server with another value of one series. */
const withValue = async (series: string, value: number): Promise<Scrape> =>
  new Map([...(await scrapeOfNewServer()), [series, value]]);

async function withFailingCall(status: number): Promise<Scrape> {
  const server = await start();
  server.sandbox.control.fail({ key: 'test', status });
  await server.query(list);
  return scrape(server);
}

async function withUnreadableField(): Promise<Scrape> {
  const server = await start();
  server.sandbox.control.add({ key: 'test', instance: { status: 'hibernating' } });
  await server.query(list);
  return scrape(server);
}

async function withSpentBudget(): Promise<Scrape> {
  const server = await start({ ratePerMinute: 1, clock: createTestClock() });
  await server.query(list);
  await server.query(other);
  return scrape(server);
}

async function withStaleAnswer(): Promise<Scrape> {
  const clock = createTestClock();
  const server = await start({ ratePerMinute: 1, clock });
  await server.query(list);
  clock.advance(10_000);
  await server.query(list);
  return scrape(server);
}

/** Sends as many keys as one address may try. */
async function withRefusedKeys(): Promise<Scrape> {
  const upstream = await startUpstream((_, response) => {
    const body = { success: false, error: { code: 'invalid_api_key', message: 'no' } };
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  onTestFinished(() => upstream.close());
  const clock = createTestClock();
  const server = await start({ upstream: upstream.url.href, clock });
  for (let index = 0; index < 110; index += 1) {
    if (index % 25 === 0) clock.advance(61_000);
    await server.query(list, {}, { authorization: `Bearer wrong-${index}` });
  }
  return scrape(server);
}

async function withoutTokenKeys(): Promise<Scrape> {
  const server = await start({
    env: {
      AUTH: 'jwt',
      ENVIAAI_API_KEY: 'test',
      AUTH_JWKS_URL: 'http://127.0.0.1:1/keys',
      AUTH_ISSUER: 'https://id.example.com',
      AUTH_AUDIENCE: 'enviaai',
    },
  });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'ES256', kid: 'a' })}.${part({ sub: 'a' })}.c2lnbmVk`;
  await server.query(list, {}, { authorization: `Bearer ${token}` });
  return scrape(server);
}

const withoutRedis = async (): Promise<Scrape> =>
  scrape(await start({ env: { REDIS_URL: 'redis://127.0.0.1:1' } }));

/** For each alert, a scrape after the first event that it is for. */
export const eventOf: Readonly<Record<string, () => Promise<Scrape>>> = {
  EnviaaiGraphqlDown: () => withValue('up{job="enviaai-graphql"}', 0),
  EnviaaiRateLimited: () => withFailingCall(429),
  EnviaaiBudgetSpent: withSpentBudget,
  EnviaaiBudgetNearLimit: withSpentBudget,
  EnviaaiStaleAnswers: withStaleAnswer,
  EnviaaiUnreadableFields: withUnreadableField,
  EnviaaiFails: () => withFailingCall(500),
  EnviaaiRefusesKeys: withRefusedKeys,
  EnviaaiStoreDown: withoutRedis,
  EnviaaiTokenKeysUnavailable: withoutTokenKeys,
  EnviaaiInternalError: withoutTokenKeys,
  EnviaaiLogLinesDropped: () => withValue('enviaai_log_lines_dropped_total', 1),
  EnviaaiGraphqlOverloaded: () => withValue('nodejs_eventloop_lag_p99_seconds', 0.3),
};
