import { booleanOf, type Fields, isFields } from './json-fields.ts';
import { errorOf } from './error-response.ts';

/**
 * The objects of a response that may have its fields. EnviaAI documents `data` for most calls, and
 * fields beside `success` for connect and disconnect [D]; a nested `instance` is accepted too.
 */
export function objectsOf(json: unknown): readonly Fields[] {
  if (!isFields(json)) return [];
  const data = isFields(json['data']) ? json['data'] : {};
  return [data, data['instance'], json, json['instance']].filter(isFields);
}

/** The first value of a field that is not missing. */
export const fieldOf = (objects: readonly Fields[], name: string): unknown =>
  objects.find((object) => object[name] !== undefined)?.[name];

/**
 * Whether a 2xx response to an action is an error. Unlike a list, an action needs no data, so an
 * error beside `success: true` is no refusal.
 */
export function isRefusal(json: unknown): boolean {
  if (!isFields(json)) return false;
  const success = booleanOf(json['success']);
  if (success !== null) return !success;
  return errorOf(json) !== null && json['data'] === undefined;
}
