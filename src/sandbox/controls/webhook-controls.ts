import type { SandboxTenants } from '#src/sandbox/account/tenants.ts';
import { documentedRetriesMs } from '#src/sandbox/webhook/webhook.ts';
import type { Controls } from './control.ts';
import {
  BadInput,
  booleanIn,
  fieldsOf,
  type InputFields,
  isGiven,
  keyIn,
  textIn,
  wholeNumberIn,
} from './input.ts';
import { keyState } from './key-state.ts';

const settingNames = ['secret', 'drop', 'repeat', 'reorder', 'delayMs', 'retriesMs'];
const dayMs = 86_400_000;

export function webhookControls(tenants: SandboxTenants): Pick<Controls, 'webhook' | 'deliveries'> {
  return {
    webhook(input) {
      const fields = fieldsOf(input, ['key', 'url', ...settingNames]);
      const key = keyIn(fields);
      const tenant = tenants.of(key);
      const count = (name: string, to: number) =>
        wholeNumberIn(fields, name, { from: 0, to, fallback: 0 });
      tenant.webhook.set(
        fields['url'] === null
          ? null
          : {
              url: loopbackUrlIn(fields),
              secret: isGiven(fields, 'secret') ? textIn(fields, 'secret') : 'secret',
              drop: count('drop', 10_000),
              repeat: count('repeat', 100),
              reorder: isGiven(fields, 'reorder') && booleanIn(fields, 'reorder'),
              delayMs: count('delayMs', dayMs),
              retriesMs: retriesIn(fields),
            },
      );
      tenant.setAlarm();
      return keyState(tenants, key);
    },
    deliveries(input) {
      const key = keyIn(fieldsOf(input, ['key']));
      return { key, deliveries: [...tenants.of(key).webhook.deliveries] };
    },
  };
}

/** The sandbox calls no other machine. */
function loopbackUrlIn(fields: InputFields): string {
  const url = URL.parse(textIn(fields, 'url'));
  const isLoopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url?.hostname ?? '');
  if (url?.protocol === 'http:' && isLoopback) return url.href;
  throw new BadInput('url must be an http URL on this machine (localhost, 127.0.0.1), or null.');
}

function retriesIn(fields: InputFields): readonly number[] {
  const value = fields['retriesMs'] ?? documentedRetriesMs;
  const isWait = (item: unknown): item is number =>
    typeof item === 'number' && Number.isInteger(item) && item >= 0 && item <= dayMs;
  if (Array.isArray(value) && value.length <= 100 && value.every(isWait)) return value;
  throw new BadInput(`retriesMs must be a list of at most 100 numbers from 0 to ${dayMs}.`);
}
