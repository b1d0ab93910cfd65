import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { hexIn, type Message, messageOf, messagesIn, numberIn, textIn } from './protobuf.ts';

/** The fields of opentelemetry.proto.trace.v1.Span that the tests read. */
export interface CollectedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty: the span has no parent. */
  readonly parentId: string;
  readonly kind: 'internal' | 'server' | 'client' | undefined;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly failed: boolean;
}

export interface Collector {
  readonly endpoint: string;
  /** The bodies of all requests. */
  readonly bodies: readonly Buffer[];
  /** The `Authorization` headers of all requests. */
  readonly authorizations: readonly (string | undefined)[];
  readonly spans: () => CollectedSpan[];
  /** The attributes of the resource of the spans. */
  readonly resource: () => CollectedSpan['attributes'];
}

/** Starts an OpenTelemetry collector on a free port. It accepts OTLP over HTTP, or hangs. */
export async function startCollector(hangs = false): Promise<Collector> {
  const bodies: Buffer[] = [];
  const authorizations: (string | undefined)[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    authorizations.push(request.headers.authorization);
    const body = await buffer(request);
    if (request.url === '/v1/traces') bodies.push(body);
    if (!hangs) response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const resources = () => bodies.flatMap((body) => messagesIn(messageOf(body), 1));
  return {
    endpoint: `http://127.0.0.1:${port}`,
    bodies,
    authorizations,
    spans: () =>
      resources()
        .flatMap((resource) => messagesIn(resource, 2))
        .flatMap((scope) => messagesIn(scope, 2))
        .map(spanOf),
    resource: () => attributesOf(resources().flatMap((each) => messagesIn(each, 1))[0]!, 1),
  };
}

const kinds: readonly CollectedSpan['kind'][] = [undefined, 'internal', 'server', 'client'];

function spanOf(span: Message): CollectedSpan {
  return {
    traceId: hexIn(span, 1),
    spanId: hexIn(span, 2),
    parentId: hexIn(span, 4),
    name: textIn(span, 5),
    kind: kinds[numberIn(span, 6)],
    attributes: attributesOf(span, 9),
    failed: messagesIn(span, 15).some((status) => numberIn(status, 3) === 2),
  };
}

function attributesOf(message: Message, field: number): CollectedSpan['attributes'] {
  return Object.fromEntries(
    messagesIn(message, field).map((pair) => {
      const [value = messageOf(Buffer.alloc(0))] = messagesIn(pair, 2);
      return [textIn(pair, 1), value.has(1) ? textIn(value, 1) : numberIn(value, 3)];
    }),
  );
}
