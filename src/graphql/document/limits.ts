import { type DocumentNode, GraphQLError } from 'graphql';
import { type DocumentSize, documentSizesOf } from './measure.ts';

export interface DocumentLimits {
  /** Counted by the parser, which stops at it. */
  readonly tokens: number;
  readonly depth: number;
  /** Aliases and root fields together. */
  readonly aliases: number;
  readonly directives: number;
}

/** An error that names the variable whose limit was exceeded. */
export const limitError = (limit: string, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED', limit } });

/** One error for each limit that an operation of the document exceeds. */
export function exceededLimits(document: DocumentNode, limits: DocumentLimits): GraphQLError[] {
  const extents = documentSizesOf(document);
  const exceeds = (allowed: number, of: (extent: DocumentSize) => number) =>
    extents.some((extent) => of(extent) > allowed);
  const errors: GraphQLError[] = [];

  if (exceeds(limits.depth, ({ depth }) => depth)) {
    errors.push(limitError('MAX_DEPTH', `Fields go more than ${limits.depth} levels deep.`));
  }
  if (exceeds(limits.aliases, ({ aliases, plainAtTop }) => aliases + plainAtTop)) {
    const message = `There are more than ${limits.aliases} aliases and root fields.`;
    errors.push(limitError('MAX_ALIASES', message));
  }
  if (exceeds(limits.directives, ({ directives }) => directives)) {
    const message = `There are more than ${limits.directives} directives.`;
    errors.push(limitError('MAX_DIRECTIVES', message));
  }
  return errors;
}
