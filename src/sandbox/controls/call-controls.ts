import type { Behaviour } from '#src/sandbox/account/behaviour.ts';
import type { SandboxTenants } from '#src/sandbox/account/tenants.ts';
import type { Controls } from './control.ts';
import { faultFields, faultIn } from './fault-input.ts';
import {
  BadInput,
  booleanIn,
  choiceIn,
  fieldsOf,
  type InputFields,
  isGiven,
  keyIn,
  wholeNumberIn,
} from './input.ts';
import { keyState } from './key-state.ts';

type CallControls = Pick<Controls, 'spend' | 'fail' | 'behave' | 'calls' | 'writes'>;

/** The controls of how calls are answered, and the records of calls. */
export function callControls(tenants: SandboxTenants): CallControls {
  return {
    spend(input) {
      const fields = fieldsOf(input, ['key', 'remaining', 'requests']);
      const key = keyIn(fields);
      const { window } = tenants.of(key);
      const { limit, remaining } = window.budget();
      if ('remaining' in fields === 'requests' in fields) {
        throw new BadInput(
          'Pass either remaining (requests left) or requests (requests to spend).',
        );
      }
      const requests =
        'remaining' in fields
          ? wholeNumberIn(fields, 'remaining', { from: 0, to: limit })
          : remaining - wholeNumberIn(fields, 'requests', { from: 0, to: remaining });
      window.setRemaining(requests);
      return keyState(tenants, key);
    },
    fail(input) {
      const fields = fieldsOf(input, ['key', 'times', ...faultFields]);
      const key = keyIn(fields);
      const times = wholeNumberIn(fields, 'times', { from: 0, to: 10_000, fallback: 1 });
      const fault = faultIn(fields);
      const { faults } = tenants.of(key);
      if (times === 0) faults.length = 0;
      for (let index = 0; index < times; index += 1) faults.push(fault);
      return keyState(tenants, key);
    },
    behave(input) {
      const tenantFields = fieldsOf(input, ['key', ...behaviourNames]);
      const key = keyIn(tenantFields);
      const tenant = tenants.of(key);
      tenant.behaviour = behaviourIn(tenantFields, tenant.behaviour);
      return { ...keyState(tenants, key), behaviour: tenant.behaviour };
    },
    calls(input) {
      const key = keyIn(fieldsOf(input, ['key']));
      return { key, calls: [...tenants.of(key).calls] };
    },
    writes(input) {
      const key = keyIn(fieldsOf(input, ['key']));
      return { key, writes: [...tenants.of(key).writes] };
    },
  };
}

const pending = ['connecting', 'qr_pending'] as const;

const behaviourNames = [
  'mergeSettings',
  'qrEndpointStarts',
  'connectWhenPending',
  'disconnectWhenPending',
  'pendingInList',
  'pendingInStatus',
  'qrWhenConnected',
  'connectingIncludesQrPending',
  'idLags',
];

function behaviourIn(fields: InputFields, before: Behaviour): Behaviour {
  const flag = (name: string, fallback: boolean) =>
    isGiven(fields, name) ? booleanIn(fields, name) : fallback;
  const choice = <T extends string>(name: string, choices: readonly T[], fallback: T) =>
    isGiven(fields, name) ? choiceIn(fields, name, choices) : fallback;
  return {
    mergeSettings: flag('mergeSettings', before.mergeSettings),
    qrEndpointStarts: flag('qrEndpointStarts', before.qrEndpointStarts),
    connectWhenPending: choice('connectWhenPending', ['same', 'new'], before.connectWhenPending),
    disconnectWhenPending: choice(
      'disconnectWhenPending',
      ['cancels', 'fails'],
      before.disconnectWhenPending,
    ),
    pendingInList: choice('pendingInList', pending, before.pendingInList),
    pendingInStatus: choice('pendingInStatus', pending, before.pendingInStatus),
    qrWhenConnected: choice('qrWhenConnected', ['fails', 'null'], before.qrWhenConnected),
    connectingIncludesQrPending: flag(
      'connectingIncludesQrPending',
      before.connectingIncludesQrPending,
    ),
    idLags: flag('idLags', before.idLags),
  };
}
