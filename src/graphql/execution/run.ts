import {
  type FragmentDefinitionNode,
  getArgumentValues,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  locatedError,
  type OperationDefinitionNode,
  type ResponsePath,
} from 'graphql';
import { Made } from './made.ts';
import type { Earlier, Piece } from './pieces.ts';
import type { Field, Plan, Selection, Shape } from './plan.ts';
import {
  isIterable,
  isObject,
  isPromise,
  nameOf,
  serialized,
  settled,
  throwAfter,
  type Values,
} from './values.ts';

export interface Running {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Record<string, FragmentDefinitionNode>;
  readonly variableValues: Values;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  /** The last answer to the same, of which some may stand still. */
  readonly earlier?: Earlier | undefined;
}

/** What came of an operation. */
export interface Outcome {
  readonly data: Made | null;
  readonly errors: readonly GraphQLError[];
}

type Path = ResponsePath | undefined;

/** Runs an operation by its plan. */
export const runPlan = ({ root }: Plan, running: Running): Outcome | Promise<Outcome> =>
  new Run(running).answer(root);

/**
 * One operation that is being run, as the specification's ExecuteQuery says. Promises follow each other
 * just as in the library's executor, so that resolvers are called, and errors listed, in the same order.
 *
 * What runs for every field makes no closure that it rarely needs: V8 would pay for it each time.
 */
class Run {
  private readonly running: Running;
  private readonly errors: GraphQLError[] = [];

  constructor(running: Running) {
    this.running = running;
  }

  answer(root: Selection): Outcome | Promise<Outcome> {
    const { errors } = this;
    const outcome = (data: Made | null) => ({ data, errors });
    const failed = (error: unknown) => {
      // What gets here was located where it was thrown.
      if (error instanceof GraphQLError) errors.push(error);
      return outcome(null);
    };
    try {
      const data = this.object(root, this.running.rootValue, undefined);
      return data instanceof Promise ? data.then(outcome, failed) : outcome(data);
    } catch (error) {
      return failed(error);
    }
  }

  /** What of the last answer can stand still is not run again. */
  private selection(
    selection: Selection,
    source: unknown,
    prev: Path,
  ): Piece | Made | Promise<Made> {
    const { earlier } = this.running;
    const piece = selection.immutable ? earlier?.find(selection, source) : null;
    return piece ?? this.object(selection, source, prev);
  }

  private object(selection: Selection, source: unknown, prev: Path): Made | Promise<Made> {
    const values: unknown[] = [];
    let waits = false;
    try {
      for (const field of selection.fields) {
        const { key, parent } = field;
        const value = this.field(field, source, { prev, key, typename: parent.name });
        values.push(value);
        if (value instanceof Promise) waits = true;
      }
    } catch (error) {
      if (!waits) throw error;
      return throwAfter(settled(values, null), error);
    }
    const made = new Made(selection, source, values);
    return waits ? settled(values, made) : made;
  }

  private field(field: Field, source: unknown, path: ResponsePath): unknown {
    try {
      return this.place(field, field.shape, path, this.read(field, source, path));
    } catch (error) {
      return this.fail(field, field.shape, path, error);
    }
  }

  /** What the field's resolver gives; without one, the property of its name. */
  private read(field: Field, source: unknown, path: ResponsePath): unknown {
    const { name, resolve } = field.definition;
    if (resolve) {
      return resolve(
        source,
        this.argsOf(field),
        this.running.contextValue,
        this.infoOf(field, path),
      );
    }
    if (!isObject(source)) return undefined;
    const value = source[name];
    if (typeof value !== 'function') return value;
    return value.call(
      source,
      this.argsOf(field),
      this.running.contextValue,
      this.infoOf(field, path),
    );
  }

  private argsOf({ args, argsBy, definition, nodes: [node] }: Field): Values {
    if (args || !node) return args ?? {};
    const { variableValues } = this.running;
    const known = argsBy.get(variableValues);
    if (known) return known;
    const made = getArgumentValues(definition, node, variableValues);
    argsBy.set(variableValues, made);
    return made;
  }

  private infoOf({ definition, nodes, parent }: Field, path: ResponsePath): GraphQLResolveInfo {
    const { schema, operation, fragments, variableValues, rootValue } = this.running;
    return {
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType: parent,
      path,
      schema,
      fragments,
      rootValue,
      operation,
      variableValues,
    };
  }

  /** What stands in a place for a value: it, or null and an error. */
  private place(field: Field, shape: Shape, path: ResponsePath, value: unknown): unknown {
    try {
      const answer = this.complete(field, shape, path, value);
      return answer instanceof Promise ? this.rescue(field, shape, path, answer) : answer;
    } catch (error) {
      return this.fail(field, shape, path, error);
    }
  }

  private rescue(field: Field, shape: Shape, path: ResponsePath, answer: Promise<unknown>) {
    return answer.then(undefined, (error) => this.fail(field, shape, path, error));
  }

  /** What is answered for a value that a resolver gave, or for one that it promised. */
  private complete(field: Field, shape: Shape, path: ResponsePath, value: unknown): unknown {
    if (value instanceof Error) throw value;
    if (value === null || value === undefined) {
      if (!shape.nonNull) return null;
      throw new Error(`Cannot return null for non-nullable field ${nameOf(field)}.`);
    }
    if (isPromise(value)) return this.completeLater(field, shape, path, value);
    switch (shape.kind) {
      case 'leaf':
        return serialized(shape.leaf, value);
      case 'object':
        return this.selection(shape.selection, value, path);
      case 'list':
        return this.list(field, shape.item, path, value);
      case 'abstract':
        break;
    }
    return this.abstract(field, shape, path, value);
  }

  private completeLater(
    ...[field, shape, path, value]: [Field, Shape, ResponsePath, PromiseLike<unknown>]
  ) {
    return Promise.resolve(value).then((given) => this.complete(field, shape, path, given));
  }

  private list(field: Field, item: Shape, prev: ResponsePath, list: unknown): unknown {
    if (!isIterable(list)) {
      const problem = 'Expected Iterable, but did not find one';
      throw new GraphQLError(`${problem} for field "${nameOf(field)}".`);
    }
    const answers: unknown[] = [];
    let waits = false;
    for (const value of list) {
      const path = { prev, key: answers.length, typename: undefined };
      const answer = this.place(field, item, path, value);
      answers.push(answer);
      if (answer instanceof Promise) waits = true;
    }
    return waits ? Promise.all(answers) : answers;
  }

  private abstract(
    field: Field,
    { type, selections }: Extract<Shape, { kind: 'abstract' }>,
    path: ResponsePath,
    value: unknown,
  ): unknown {
    const runAs = (name = '') => {
      const selection = selections.get(name);
      if (selection) return this.selection(selection, value, path);
      throw new Error(`No object type of ${type.name} is called "${name}"`);
    };
    const info = this.infoOf(field, path);
    const name = type.resolveType?.(value, this.running.contextValue, info, type);
    return isPromise(name) ? Promise.resolve(name).then(runAs) : runAs(name);
  }

  /** Notes an error; where there may be no null in its place, what is around it fails too. */
  private fail({ nodes }: Field, { nonNull }: Shape, path: Path, error: unknown): null {
    const keys = [];
    for (let part = path; part; part = part.prev) keys.unshift(part.key);
    const located = locatedError(error, nodes, keys);
    if (nonNull) throw located;
    this.errors.push(located);
    return null;
  }
}
