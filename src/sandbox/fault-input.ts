import { type Fault, type FaultMode, faultModes } from './fault.ts';
import { BadInput, choiceIn, type InputFields, isFields, textIn, wholeNumberIn } from './input.ts';

export const faultFields = ['mode', 'status', 'code', 'retryAfter', 'delayMs', 'body', 'headers'];

export function faultIn(fields: InputFields): Fault {
  return {
    mode: modeIn(fields),
    delayMs: wholeNumberIn(fields, 'delayMs', { from: 0, to: 600_000, fallback: 0 }),
    headers: headersIn(fields),
    ...(has(fields, 'status') && {
      status: wholeNumberIn(fields, 'status', { from: 200, to: 599 }),
    }),
    ...(has(fields, 'code') && { code: textIn(fields, 'code') }),
    ...(has(fields, 'retryAfter') && { retryAfter: fields['retryAfter'] }),
    ...(has(fields, 'body') && { body: fields['body'] }),
  };
}

/** A delay alone makes a call slow; it does not fail. */
function modeIn(fields: InputFields): FaultMode {
  if (has(fields, 'mode')) return choiceIn(fields, 'mode', faultModes);
  const isRefusal = ['status', 'code', 'retryAfter', 'body'].some((name) => has(fields, name));
  return has(fields, 'delayMs') && !isRefusal ? 'slow' : 'status';
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

function has(fields: InputFields, name: string): boolean {
  return fields[name] !== undefined;
}
