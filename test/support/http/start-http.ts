import { buildSchema } from 'graphql';
import { onTestFinished } from 'vitest';
import { systemClock } from '#src/domain/clock.ts';
import { Failure } from '#src/domain/failure.ts';
import { maskError } from '#src/graphql/errors.ts';
import { createCallers } from '#src/http/auth/callers.ts';
import { createHttpServer, type HttpOptions, type HttpParts } from '#src/http/server.ts';
import type { ContextRequest } from '#src/http/operation/operation-request.ts';
import type { OperationSummary } from '#src/http/operation/operation-summary.ts';

const schema = buildSchema(/* GraphQL */ `
  type Query {
    hello(name: String, times: Int): String
    must(id: ID!): String
    thing: Thing
    apiKey: String
    requestId: String
    noCache: Boolean
    fails: String
    wait: String
    _service: Service!
  }
  type Mutation {
    write: String
  }
  type Thing {
    name: String
    self: Thing
  }
  type Service {
    sdl: String
  }
`);

/** The context of the resolvers: the request, and a promise that a test resolves. */
interface Context {
  readonly request: ContextRequest;
  readonly gate: Promise<string>;
}

const thing: object = { name: 'a thing', self: () => thing };
const root: Record<string, unknown> = {
  hello: ({ name = 'you' }: { name?: string }) => `hello ${name}`,
  must: ({ id }: { id: string }) => id,
  thing,
  apiKey: (_: unknown, { request }: Context) =>
    request.admission instanceof Failure ? null : request.admission.apiKey,
  requestId: (_: unknown, { request }: Context) => request.requestId,
  noCache: (_: unknown, { request }: Context) => request.noCache,
  fails: () => {
    throw new Error('an internal secret');
  },
  wait: async (_: unknown, { request, gate }: Context) => {
    const signal = request.signal();
    const aborted = new Promise<string>((resolve) => {
      signal.addEventListener('abort', () => resolve(String(signal.reason.name)));
    });
    return Promise.race([gate, aborted]);
  },
  _service: { sdl: 'type Query' },
  write: () => 'written',
};
for (const type of [schema.getQueryType(), schema.getMutationType()]) {
  for (const field of Object.values(type?.getFields() ?? {})) {
    field.resolve = (_, args, context: Context) => {
      const value = root[field.name];
      return typeof value === 'function' ? value(args, context) : value;
    };
  }
}

export const defaults: HttpOptions = {
  production: false,
  limits: {
    bodyBytes: 10_000,
    tokens: 1000,
    depth: 15,
    aliases: 100,
    directives: 50,
    ids: 1000,
    fields: 25_000,
  },
  cors: { kind: 'localhost' },
  graphiql: true,
  introspection: true,
  requestTimeoutMs: 10_000,
  graphiqlKey: { authorization: null, keyHint: null },
  isOpen: false,
  listen: { host: '127.0.0.1' },
  pathPrefix: '',
  allowedHosts: [],
};

interface StartHttpOptions extends Partial<Omit<HttpParts<Context>, 'options'>> {
  readonly options?: Partial<HttpOptions>;
  readonly gate?: Promise<string>;
  readonly anonymousKey?: string | null;
}

/** The HTTP layer over a small schema, on a free port. It is closed at the end of the test. */
export async function startHttp({
  options,
  gate = Promise.resolve('opened'),
  anonymousKey = null,
  ...parts
}: StartHttpOptions = {}) {
  const finished: OperationSummary[] = [];
  const logged: unknown[] = [];
  const write = (level: string) => (facts: object, message: string) => {
    logged.push({ level, ...facts, message });
  };
  const log = { debug: write('debug'), warn: write('warn'), error: write('error') };
  const callers = createCallers({
    auth: { kind: 'passthrough' },
    mutations: true,
    anonymousKey,
    trustProxy: 0,
    limit: { count: async () => {} },
    requestTimeoutMs: 10_000,
    log,
    clock: systemClock,
  });
  const http = createHttpServer<Context>({
    version: '0.0.0',
    schema,
    contextOf: (request) => ({ request, gate }),
    maskError,
    log,
    callers,
    costOf: () => ({
      calls: 1,
      asOf: null,
      stale: false,
      remaining: null,
      saved: { memory: 0, replica: 0, narrowed: 0 },
    }),
    onFinished: (operation) => finished.push(operation),
    reachability: () => 'reachable',
    live: {
      limits: { pollMs: 0, maxStreams: 1, streamsPerCaller: 1, lifetimeMs: 60_000 },
      assertMayRun: () => {},
      clock: systemClock,
      random: Math.random,
      events: { onEvent: () => {}, onEnd: () => {} },
    },
    ...parts,
    options: { ...defaults, ...options },
  });
  const { url, port } = await http.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => http.close(0));

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  /** Posts a document, and parses the response. */
  const send = async (query: string, variables?: object) => {
    const response = await post({ query, variables });
    const { errors, data } = (await response.json()) as {
      errors?: { message: string; extensions: Record<string, unknown> }[];
      data?: unknown;
    };
    return { status: response.status, errors, data };
  };
  const origin = new URL(url).origin;
  return { ...http, url, origin, port, post, send, finished, logged };
}
