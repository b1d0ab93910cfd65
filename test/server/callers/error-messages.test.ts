import { once } from 'node:events';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { startWithIssuer, startIssuer } from '#test/support/callers/issuer.ts';

const secret = 'sk_live_0123456789';

/** The errors for a request with these `Authorization` headers. */
async function errorsFor(server: { readonly url: string }, authorization: readonly string[]) {
  const outgoing = request(`${server.url}?query={instances{totalCount}}`, {
    headers: ['host', 'localhost', ...authorization.flatMap((value) => ['authorization', value])],
  });
  const [response] = await once(outgoing.end(), 'response');
  const { errors } = (await json(response)) as {
    errors: { message: string; extensions: object }[];
  };
  return errors.map(({ message, extensions }) => ({ message, ...extensions }));
}

const unauthenticated = (message: RegExp, facts = {}) => [
  { code: 'UNAUTHENTICATED', message: expect.stringMatching(message), ...facts },
];

const cannotBeRead = /^The Authorization header cannot be read\. Send one header: `Bearer`/;

test('the error for a missing key says how to send one', async () => {
  const server = await start();
  expect(await errorsFor(server, [])).toEqual(
    unauthenticated(
      /^The request has no API key\. Send an EnviaAI API key as `Authorization: Bearer <key>`\.$/,
    ),
  );
});

test.each([
  ['no scheme', [secret]],
  ['another scheme', [`Basic ${secret}`]],
  ['a space in the key', [`Bearer ${secret} x`]],
  ['nothing after the scheme', ['Bearer']],
  ['two headers', [`Bearer ${secret}`, `Bearer ${secret}`]],
])(
  'the error for %s says that the header cannot be read, without repeating it',
  async (_, headers) => {
    const server = await start();
    const keyless = await errorsFor(server, headers);
    expect(keyless).toEqual(unauthenticated(cannotBeRead));
    expect(JSON.stringify(keyless)).not.toContain(secret);

    const withTokens = await startWithIssuer(await startIssuer());
    expect(await errorsFor(withTokens, headers)).toEqual(keyless);
  },
);

test("the error for a key that EnviaAI refuses says so, without EnviaAI's message", async () => {
  const server = await start();
  const errors = await errorsFor(server, ['Bearer invalid']);
  expect(errors).toEqual(
    unauthenticated(/^EnviaAI refused this API key\./, { upstreamCode: 'invalid_api_key' }),
  );
  const answer = await fetch(`${server.sandbox.url}/instances`, {
    headers: { authorization: 'Bearer invalid' },
  });
  const { error } = (await answer.json()) as { error: { message: string } };
  expect(error.message).not.toBe('');
  expect(JSON.stringify(errors)).not.toContain(error.message);
});

test('with AUTH=jwt, a missing token and an invalid token have different errors', async () => {
  const server = await startWithIssuer(await startIssuer());
  expect(await errorsFor(server, [])).toEqual(
    unauthenticated(/^The request has no token\. Send a token as `Authorization: Bearer <JWT>`\.$/),
  );
  const refused = await errorsFor(server, [`Bearer ${secret}`]);
  expect(refused).toEqual(unauthenticated(/^The token is not accepted:/));
  expect(JSON.stringify(refused)).not.toContain(secret);
});
