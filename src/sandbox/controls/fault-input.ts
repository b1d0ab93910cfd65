import { type Fault, type FaultMode, faultModes, faultTargets } from '#src/sandbox/wire/fault.ts';
import {
  BadInput,
  booleanIn,
  choiceIn,
  type InputFields,
  isFields,
  isGiven,
  textIn,
  wholeNumberIn,
} from './input.ts';

export const faultFields = [
  'mode',
  'status',
  'code',
  'retryAfter',
  'delayMs',
  'body',
  'headers',
  'on',
  'performed',
];

/** These need the normal response, so a write is always performed. */
const performing: readonly FaultMode[] = ['slow', 'lost', 'truncate', 'invalid-json'];

export function faultIn(fields: InputFields): Fault {
  const mode = modeIn(fields);
  const performed = isGiven(fields, 'performed') && booleanIn(fields, 'performed');
  if (isGiven(fields, 'performed') && !performed && performing.includes(mode)) {
    throw new BadInput(`A write is always performed with the modes ${performing.join(', ')}.`);
  }
  return {
    mode,
    performed,
    on: isGiven(fields, 'on') ? choiceIn(fields, 'on', faultTargets) : 'any',
    delayMs: wholeNumberIn(fields, 'delayMs', { from: 0, to: 600_000, fallback: 0 }),
    headers: headersIn(fields),
    ...(isGiven(fields, 'status') && {
      status: wholeNumberIn(fields, 'status', { from: 200, to: 599 }),
    }),
    ...(isGiven(fields, 'code') && { code: textIn(fields, 'code') }),
    ...(isGiven(fields, 'retryAfter') && { retryAfter: fields['retryAfter'] }),
    ...(isGiven(fields, 'body') && { body: fields['body'] }),
  };
}

/** A delay alone makes a call slow; it does not fail. */
function modeIn(fields: InputFields): FaultMode {
  if (isGiven(fields, 'mode')) return choiceIn(fields, 'mode', faultModes);
  const isRefusal = ['status', 'code', 'retryAfter', 'body'].some((name) => isGiven(fields, name));
  return isGiven(fields, 'delayMs') && !isRefusal ? 'slow' : 'status';
}

function headersIn(fields: InputFields): Readonly<Record<string, string>> {
  const given = fields['headers'] ?? {};
  const problem =
    'headers must be an object with header names and values of printable ASCII characters.';
  if (!isFields(given)) throw new BadInput(problem);
  const entries = Object.entries(given).map(([name, value]): [string, string] => {
    const isValid = /^[\w-]+$/.test(name) && typeof value === 'string' && /^[ -~]*$/.test(value);
    if (!isValid) throw new BadInput(problem);
    return [name.toLowerCase(), value];
  });
  return Object.fromEntries(entries);
}
