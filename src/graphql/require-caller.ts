import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import type { Context } from './context.ts';

/** Root fields that describe the schema, which everybody may read. */
const publicFields: ReadonlySet<string> = new Set(['_service']);

/**
 * Makes every root field fail for a caller who may not read, before its resolver runs. A resolver
 * of a new noun that reads nothing from EnviaAI is refused like all others.
 */
export function requireCaller(schema: GraphQLSchema): GraphQLSchema {
  const mutation = schema.getMutationType();
  for (const type of [schema.getQueryType(), mutation]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      if (publicFields.has(field.name)) continue;
      const { resolve = defaultFieldResolver } = field;
      field.resolve = (source, args, context: Context, info) => {
        // Each throws the reason why the caller may not read, or write.
        context.session();
        if (type === mutation) context.acts();
        return resolve(source, args, context, info);
      };
    }
  }
  return schema;
}
