// By path, as a frontend has them: a copy among its own files.
// oxlint-disable-next-line no-restricted-imports
export * from '../../../schema/client/graphql.ts';
