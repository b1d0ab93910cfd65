import type { Auth } from '#src/config/auth.ts';
import type { GraphiQLOptions } from '#src/http/routes/graphiql-page.ts';

/** What GraphiQL sends as `Authorization` at first, and how a visitor learns to replace it. */
export function graphiqlKeyOf({ kind }: Auth, anonymousKey: string | null): GraphiQLOptions {
  if (kind === 'none') return { authorization: null, keyHint: null };
  const [text, noun] =
    kind === 'jwt' ? ['your token', 'token'] : ['your EnviaAI key', 'EnviaAI key'];
  return {
    authorization: `Bearer ${anonymousKey ?? `<${text}>`}`,
    keyHint:
      `This server needs a valid ${noun}. Write it under "Headers", below the query, as ` +
      `{ "Authorization": "Bearer <${text}>" }, and run the query again.`,
  };
}
