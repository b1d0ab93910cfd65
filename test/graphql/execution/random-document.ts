import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

export interface RandomDocument {
  readonly text: string;
  readonly variables: Record<string, unknown>;
}

/** A number from 0 to one less than this; of equal seeds, equal ones. */
export type Random = (below: number) => number;

export function randomOf(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below;
  };
}

/** Values that clients could send for a scalar, as JSON. */
export type Scalars = Readonly<Record<string, readonly unknown[]>>;

/**
 * A query of the schema with fields, aliases, fragments, conditions, literals and variables as chance has it.
 * Not every one is valid: fields of one name may contradict each other.
 */
export function randomDocument(
  random: Random,
  schema: GraphQLSchema,
  scalars: Scalars,
): RandomDocument {
  const definitions: string[] = [];
  const fragments: string[] = [];
  const variables: Record<string, unknown> = {};
  const among = <T>(values: readonly T[]): T => values[random(values.length)]!;
  const oneIn = (times: number) => random(times) === 0;

  const jsonOf = (type: GraphQLInputType): unknown => {
    const inner = getNullableType(type);
    if (!isNonNullType(type) && oneIn(5)) return null;
    if (isListType(inner)) {
      return Array.from({ length: random(4) }, () => jsonOf(inner.ofType));
    }
    if (isEnumType(inner)) return among(inner.getValues()).name;
    return among(scalars[getNamedType(inner).name] ?? [null]);
  };

  const variable = (type: string, inputType: GraphQLInputType): string => {
    const name = `v${definitions.length}`;
    const nullable = !type.endsWith('!');
    const byDefault = nullable && oneIn(3) ? ` = ${literal(jsonOf(inputType), inputType)}` : '';
    definitions.push(`$${name}: ${type}${byDefault}`);
    if (!nullable || !oneIn(4)) variables[name] = oneIn(30) ? { wrong: 'type' } : jsonOf(inputType);
    return `$${name}`;
  };

  const argumentsOf = ({ args }: GraphQLField<unknown, unknown>): string => {
    const given = args.flatMap(({ name, type }) => {
      if (!isNonNullType(type) && !oneIn(3)) return [];
      const value = oneIn(2) ? variable(String(type), type) : literal(jsonOf(type), type);
      return [`${name}: ${value}`];
    });
    return given.length === 0 ? '' : `(${given.join(', ')})`;
  };

  const condition = (): string => {
    if (!oneIn(8)) return '';
    const name = `c${random(3)}`;
    if (!(name in variables)) {
      definitions.push(`$${name}: Boolean!`);
      variables[name] = oneIn(2);
    }
    const value = oneIn(3) ? String(oneIn(2)) : `$${name}`;
    return ` @${among(['skip', 'include'])}(if: ${value})`;
  };

  const selectionOf = (type: GraphQLNamedType, depth: number): string => {
    const parts = Array.from({ length: 1 + random(depth > 2 ? 4 : 3) }, () => partOf(type, depth));
    return `{ ${parts.join(' ')} }`;
  };

  const partOf = (type: GraphQLNamedType, depth: number): string => {
    if (oneIn(4)) return fragmentOf(type, depth);
    const fields = isObjectType(type) || isInterfaceType(type) ? type.getFields() : {};
    const within = Object.values(fields).filter(
      (field) =>
        depth > 0 ||
        !('getFields' in getNamedType(field.type) || isAbstractType(getNamedType(field.type))),
    );
    const field = oneIn(8) || within.length === 0 ? null : among(within);
    if (!field) return `__typename${condition()}`;
    const args = argumentsOf(field);
    // An alias of its own, but for some that have no arguments: those are merged.
    const alias =
      args !== '' || oneIn(3)
        ? `${among(['a', 'toString', 'key'])}${definitions.length}_${random(1000)}: `
        : '';
    const named = getNamedType(field.type);
    const below =
      'getFields' in named || isAbstractType(named) ? ` ${selectionOf(named, depth - 1)}` : '';
    return `${alias}${field.name}${args}${condition()}${below}`;
  };

  const fragmentOf = (type: GraphQLNamedType, depth: number): string => {
    const on = isAbstractType(type)
      ? among([type, ...schema.getPossibleTypes(type)])
      : among([type, ...(isObjectType(type) ? type.getInterfaces() : [])]);
    if (oneIn(4)) return `...${condition()} ${selectionOf(type, depth)}`;
    const selection = selectionOf(on, depth);
    if (oneIn(2)) return `... on ${on.name}${condition()} ${selection}`;
    const name = `F${fragments.length}`;
    fragments.push(`fragment ${name} on ${on.name} ${selection}`);
    return `...${name}${condition()} ...${name}`;
  };

  const query = schema.getQueryType();
  if (!query) throw new Error('There is nothing to query');
  const selection = selectionOf(query, 4);
  const head = definitions.length === 0 ? 'query' : `query (${definitions.join(', ')})`;
  return { text: [`${head} ${selection}`, ...fragments].join('\n'), variables };
}

/** A JSON value in the language of documents. */
function literal(value: unknown, type: GraphQLInputType): string {
  const inner = getNullableType(type);
  if (Array.isArray(value)) {
    const item = isListType(inner) ? inner.ofType : inner;
    return `[${value.map((each) => literal(each, item)).join(', ')}]`;
  }
  if (isEnumType(inner) && typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, each]) => `${name}: ${literal(each, inner)}`);
  return `{ ${fields.join(', ')} }`;
}
