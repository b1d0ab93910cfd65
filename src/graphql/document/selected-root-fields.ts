import { type DocumentNode, getOperationAST, type GraphQLField, type GraphQLSchema } from 'graphql';
import { isField, rootSelectionsOf } from './root-selections.ts';

/** An operation of a valid document. */
export interface SelectedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
}

/** The root fields that an operation selects, those that it may skip included. */
export function selectedFieldsOf({
  schema,
  document,
  operationName,
}: SelectedOperation): readonly GraphQLField<unknown, unknown>[] {
  const operation = getOperationAST(document, operationName);
  if (!operation) return [];
  const fields = schema.getRootType(operation.operation)?.getFields() ?? {};
  return [...rootSelectionsOf(document, operation)]
    .filter(isField)
    .flatMap(({ name }) => fields[name.value] ?? []);
}
