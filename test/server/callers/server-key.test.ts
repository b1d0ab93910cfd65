import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { startWithIssuer, startIssuer } from '#test/support/callers/issuer.ts';

const list = '{ instances { totalCount } }';

test.each([
  ['invalid', 'invalid_api_key'],
  ['forbidden', 'insufficient_permissions'],
])(
  "a server key that EnviaAI refuses is UPSTREAM_ERROR, not the caller's error: %s",
  async (key, code) => {
    const issuer = await startIssuer();
    const { ask, log } = await startWithIssuer(issuer, { env: { ENVIAAI_API_KEY: key } });
    const { data, errors } = await ask(await issuer.mint());

    expect(data).toEqual({ instances: null });
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'UPSTREAM_ERROR', upstreamCode: code },
    ]);
    expect(errors?.[0]?.message).toContain('the API key of this server');
    expect(log.filter((line) => /"level":"warn".*server-key/.test(line))).toHaveLength(1);
  },
);

test("a caller's key that EnviaAI refuses is UNAUTHENTICATED", async () => {
  const server = await start();
  const { errors } = await server.query(list, {}, { authorization: 'Bearer invalid' });
  expect(errors?.[0]?.extensions).toEqual({
    code: 'UNAUTHENTICATED',
    upstreamCode: 'invalid_api_key',
  });
});

test("callers of one key share cached pages and can use each other's cursors", async () => {
  const issuer = await startIssuer();
  const { ask, calls } = await startWithIssuer(issuer);
  const first = await ask(
    await issuer.mint(),
    '{ instances(first: 1) { pageInfo { endCursor } } rateLimit { limit } }',
  );
  const { endCursor } = first.data.instances.pageInfo;
  const second = await ask(
    await issuer.mint({ claims: { sub: 'user-2' } }),
    `{ instances(first: 1, after: "${endCursor}") { nodes { id } } }`,
  );
  expect(first.data.rateLimit.limit).toBe(1000);
  expect(second.data.instances.nodes).toEqual([{ id: 'inst_def456' }]);
  expect(calls()).toHaveLength(1);
});

test('no part of a token, a key or a claim is in the log or in a response', async () => {
  const issuer = await startIssuer();
  const { ask, askWithoutToken, log } = await startWithIssuer(issuer, {
    env: { LOG_LEVEL: 'trace' },
  });
  const sub = 'ana@example.com';
  const tokens = [
    await issuer.mint({ claims: { sub } }),
    await issuer.mint({ claims: { sub, exp: 1 } }),
    await issuer.mint({ claims: { sub, aud: 'somebody-else' } }),
    await issuer.mint({ claims: { sub }, header: { kid: 'kid-of-another' } }),
    'not-a-token-at-all',
  ];
  const answers = [await askWithoutToken(list)];
  for (const token of tokens) answers.push(await ask(token));

  const said = log.join('') + answers.map(({ text }) => text).join('');
  for (const secret of [...tokens, sub, 'somebody-else', 'kid-of-another', 'sk_live_server']) {
    expect(said).not.toContain(secret);
  }
  for (const part of tokens.flatMap((token) => token.split('.'))) expect(said).not.toContain(part);
  // The log has the reason for which a token was rejected.
  expect(log.join('')).toContain('"reason":"ERR_JWT_EXPIRED","claim":"exp"');
});

test("GraphiQL is preset with the sandbox's key, else with a text to replace, never with ours", async () => {
  const page = async (env: Record<string, string>) => {
    const server = await start({ env: { ENVIAAI_BASE_URL: '', ...env } });
    const response = await fetch(server.url, { headers: { accept: 'text/html' } });
    const html = await response.text();
    expect(html).not.toContain('server-key');
    // The content of the headers editor, as JSON in JSON.
    return /\{\\n {2}\\"Authorization\\": \\"(.*?)\\"/.exec(html)?.[1];
  };
  const issuer = await startIssuer();
  const key = { ENVIAAI_API_KEY: 'server-key' };
  expect(await page({})).toBe('Bearer sandbox');
  expect(await page({ ENVIAAI_BASE_URL: 'http://127.0.0.1:1' })).toBe('Bearer <your EnviaAI key>');
  expect(await page({ ...issuer.env, ...key })).toBe('Bearer <your token>');
  expect(await page({ AUTH: 'none', ...key })).toBeUndefined();
});
