import { Refusal } from '#src/sandbox/wire/refusal.ts';
import type { SandboxCall } from './routed-call.ts';

export const maxBodyBytes = 65_536;

export type BodyFields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is BodyFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function invalidBody(message: string): Refusal {
  return new Refusal(400, 'invalid_parameters', message);
}

/** The fields of a JSON body. Fields that are not documented are ignored. */
export function requiredBody(call: SandboxCall): BodyFields {
  const fields = optionalBody(call);
  if (!fields) throw invalidBody('The body must be a JSON object');
  return fields;
}

/** Null: there is no body. */
export function optionalBody({ body, contentType }: SandboxCall): BodyFields | null {
  if (body === null) throw invalidBody(`The body must have at most ${maxBodyBytes} bytes`);
  if (body === '') return null;
  if (!/^application\/json\s*(;|$)/i.test(contentType)) {
    throw invalidBody('Content-Type must be application/json');
  }
  const fields = parsed(body);
  if (!isFields(fields)) throw invalidBody('The body must be a JSON object');
  return fields;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
