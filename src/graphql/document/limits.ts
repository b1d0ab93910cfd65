import type { DocumentNode, GraphQLError } from 'graphql';
import { limitExceeded } from '#src/graphql/errors.ts';
import { type DocumentSize, documentSizesOf } from './measure.ts';

export interface DocumentLimits {
  /** The parser stops at this limit. */
  readonly tokens: number;
  readonly depth: number;
  /** Aliases and root fields together. */
  readonly aliases: number;
  readonly directives: number;
}

/** One error for each limit that an operation of the document exceeds. */
export function exceededLimits(document: DocumentNode, limits: DocumentLimits): GraphQLError[] {
  const sizes = documentSizesOf(document);
  const exceeds = (limit: number, sizeOf: (size: DocumentSize) => number) =>
    sizes.some((size) => sizeOf(size) > limit);
  const errors: GraphQLError[] = [];

  if (exceeds(limits.depth, ({ depth }) => depth)) {
    errors.push(
      limitExceeded('MAX_DEPTH', `The fields are nested more than ${limits.depth} levels deep.`),
    );
  }
  if (exceeds(limits.aliases, ({ aliases, rootFields }) => aliases + rootFields)) {
    const message = `The operation has more than ${limits.aliases} aliases and root fields.`;
    errors.push(limitExceeded('MAX_ALIASES', message));
  }
  if (exceeds(limits.directives, ({ directives }) => directives)) {
    const message = `The operation has more than ${limits.directives} directives.`;
    errors.push(limitExceeded('MAX_DIRECTIVES', message));
  }
  return errors;
}
