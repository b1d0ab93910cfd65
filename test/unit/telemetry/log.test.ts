import { expect, test } from 'vitest';
import { createLog } from '#src/telemetry/log.ts';

async function logTo(level: string) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { log: await createLog({ level, pretty: false, destination }), lines };
}

test('a log line is JSON with level, time, message and fields', async () => {
  const { log, lines } = await logTo('info');
  log.info({ calls: 1 }, 'operation');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), calls: 1, msg: 'operation' },
  ]);
});

test('lines below the log level are left out', async () => {
  const { log, lines } = await logTo('warn');
  log.info('not this');
  log.warn('but this');
  expect(lines).toHaveLength(1);
});

test('secret fields are redacted', async () => {
  const { log, lines } = await logTo('info');
  log.info({
    apiKey: 'sk_live_1',
    request: { headers: { authorization: 'Bearer sk_live_1', Authorization: 'sk_live_1' } },
    caller: { key: 'sk_live_1', variables: { id: 'sk_live_1' } },
  });
  expect(lines.join()).not.toContain('sk_live_1');
});

const operation = {
  requestId: 'r"1',
  caller: null,
  operation: 'List',
  type: 'query',
  durationMs: 1.5,
  calls: null,
  code: null,
  status: 200,
};

test('the line of an operation has the fields of an operation, and no others', async () => {
  const { log, lines } = await logTo('info');
  log.operation(Object.assign({ key: 'sk_live_1', query: '{ x }', note: 'sk_live_1' }, operation));
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      ...operation,
      msg: 'operation',
    },
  ]);
  expect(lines[0]?.endsWith('}\n')).toBe(true);
});

test.each(['warn', 'silent'])('at level %s, operations are not logged', async (level) => {
  const { log, lines } = await logTo(level);
  log.operation(operation);
  expect(lines).toEqual([]);
});
