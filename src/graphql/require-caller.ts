import { defaultFieldResolver, type GraphQLField, type GraphQLSchema } from 'graphql';
import type { Context } from './context.ts';
import { needsWrite } from './needs-write.ts';

/** Root fields that describe the schema, which everybody may read. */
const publicFields: ReadonlySet<string> = new Set(['_service']);

/**
 * Makes every root field fail for a caller who may not read, before its resolver runs. A resolver
 * of a new noun that reads nothing from EnviaAI is refused like all others.
 */
export function requireCaller(schema: GraphQLSchema): GraphQLSchema {
  const mutation = schema.getMutationType();
  for (const type of [schema.getQueryType(), mutation, schema.getSubscriptionType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      if (!publicFields.has(field.name)) requireCallerOf(field, type === mutation);
    }
  }
  return schema;
}

function requireCallerOf(field: GraphQLField<unknown, Context>, isMutation: boolean): void {
  const { resolve = defaultFieldResolver, subscribe } = field;
  field.resolve = (source, args, context, info) => {
    assertMayRun(field, context);
    if (isMutation) context.acts();
    return resolve(source, args, context, info);
  };
  if (!subscribe) return;
  field.subscribe = (source, args, context, info) => {
    assertMayRun(field, context);
    return subscribe(source, args, context, info);
  };
}

/**
 * Throws the reason why the caller may not run a query or a subscription. Subscribers of equal
 * operations share one execution, so it is called for each of them as well.
 */
export function assertMayRun(
  field: Pick<GraphQLField<unknown, unknown>, 'extensions'>,
  context: Context,
): void {
  context.session();
  if (needsWrite(field)) context.acts();
}
