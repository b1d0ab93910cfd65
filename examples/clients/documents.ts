// Imported by path, because a frontend has a copy of this file among its own files.
// oxlint-disable-next-line no-restricted-imports
export * from '../../schema/client/graphql.ts';
