import { expect, test } from 'vitest';
import type { Span, SpanEnd } from '#src/domain/span.ts';
import { caller } from '#test/support/enviaai/adapter.ts';
import { adaptTo } from '#test/support/enviaai/write-calls.ts';

test('the span of each call has its method and route, and no id', async () => {
  const spans: unknown[] = [];
  const parent: Span = {
    traceId: 'trace',
    traceparent: 'parent',
    begin: (name) => ({
      ...parent,
      end: ({ attributes, failed }: SpanEnd) => {
        const method = attributes?.['http.request.method'];
        spans.push([name, method, attributes?.['enviaai.call.kind'], failed]);
      },
    }),
    end: () => {},
  };
  const { enviaai } = await adaptTo(200, {
    data: { id: 'inst_1', name: 'Sales', status: 'connecting' },
  });
  const by = { ...caller, span: parent };
  await enviaai.get(by, 'inst_1');
  await enviaai.create(by, { name: 'Sales' });
  await enviaai.update(by, 'inst_1', { name: 'Sales' });
  await enviaai.connect(by, 'inst_1');
  await enviaai.disconnect(by, 'inst_1');
  await enviaai.status(by, 'inst_1');
  await enviaai.qrCode(by, 'inst_1');
  expect(spans).toEqual([
    ['GET /instances/{id}', 'GET', 'get', false],
    ['POST /instances', 'POST', 'create', false],
    ['PATCH /instances/{id}', 'PATCH', 'update', false],
    ['POST /instances/{id}/connect', 'POST', 'connect', false],
    ['POST /instances/{id}/disconnect', 'POST', 'disconnect', false],
    ['GET /instances/{id}/status', 'GET', 'status', false],
    ['GET /instances/{id}/qrcode', 'GET', 'qrcode', false],
  ]);
});
