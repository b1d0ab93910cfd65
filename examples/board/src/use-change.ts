import { useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useMutation } from 'urql';
import { type Answered, type Failure, failureOf } from './failure.ts';

type Payload = NonNullable<Answered['payload']>;

export interface Change<Data, Variables> {
  readonly isSending: boolean;
  /** Why the last attempt failed. */
  readonly failure: Failure | null;
  /** Sends the change; `onDone` is called if it was made. */
  readonly send: (variables: Variables, onDone: (data: Data) => void) => void;
}

/** A change of an instance. It is sent once: a person decides whether it is sent again. */
export function useChange<
  Data extends { readonly [field: string]: Payload | null },
  Variables extends AnyVariables,
>(document: TypedDocumentNode<Data, Variables>): Change<Data, Variables> {
  const [{ fetching }, execute] = useMutation(document);
  const [failure, setFailure] = useState<Failure | null>(null);
  const send = async (variables: Variables, onDone: (data: Data) => void) => {
    setFailure(null);
    const { data, error } = await execute(variables);
    const payload = data && Object.values(data)[0];
    const failed = failureOf({ error, payload });
    setFailure(failed);
    if (data && !failed) onDone(data);
  };
  return {
    isSending: fetching,
    failure,
    send: (variables, onDone) => void send(variables, onDone),
  };
}
