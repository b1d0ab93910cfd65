import type { Answered } from './connection.ts';
import { EnviaaiError, type UserError } from './error.ts';
import {
  type CreateInstanceInput,
  type CreateInstanceMutation,
  type CreateInstanceMutationVariables,
  type DisconnectInstanceMutation,
  type DisconnectInstanceMutationVariables,
  type UpdateInstanceInput,
  type UpdateInstanceMutation,
  type UpdateInstanceMutationVariables,
  createInstanceText,
  disconnectInstanceText,
  updateInstanceText,
} from './generated.ts';
import { type Instance, type SendQuery, instanceOf, noData } from './instances.ts';
import { statusOf } from './status.ts';

export interface WriteOptions {
  /**
   * Aborts the call, or its wait for a retry. The server may make the change nevertheless, if it
   * has the request.
   */
  readonly signal?: AbortSignal | undefined;
}

export interface DisconnectOptions extends WriteOptions {
  /** Why, for EnviaAI's records. */
  readonly reason?: string | undefined;
}

/** What a change of an instance returns of it. */
export type UpdatedInstance = NonNullable<
  NonNullable<UpdateInstanceMutation['updateInstance']>['instance']
>;

/** A change that was made. */
export interface Written<Data> extends Answered {
  /**
   * The fields of the instance that EnviaAI's response has. Null: the change was made, but they
   * could not be read; `errors` has the reason.
   */
  readonly data: Data | null;
}

/**
 * The changes of instances. Each is one request to EnviaAI, and is sent once. A change that EnviaAI
 * refuses rejects with the code `REFUSED` and its `userErrors`.
 */
export interface InstanceWrites {
  /** Creates an instance, which is disconnected. */
  readonly create: (
    input: CreateInstanceInput,
    options?: WriteOptions,
  ) => Promise<Written<Instance>>;
  /** Changes the name, the webhook or the settings. A field that is left out stays as it is. */
  readonly update: (
    id: string,
    input: UpdateInstanceInput,
    options?: WriteOptions,
  ) => Promise<Written<UpdatedInstance>>;
  /** Unlinks an instance from its phone. One that is not linked is a success. */
  readonly disconnect: (
    id: string,
    options?: DisconnectOptions,
  ) => Promise<Written<Pick<Instance, 'id' | 'status'>>>;
}

export function createWrites(send: SendQuery): InstanceWrites {
  return {
    async create(input, options = {}) {
      const variables: CreateInstanceMutationVariables = { input };
      const { data, ...answered } = await send<CreateInstanceMutation>(
        createInstanceText,
        variables,
        options,
      );
      const { instance } = accepted(data?.createInstance);
      return { data: instance && instanceOf(instance), ...answered };
    },
    async update(id, input, options = {}) {
      const variables: UpdateInstanceMutationVariables = { id, input };
      const { data, ...answered } = await send<UpdateInstanceMutation>(
        updateInstanceText,
        variables,
        options,
      );
      return { data: accepted(data?.updateInstance).instance, ...answered };
    },
    async disconnect(id, { reason, signal } = {}) {
      const variables: DisconnectInstanceMutationVariables = { id, reason };
      const { data, ...answered } = await send<DisconnectInstanceMutation>(
        disconnectInstanceText,
        variables,
        { signal },
      );
      const { instance } = accepted(data?.disconnectInstance);
      return {
        data: instance && { ...instance, status: statusOf(instance.status) },
        ...answered,
      };
    },
  };
}

/** The payload of a change that was made. */
export function accepted<Payload extends { readonly userErrors: readonly UserError[] }>(
  payload: Payload | null | undefined,
): Payload {
  if (!payload) throw noData();
  const { userErrors } = payload;
  const [first] = userErrors;
  if (first) throw new EnviaaiError(first.message, { code: 'REFUSED', userErrors });
  return payload;
}
