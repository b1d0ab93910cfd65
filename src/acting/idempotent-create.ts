import { hash } from 'node:crypto';
import { Failure } from '#src/domain/failure.ts';
import type { InstanceFields } from '#src/domain/instance-fields.ts';
import type { NewInstance } from '#src/domain/instance-input.ts';
import type { ActionRecords } from '#src/store/action-records.ts';
import type { SendWrite, WriteRequest } from './send-write.ts';

/** How long the outcome of a key is remembered, in milliseconds. */
const keptMs = 24 * 3_600_000;

export interface CreatedInstance {
  readonly id: string;
  /** What EnviaAI's response says of it; null: an earlier call created it. */
  readonly fields: InstanceFields | null;
}

/**
 * Creates an instance once for each key: a call with the same key and the same input gets the
 * outcome of the first, `outcome-unknown` included. A certain failure frees the key.
 */
export function createIdempotentCreate(parts: {
  readonly sendWrite: Pick<SendWrite, 'create'>;
  readonly actions: ActionRecords;
}) {
  const { sendWrite, actions } = parts;

  const create = async (request: WriteRequest, input: NewInstance): Promise<CreatedInstance> => {
    const { key, instance } = await sendWrite.create(request, input);
    return { id: key, fields: instance };
  };

  return async (
    request: WriteRequest,
    input: NewInstance,
    key: string | null,
  ): Promise<CreatedInstance> => {
    if (key === null) return create(request, input);
    const { tenant, signal } = request;
    const digest = digestOf(input);
    // A hash: the key is text of the client, of any length and form.
    const name = `create:${hash('sha256', key)}`;
    const record = await actions.begin(tenant, name, { lostMs: keptMs, signal });
    if (record.kind === 'lost') throw outcomeUnknown();
    if (record.kind === 'finished') return createdEarlier(record.outcome, digest);
    try {
      const created = await create(request, input);
      await record.finish(JSON.stringify({ digest, id: created.id }), keptMs);
      return created;
    } catch (failure) {
      const isCertain = failure instanceof Failure && failure.kind !== 'outcome-unknown';
      if (isCertain) await record.undo();
      else await record.finish(JSON.stringify({ digest, id: null }), keptMs);
      throw failure;
    }
  };
}

function createdEarlier(outcome: string, digest: string): CreatedInstance {
  const { digest: earlier, id } = recordOf(outcome);
  if (earlier !== digest) {
    throw new Failure(
      'bad-input',
      '`idempotencyKey` was used with another input before. Use a new key for another instance.',
      { argument: 'input.idempotencyKey' },
    );
  }
  if (id === null) throw outcomeUnknown();
  return { id, fields: null };
}

function recordOf(outcome: string): { readonly digest: string; readonly id: string | null } {
  const record: unknown = JSON.parse(outcome);
  const fields = new Map<string, unknown>(Object.entries(Object(record)));
  const [digest, id] = [fields.get('digest'), fields.get('id')];
  return { digest: String(digest), id: typeof id === 'string' ? id : null };
}

const outcomeUnknown = () =>
  new Failure('outcome-unknown', 'It is not known whether the instance was created');

/** Of the fields by their values; the order and absent fields do not matter. */
function digestOf({ name, webhookUrl, webhookEvents, settings }: NewInstance): string {
  const { autoRead, autoTyping } = settings ?? {};
  const values = [name, webhookUrl, webhookEvents, autoRead, autoTyping];
  return hash('sha256', JSON.stringify(values.map((value) => value ?? null)));
}
