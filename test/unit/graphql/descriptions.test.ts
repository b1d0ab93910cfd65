import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, test } from 'vitest';
import { createClientSchema } from '#src/graphql/schema.ts';

type Described = readonly [name: string, description: string | null | undefined];

/** A type with its fields, arguments and values. */
function describedIn(type: GraphQLNamedType): Described[] {
  const own: Described = [type.name, type.description];
  if (isEnumType(type)) {
    const values = type.getValues();
    return [
      own,
      ...values.map((value): Described => [`${type.name}.${value.name}`, value.description]),
    ];
  }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    return [
      own,
      ...fields.map((field): Described => [`${type.name}.${field.name}`, field.description]),
    ];
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [own];
  const fields = Object.values(type.getFields()).flatMap(({ name, description, args }) => {
    const path = `${type.name}.${name}`;
    const argumentsOf = args.map((arg): Described => [`${path}(${arg.name})`, arg.description]);
    return [[path, description] satisfies Described, ...argumentsOf];
  });
  return [own, ...fields];
}

const described = Object.values(createClientSchema().getTypeMap())
  .filter((type) => !isSpecifiedScalarType(type) && !isIntrospectionType(type))
  .flatMap(describedIn);

test('every type, field, argument and value has a description', () => {
  expect(described.length).toBeGreaterThan(50);
  expect(described.filter(([, description]) => !description?.trim())).toEqual([]);
});

test('a description is one line of whole sentences, at most 200 characters', () => {
  const odd = described.filter(
    ([, text]) => !/^[A-Z].*\.$/.test(text ?? '') || `${text}`.length > 200,
  );
  expect(odd).toEqual([]);
});
