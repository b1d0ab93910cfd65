import type { SandboxTenants } from '#src/sandbox/account/tenants.ts';
import type { Controls } from './control.ts';
import {
  BadInput,
  booleanIn,
  choiceIn,
  fieldsOf,
  isGiven,
  keyIn,
  noInstance,
  textIn,
  wholeNumberIn,
} from './input.ts';
import { keyState } from './key-state.ts';

const ends = ['code', 'attempt'] as const;

/** The controls of the connections of instances to WhatsApp. */
export function lineControls(tenants: SandboxTenants): Pick<Controls, 'scan' | 'qr' | 'official'> {
  return {
    scan(input) {
      const fields = fieldsOf(input, ['key', 'id', 'phone', 'profileName']);
      const key = keyIn(fields);
      const id = textIn(fields, 'id');
      const given = {
        ...(isGiven(fields, 'phone') && { phone: textIn(fields, 'phone') }),
        ...(isGiven(fields, 'profileName') && { profileName: textIn(fields, 'profileName') }),
      };
      const { account, lines } = tenants.of(key);
      const row = account.find(id);
      if (!row) throw noInstance(id);
      // A generated row with one of these statuses has no attempt; it can be scanned as well.
      if (row.status !== 'connecting' && row.status !== 'qr_pending') {
        throw new BadInput(`There is no code to scan: "${id}" is ${String(row.status)}.`);
      }
      return { instance: lines.connect(id, given), ...keyState(tenants, key) };
    },
    qr(input) {
      const fields = fieldsOf(input, ['key', 'id', 'expire', 'firstMs', 'nextMs', 'codes']);
      const key = keyIn(fields);
      const { lines } = tenants.of(key);
      const { firstMs, nextMs, codes } = lines.lifetimes;
      const lifetimes = {
        firstMs: wholeNumberIn(fields, 'firstMs', { from: 1, to: 3_600_000, fallback: firstMs }),
        nextMs: wholeNumberIn(fields, 'nextMs', { from: 1, to: 3_600_000, fallback: nextMs }),
        codes: wholeNumberIn(fields, 'codes', { from: 1, to: 1000, fallback: codes }),
      };
      const end = isGiven(fields, 'expire') ? choiceIn(fields, 'expire', ends) : undefined;
      if ((end === undefined) === isGiven(fields, 'id')) {
        throw new BadInput('Pass id and expire together, or neither.');
      }
      lines.lifetimes = lifetimes;
      if (end && !lines.expire(textIn(fields, 'id'), end)) {
        throw new BadInput(`"${textIn(fields, 'id')}" has no code: no attempt runs.`);
      }
      return { ...keyState(tenants, key), ...lifetimes };
    },
    official(input) {
      const fields = fieldsOf(input, ['key', 'id', 'on']);
      const key = keyIn(fields);
      const id = textIn(fields, 'id');
      const on = booleanIn(fields, 'on');
      const { account, lines } = tenants.of(key);
      if (!account.find(id)) throw noInstance(id);
      if (on) lines.official.add(id);
      else lines.official.delete(id);
      return keyState(tenants, key);
    },
  };
}
