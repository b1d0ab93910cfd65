/** The input of a control is invalid. The message says what is allowed. */
export class BadInput extends Error {
  override readonly name = 'BadInput';
}

export type InputFields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is InputFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The fields of the input. Throws for a field that is not allowed. */
export function fieldsOf(input: unknown, allowed: readonly string[]): InputFields {
  const fields = input ?? {};
  if (!isFields(fields)) throw new BadInput('The body must be a JSON object.');
  const unknown = Object.keys(fields).find((field) => !allowed.includes(field));
  if (unknown !== undefined) {
    throw new BadInput(`There is no field "${unknown}". The fields are ${allowed.join(', ')}.`);
  }
  return fields;
}

export function isGiven(fields: InputFields, name: string): boolean {
  return fields[name] !== undefined;
}

export function noInstance(id: string): BadInput {
  return new BadInput(`The account has no instance "${id}".`);
}

export function keyIn({ key = 'sandbox' }: InputFields): string {
  if (typeof key === 'string' && /^[\x21-\x7e]{0,4096}$/.test(key)) return key;
  throw new BadInput('key must be a string of visible ASCII characters without spaces.');
}

export function textIn(fields: InputFields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw new BadInput(`${name} must be a string.`);
}

export function textsIn(fields: InputFields, name: string): readonly string[] {
  const value: unknown = fields[name] ?? [];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new BadInput(`${name} must be a list of strings.`);
}

export function booleanIn(fields: InputFields, name: string): boolean {
  const value = fields[name];
  if (typeof value === 'boolean') return value;
  throw new BadInput(`${name} must be true or false.`);
}

export function choiceIn<T extends string>(
  fields: InputFields,
  name: string,
  choices: readonly T[],
): T {
  const choice = choices.find((choice) => choice === fields[name]);
  if (choice !== undefined) return choice;
  throw new BadInput(`${name} must be one of ${choices.join(', ')}.`);
}

export function wholeNumberIn(
  fields: InputFields,
  name: string,
  {
    from,
    to,
    fallback,
  }: { readonly from: number; readonly to: number; readonly fallback?: number },
): number {
  const value = fields[name] ?? fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to) {
    return value;
  }
  throw new BadInput(`${name} must be a whole number from ${from} to ${to}.`);
}
