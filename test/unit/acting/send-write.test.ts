import { describe, expect, test } from 'vitest';
import { createSendWrite, type SendWrite } from '#src/acting/send-write.ts';
import type { Write } from '#src/domain/write.ts';
import type { CallReport } from '#src/enviaai/client/instances.ts';
import { dispatchWithServerKeyErrors } from '#src/reading/upstream/server-key-errors.ts';
import { failureOf } from '#test/support/enviaai/adapter.ts';
import { adaptTo } from '#test/support/enviaai/write-calls.ts';
import { createDispatcher } from '#test/support/reading/dispatcher.ts';

const instance = { id: 'inst_1', name: 'Sales', status: 'disconnected' };

/** Writes to an upstream that gives every call this answer. */
async function setUp(
  status: number,
  body: unknown,
  { ratePerMinute = 50, serverKey = false } = {},
) {
  const { dispatch, budget, clock, dropped } = createDispatcher(ratePerMinute);
  const reports: CallReport[] = [];
  const adapter = await adaptTo(status, body, {
    onCall(report) {
      reports.push(report);
      void budget.learn(report.caller.tenant, report);
    },
  });
  const notices: [tenant: string, write: Write][] = [];
  const events: string[] = [];
  const writes = createSendWrite({
    dispatch: serverKey ? dispatchWithServerKeyErrors(dispatch) : dispatch,
    enviaai: adapter.enviaai,
    clock,
    async onWritten(...notice) {
      events.push('notice begins');
      await new Promise((resolve) => setImmediate(resolve));
      notices.push(notice);
      events.push('notice ends');
    },
  });
  const request = {
    tenant: 'tenant',
    apiKey: 'key',
    requestId: 'req-1',
    signal: new AbortController().signal,
    sent: () => events.push('sent'),
  };
  return { ...adapter, reports, writes, notices, events, request, clock, dropped };
}

type Ready = Awaited<ReturnType<typeof setUp>>;

const sends = {
  create: ({ writes, request }: Ready) => writes.create(request, { name: 'Sales' }),
  update: ({ writes, request }: Ready) => writes.update(request, 'inst_1', { name: 'Sales' }),
  connect: ({ writes, request }: Ready) => writes.connect(request, 'inst_1'),
  disconnect: ({ writes, request }: Ready) => writes.disconnect(request, 'inst_1'),
} satisfies Record<keyof SendWrite, (ready: Ready) => Promise<unknown>>;

const kinds = ['create', 'update', 'connect', 'disconnect'] as const;

describe('what is noted of a write that is done', () => {
  const disconnected = { status: 'disconnected' };
  const status = { kind: 'status', id: 'inst_1', fields: disconnected, tookMs: 0 };

  test.each([
    ['create', { kind: 'create', row: { key: 'inst_1', instance: { ...instance, phone: null } } }],
    ['update', { kind: 'update', id: 'inst_1', fields: { name: 'Sales' } }],
    ['connect', status],
    ['disconnect', status],
  ] as const)('%s: what the response says, before its result is returned', async (kind, write) => {
    const ready = await setUp(200, { success: true, data: instance });
    await sends[kind](ready);
    expect(ready.events).toEqual(['sent', 'notice begins', 'notice ends']);
    expect(ready.notices).toMatchObject([['tenant', write]]);
    expect(ready.upstream.calls).toHaveLength(1);
    expect(ready.reports).toMatchObject([{ kind, caller: { ticket: expect.any(String) } }]);
  });

  test.each([
    ['update', '<html>', { kind: 'update', id: 'inst_1', fields: null, tookMs: 0 }],
    [
      'connect',
      { status: 'new', qrCode: 'data:image/png;base64,AAAA' },
      { kind: 'status', id: 'inst_1', fields: null, tookMs: 0 },
    ],
    ['disconnect', '<html>', status],
  ] as const)('%s with a response that says nothing', async (kind, body, write) => {
    const ready = await setUp(200, body);
    await sends[kind](ready);
    expect(ready.notices).toEqual([['tenant', write]]);
  });

  test('connecting a line that is connected notes that', async () => {
    const ready = await setUp(409, { success: false, error: { code: 'already_connected' } });
    await sends.connect(ready);
    expect(ready.notices).toMatchObject([['tenant', { fields: { status: 'connected' } }]]);
  });
});

const unknowns = {
  create: { kind: 'create', row: null },
  update: { kind: 'update', id: 'inst_1', fields: null, tookMs: 0 },
  connect: { kind: 'status', id: 'inst_1', fields: null, tookMs: 0 },
  disconnect: { kind: 'status', id: 'inst_1', fields: null, tookMs: 0 },
};

describe.each(kinds)('%s', (kind) => {
  test('of unknown outcome is noted before it fails', async () => {
    const ready = await setUp(504, '');
    expect(await failureOf(sends[kind](ready))).toMatchObject({ kind: 'outcome-unknown' });
    expect(ready.events).toEqual(['sent', 'notice begins', 'notice ends']);
    expect(ready.notices).toEqual([['tenant', unknowns[kind]]]);
    expect(ready.upstream.calls).toHaveLength(1);
  });

  test.each([400, 404, 409, 429])('that is refused with %i is not noted', async (status) => {
    const ready = await setUp(status, { success: false, error: { code: 'some_reason' } });
    await failureOf(sends[kind](ready));
    expect(ready.notices).toEqual([]);
    expect(ready.events).toEqual(['sent']);
  });

  test('without budget is neither sent nor noted', async () => {
    const ready = await setUp(200, { success: true, data: instance }, { ratePerMinute: 1 });
    await sends[kind](ready);
    expect(await failureOf(sends[kind](ready))).toMatchObject({ kind: 'rate-limited' });
    expect(ready.notices).toHaveLength(1);
    expect(ready.upstream.calls).toHaveLength(1);
  });

  test.each([
    [401, 'invalid_api_key'],
    [403, 'insufficient_permissions'],
  ])(
    'with the server’s key that is refused with %i is the operator’s fault',
    async (status, code) => {
      const ready = await setUp(status, { error: { code } }, { serverKey: true });
      expect(await failureOf(sends[kind](ready))).toMatchObject({ kind: 'server-key' });
      expect(ready.dropped).toEqual(status === 401 ? ['tenant'] : []);
    },
  );
});
