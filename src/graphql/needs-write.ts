import type { GraphQLField } from 'graphql';

/**
 * Whether a root field asks for the permission to write, although it changes nothing: what it
 * returns lets its reader change something. Such a field declares `extensions: { needsWrite: true }`.
 * Its responses are never stored.
 */
export const needsWrite = ({
  extensions,
}: Pick<GraphQLField<unknown, unknown>, 'extensions'>): boolean =>
  extensions['needsWrite'] === true;
