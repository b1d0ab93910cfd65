import {
  type GraphQLSchema,
  findBreakingChanges,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

export interface Break {
  /** Such as `Instance.phone`, `Query.instances(first:)` or `@defer`. */
  readonly coordinate: string;
  readonly description: string;
}

/** The messages of graphql-js for breaking changes, with the coordinate that each names. */
const messages: readonly (readonly [RegExp, (found: readonly string[]) => string])[] = [
  [/^([\w.]+) arg (\w+) /, ([, field, arg]) => `${field}(${arg}:)`],
  [/^A required arg (\w+) on ([\w.]+) /, ([, arg, field]) => `${field}(${arg}:)`],
  [/^A required arg (\w+) on directive (\w+) /, ([, arg, name]) => `@${name}(${arg}:)`],
  [/^A required field (\w+) on input type (\w+) /, ([, field, type]) => `${type}.${field}`],
  [/^(\w+) was removed from enum type (\w+)/, ([, value, type]) => `${type}.${value}`],
  [/^Repeatable flag was removed from (\w+)/, ([, name]) => `@${name}`],
  [/^([A-Z_]+) was removed from (\w+)\./, ([, , name]) => `@${name}`],
  [/^(\w+) was removed from (\w+)\./, ([, arg, name]) => `@${name}(${arg}:)`],
  [/^(\w+) was removed from union type (\w+)/, ([, , type]) => `${type}`],
  [/^Standard scalar (\w+) /, ([, type]) => `${type}`],
  [/^([\w.]+) /, ([, coordinate]) => `${coordinate}`],
];

export function breaksOf(released: GraphQLSchema, current: GraphQLSchema): Break[] {
  return findBreakingChanges(released, current).map(({ type, description }) => {
    for (const [message, coordinateOf] of messages) {
      const found = message.exec(description);
      if (!found) continue;
      const coordinate = coordinateOf(found);
      const isDirective = type.startsWith('DIRECTIVE') && !coordinate.startsWith('@');
      return { coordinate: isDirective ? `@${coordinate}` : coordinate, description };
    }
    throw new Error(`Unknown message of graphql-js: ${description}`);
  });
}

/** The coordinates in the lines "- BREAKING: `coordinate` …" of the unreleased section. */
export function declaredIn(changelog: string): string[] {
  const [, unreleased = ''] = /^## Unreleased\n([^]*?)(?=^## |$(?![^]))/m.exec(changelog) ?? [];
  return [...unreleased.matchAll(/^- BREAKING: `([^`]+)`/gm)].map(([, name = '']) => name);
}

/** Breaking changes without a declaration, and declarations without a breaking change. */
export function disagreements(
  released: GraphQLSchema,
  current: GraphQLSchema,
  changelog: string,
): string[] {
  const breaks = breaksOf(released, current);
  const declared = declaredIn(changelog);
  const coordinates = new Set(breaks.map(({ coordinate }) => coordinate));
  return [
    ...breaks
      .filter(({ coordinate }) => !declared.includes(coordinate))
      .map(({ coordinate, description }) => `\`${coordinate}\` is not declared: ${description}`),
    ...declared
      .filter((coordinate) => !coordinates.has(coordinate))
      .map((coordinate) => `\`${coordinate}\` is declared, but nothing breaks there`),
  ];
}

interface Element {
  readonly coordinate: string;
  readonly reason: string | null | undefined;
}

/** Deprecations without a reason that has a date of removal, as in "… from 2027-03-01". */
export function vagueDeprecations(schema: GraphQLSchema): string[] {
  return elementsOf(schema)
    .filter(({ reason }) => typeof reason === 'string' && !isGoodReason(reason))
    .map(({ coordinate, reason }) => `${coordinate}: ${reason}`);
}

function isGoodReason(reason: string): boolean {
  const [date] = /\b\d{4}-\d{2}-\d{2}\b/.exec(reason) ?? [];
  if (date === undefined || Number.isNaN(Date.parse(date))) return false;
  return /[a-z]{3,} \S+/i.test(reason.replace(date, ''));
}

function elementsOf(schema: GraphQLSchema): Element[] {
  return Object.values(schema.getTypeMap()).flatMap((type): Element[] => {
    const at = (name: string) => `${type.name}.${name}`;
    if (isEnumType(type)) {
      return type
        .getValues()
        .map(({ name, deprecationReason: reason }) => ({ coordinate: at(name), reason }));
    }
    if (isInputObjectType(type)) {
      return Object.values(type.getFields()).map(({ name, deprecationReason: reason }) => ({
        coordinate: at(name),
        reason,
      }));
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    return Object.values(type.getFields()).flatMap((field): Element[] => [
      { coordinate: at(field.name), reason: field.deprecationReason },
      ...field.args.map(({ name, deprecationReason: reason }) => ({
        coordinate: `${at(field.name)}(${name}:)`,
        reason,
      })),
    ]);
  });
}
