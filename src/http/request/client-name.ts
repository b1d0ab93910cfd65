import type { IncomingHttpHeaders } from 'node:http';
import { copyText } from '#src/domain/copies.ts';

/** The program that sent an operation, as it names itself. Nothing proves that it is true. */
export interface ClientName {
  /** Undefined: the client sends no name. */
  readonly client: string | undefined;
  /** Undefined: the client sends no version. */
  readonly clientVersion: string | undefined;
}

/** In characters. */
const maxLength = 64;

/** The name and version that GraphQL clients send: Apollo's clients, and those of GraphQL Hive. */
export const clientNameOf = (headers: IncomingHttpHeaders): ClientName => ({
  client: textOf(headers['apollographql-client-name']) ?? textOf(headers['graphql-client-name']),
  clientVersion:
    textOf(headers['apollographql-client-version']) ?? textOf(headers['graphql-client-version']),
});

/** Without control and invisible characters, which could forge lines on a terminal. */
function textOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const clean = String(header)
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  // A copy: the batches of the metrics outlive the header, of up to 16 KB.
  return clean === '' ? undefined : copyText(clean.slice(0, maxLength));
}
