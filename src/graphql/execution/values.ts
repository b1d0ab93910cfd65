import { GraphQLError, type GraphQLLeafType } from 'graphql';
import type { Field } from './plan.ts';

export type Values = Record<string, unknown>;

/** The result, once none of these is a promise any more: what they promised stands in their places. */
export function settled<T>(values: unknown[], result: T): Promise<T> {
  const waiting: Promise<void>[] = [];
  for (const [place, value] of values.entries()) {
    if (!(value instanceof Promise)) continue;
    waiting.push(value.then((promised) => void (values[place] = promised)));
  }
  const [first] = waiting;
  const all = waiting.length === 1 && first ? first : Promise.all(waiting);
  return all.then(() => result);
}

export function throwAfter(others: Promise<unknown>, error: unknown): Promise<never> {
  const rethrow = () => {
    throw error;
  };
  return others.then(rethrow, rethrow);
}

export function serialized(type: GraphQLLeafType, value: unknown): unknown {
  let answer: unknown;
  try {
    answer = type.serialize(value);
  } catch (error) {
    // It is worded for whoever wrote the resolver; clients are told of a fault.
    throw error instanceof GraphQLError ? new Error(error.message) : error;
  }
  if (answer !== null && answer !== undefined) return answer;
  throw new Error(`${type.name} serialized a ${typeof value} to nothing`);
}

export const nameOf = ({ parent, definition }: Field) => `${parent.name}.${definition.name}`;

export const isObject = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null;

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  isObject(value) && typeof value['then'] === 'function';

export const isIterable = (value: unknown): value is Iterable<unknown> =>
  isObject(value) && Symbol.iterator in value;
