import type { SandboxTenants } from '#src/sandbox/account/tenants.ts';
import { statuses } from '#src/sandbox/account/vendor-row.ts';
import type { Controls } from './control.ts';
import {
  BadInput,
  booleanIn,
  choiceIn,
  fieldsOf,
  isFields,
  isGiven,
  keyIn,
  noInstance,
  textIn,
  textsIn,
  wholeNumberIn,
} from './input.ts';
import { keyState } from './key-state.ts';

type AccountControls = Pick<
  Controls,
  'status' | 'add' | 'remove' | 'stir' | 'flap' | 'lag' | 'reset'
>;

/** The controls of an account's rows. */
export function accountControls(tenants: SandboxTenants): AccountControls {
  return {
    status(input) {
      const fields = fieldsOf(input, ['key', 'id', 'status']);
      const key = keyIn(fields);
      const id = textIn(fields, 'id');
      const status = choiceIn(fields, 'status', statuses);
      const { account, lines } = tenants.of(key);
      if (!account.find(id)) throw noInstance(id);
      return { instance: lines.setStatus(id, status), ...keyState(tenants, key) };
    },
    add(input) {
      const fields = fieldsOf(input, ['key', 'count', 'instance', 'omit', 'at']);
      const key = keyIn(fields);
      const { account } = tenants.of(key);
      const end = account.rows().length;
      const instance = fields['instance'] ?? {};
      if (!isFields(instance)) throw new BadInput('instance must be an object.');
      const count = wholeNumberIn(fields, 'count', { from: 1, to: 10_000, fallback: 1 });
      const at = wholeNumberIn(fields, 'at', { from: 0, to: end, fallback: end });
      const added = account.add(count, at, instance, textsIn(fields, 'omit'));
      return { ...keyState(tenants, key), added };
    },
    remove(input) {
      const fields = fieldsOf(input, ['key', 'id', 'ids']);
      const key = keyIn(fields);
      const removed = 'ids' in fields ? textsIn(fields, 'ids') : [textIn(fields, 'id')];
      const { account, lines } = tenants.of(key);
      const absent = removed.find((id) => !account.find(id));
      if (absent !== undefined) throw noInstance(absent);
      account.remove(new Set(removed));
      for (const id of removed) lines.forget(id);
      return { ...keyState(tenants, key), removed };
    },
    stir(input) {
      const fields = fieldsOf(input, ['key', 'on']);
      const key = keyIn(fields);
      tenants.of(key).stir.on = booleanIn(fields, 'on');
      return keyState(tenants, key);
    },
    flap(input) {
      const fields = fieldsOf(input, ['key', 'on', 'everyMs']);
      const key = keyIn(fields);
      const on = booleanIn(fields, 'on');
      const everyMs = isGiven(fields, 'everyMs')
        ? wholeNumberIn(fields, 'everyMs', { from: 1, to: 3_600_000 })
        : null;
      const tenant = tenants.of(key);
      tenant.flap.set(on, everyMs);
      tenant.setAlarm();
      return keyState(tenants, key);
    },
    lag(input) {
      const fields = fieldsOf(input, ['key', 'ms']);
      const key = keyIn(fields);
      tenants.of(key).account.setLag(wholeNumberIn(fields, 'ms', { from: 0, to: 600_000 }));
      return keyState(tenants, key);
    },
    reset(input) {
      const key = keyIn(fieldsOf(input, ['key']));
      tenants.remove(key);
      return keyState(tenants, key);
    },
  };
}
