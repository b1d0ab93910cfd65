import {
  type FieldNode,
  getNamedType,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  isCompositeType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { limitExceeded } from '#src/graphql/errors.ts';
import { argumentsText, differInShape, fieldOf } from './field-facts.ts';
import { truncate } from './truncate.ts';

/** A field where it is selected. */
interface Use {
  readonly node: FieldNode;
  /** Undefined: the schema does not have the type; another rule rejects the document. */
  readonly parent: GraphQLCompositeType | undefined;
  readonly field: GraphQLField<unknown, unknown> | undefined;
}

/** A selection set, and the type that it selects from. */
interface Selected {
  readonly set: SelectionSetNode;
  readonly type: GraphQLCompositeType | undefined;
}

/**
 * The rule "Field Selection Merging" of the GraphQL specification: fields with the same response
 * name must be the same field with the same arguments, unless they cannot occur in one object, and
 * must have the same shape in any case.
 *
 * graphql-js compares every pair of fields and of fragments: 5000 tokens take up to 1 s. This rule
 * merges selection sets, as an execution does, and compares each field with the first one of its
 * name. The result for a group of selection sets is memoized, so the time is almost linear.
 *
 * `maxVisits` bounds the selections that are visited for one document, each counted wherever its
 * fragment is spread: fragments can be combined in exponentially many ways.
 */
export const fieldsCanMerge =
  (maxVisits: number): ValidationRule =>
  (context) => {
    const check = createCheck(context, maxVisits);
    return {
      OperationDefinition({ operation, selectionSet }) {
        const type = context.getSchema().getRootType(operation) ?? undefined;
        const error = check([{ set: selectionSet, type }]);
        if (error) context.reportError(error);
        return undefined;
      },
    };
  };

class TooManyVisits extends Error {}

function createCheck(context: ValidationContext, maxVisits: number) {
  const schema = context.getSchema();
  const idOf = createIds();
  const argumentsOf = memoize(argumentsText);
  const passed = { shape: new Set<string>(), field: new Set<string>() };
  let visits = 0;

  const visit = (count: number): void => {
    visits += count;
    if (visits > maxVisits) throw new TooManyVisits();
  };

  /** The fields of selection sets by response name. A fragment is spread once. */
  function collect(selected: readonly Selected[]): ReadonlyMap<string, readonly Use[]> {
    const uses = new Map<string, Use[]>();
    const spread = new Set<string>();
    const add = ({ set, type }: Selected): void => {
      visit(set.selections.length);
      for (const node of set.selections) {
        if (node.kind === Kind.FIELD) {
          const name = (node.alias ?? node.name).value;
          const use = { node, parent: type, field: fieldOf(schema, type, node.name.value) };
          const same = uses.get(name);
          if (same) same.push(use);
          else uses.set(name, [use]);
        } else if (node.kind === Kind.INLINE_FRAGMENT) {
          const { typeCondition, selectionSet } = node;
          add({
            set: selectionSet,
            type: typeCondition ? typeNamed(typeCondition.name.value) : type,
          });
        } else if (!spread.has(node.name.value)) {
          spread.add(node.name.value);
          const fragment = context.getFragment(node.name.value);
          if (!fragment) continue;
          add({ set: fragment.selectionSet, type: typeNamed(fragment.typeCondition.name.value) });
        }
      }
    };
    selected.forEach(add);
    return uses;
  }

  function typeNamed(name: string): GraphQLCompositeType | undefined {
    const type = schema.getType(name);
    return isCompositeType(type) ? type : undefined;
  }

  /** Whether this group was checked before, or is being checked. */
  function isKnown(known: Set<string>, selected: readonly Selected[]): boolean {
    const key = selected.map(({ set }) => idOf(set)).join();
    if (known.has(key)) return true;
    known.add(key);
    return false;
  }

  /** Checks that the fields have the same shape, whichever types they are selected from. */
  function checkShape(selected: readonly Selected[]): GraphQLError | null {
    if (selected.length === 0 || isKnown(passed.shape, selected)) return null;
    for (const [name, uses] of collect(selected)) {
      const [first, ...others] = uses;
      const other = others.find(
        (use) => first && differInShape(first.field?.type, use.field?.type),
      );
      if (first && other) {
        const types = `"${String(first.field?.type)}" and "${String(other.field?.type)}"`;
        return conflict(name, `they return conflicting types ${types}`, [first, other]);
      }
      const error = checkShape(selectedBelow(uses));
      if (error) return error;
    }
    return null;
  }

  /** Checks that fields which can occur in one object are the same field. */
  function checkField(selected: readonly Selected[]): GraphQLError | null {
    if (selected.length === 0 || isKnown(passed.field, selected)) return null;
    for (const [name, uses] of collect(selected)) {
      for (const group of groupsOf(uses)) {
        visit(group.length);
        const [first, ...others] = group;
        const other = others.find((use) => first && !isSameField(first, use));
        if (first && other) {
          const [a, b] = [first.node.name.value, other.node.name.value];
          const reason =
            a === b ? 'they have differing arguments' : `"${a}" and "${b}" are different fields`;
          return conflict(name, reason, [first, other]);
        }
        const error = checkField(selectedBelow(group));
        if (error) return error;
      }
    }
    return null;
  }

  const isSameField = (a: Use, b: Use): boolean =>
    a.node === b.node ||
    (a.node.name.value === b.node.name.value && argumentsOf(a.node) === argumentsOf(b.node));

  return (selected: readonly Selected[]): GraphQLError | null => {
    try {
      return checkField(selected) ?? checkShape(selected);
    } catch (error) {
      if (!(error instanceof TooManyVisits)) throw error;
      return limitExceeded('MAX_TOKENS', 'The fragments of the document are spread too often.');
    }
  };
}

/** The groups of uses that can occur in one object: those of each object type, with all others. */
function groupsOf(uses: readonly Use[]): readonly (readonly Use[])[] {
  const byType = Map.groupBy(uses, ({ parent }) => (isObjectType(parent) ? parent : null));
  const abstract = byType.get(null) ?? [];
  byType.delete(null);
  if (byType.size === 0) return [abstract];
  return [...byType.values()].map((group) => [...group, ...abstract]);
}

const selectedBelow = (uses: readonly Use[]): readonly Selected[] =>
  uses.flatMap(({ node, field }) => {
    if (!node.selectionSet) return [];
    const type = field && getNamedType(field.type);
    return { set: node.selectionSet, type: isCompositeType(type) ? type : undefined };
  });

const conflict = (name: string, reason: string, uses: readonly Use[]) =>
  new GraphQLError(
    truncate(
      `Fields "${name}" conflict because ${reason}. Use different aliases on the fields to fetch both if this was intentional.`,
    ),
    { nodes: uses.map(({ node }) => node) },
  );

/** Numbers objects in the order in which they are seen. */
function createIds(): (object: object) => number {
  const ids = new WeakMap<object, number>();
  let lastId = 0;
  return (object) => {
    const known = ids.get(object);
    if (known !== undefined) return known;
    ids.set(object, (lastId += 1));
    return lastId;
  };
}

function memoize<Key extends object>(compute: (key: Key) => string): (key: Key) => string {
  const results = new WeakMap<Key, string>();
  return (key) => {
    const text = results.get(key) ?? compute(key);
    results.set(key, text);
    return text;
  };
}
