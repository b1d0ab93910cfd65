import { once } from 'node:events';
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { start } from '#test/support/start.ts';
import { startFor, startIssuer } from '#test/support/callers/issuer.ts';

const secret = 'sk_live_0123456789';

/** What a caller is told that sends these headers, each of them by itself. */
async function toldTo(server: { readonly url: string }, authorization: readonly string[]) {
  const asked = request(`${server.url}?query={instances{totalCount}}`, {
    headers: ['host', 'localhost', ...authorization.flatMap((value) => ['authorization', value])],
  });
  const [response] = await once(asked.end(), 'response');
  const { errors } = (await json(response)) as {
    errors: { message: string; extensions: object }[];
  };
  return errors.map(({ message, extensions }) => ({ message, ...extensions }));
}

const unauthenticated = (message: RegExp, facts = {}) => [
  { code: 'UNAUTHENTICATED', message: expect.stringMatching(message), ...facts },
];

const cannotBeRead = /^The Authorization header cannot be read\. Send one header: `Bearer`/;

test('who sends no key is told how one is sent', async () => {
  const server = await start();
  expect(await toldTo(server, [])).toEqual(
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
])('who sends %s is told that it cannot be read, and not what it was', async (_, headers) => {
  const server = await start();
  const keyless = await toldTo(server, headers);
  expect(keyless).toEqual(unauthenticated(cannotBeRead));
  expect(JSON.stringify(keyless)).not.toContain(secret);

  const withTokens = await startFor(await startIssuer());
  expect(await toldTo(withTokens, headers)).toEqual(keyless);
});

test('who sends a key that EnviaAI refuses is told who refused it, in none of its words', async () => {
  const server = await start();
  const told = await toldTo(server, ['Bearer invalid']);
  expect(told).toEqual(
    unauthenticated(/^EnviaAI refused this API key\./, { upstreamCode: 'invalid_api_key' }),
  );
  const answer = await fetch(`${server.sandbox.url}/instances`, {
    headers: { authorization: 'Bearer invalid' },
  });
  const { error } = (await answer.json()) as { error: { message: string } };
  expect(error.message).not.toBe('');
  expect(JSON.stringify(told)).not.toContain(error.message);
});

test('where tokens are asked for, a missing one and one that is not accepted are told apart', async () => {
  const server = await startFor(await startIssuer());
  expect(await toldTo(server, [])).toEqual(
    unauthenticated(/^The request has no token\. Send a token as `Authorization: Bearer <JWT>`\.$/),
  );
  const refused = await toldTo(server, [`Bearer ${secret}`]);
  expect(refused).toEqual(unauthenticated(/^The token is not accepted:/));
  expect(JSON.stringify(refused)).not.toContain(secret);
});
