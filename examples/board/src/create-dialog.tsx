import { useMemo, useState } from 'react';
import { Dialog } from './dialog.tsx';
import { FailureNote, useMayTry } from './failure-note.tsx';
import { CreateDocument, type CreateMutation } from './graphql/graphql.ts';
import { useChange } from './use-change.ts';

type Created = NonNullable<NonNullable<CreateMutation['createInstance']>['instance']>;

interface Props {
  readonly onClose: () => void;
  readonly onChanged: () => void;
  readonly onLink: (created: Created) => void;
}

/** Creates an instance, and offers to link a phone to it. */
export function CreateDialog({ onClose, onChanged, onLink }: Props) {
  const [name, setName] = useState('');
  // The same for every attempt with a name: if the outcome of the first is unknown, the next one
  // creates no second instance.
  const idempotencyKey = useMemo(() => crypto.randomUUID(), [name]);
  const [created, setCreated] = useState<Created | null>(null);
  const { isSending, failure, send } = useChange(CreateDocument);
  const mayTry = useMayTry(failure);

  if (created) {
    return (
      <Dialog key="created" title={`${created.name} was created`} onClose={onClose}>
        <p>The list shows it when EnviaAI does. Link a phone, so that it can send messages.</p>
        <div className="choices">
          <button type="button" onClick={onClose}>
            Later
          </button>
          <button type="button" className="primary" autoFocus onClick={() => onLink(created)}>
            Link a phone
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog key="create" title="New instance" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send({ input: { name, idempotencyKey } }, (data) => {
            onChanged();
            const instance = data.createInstance?.instance;
            if (instance) setCreated(instance);
            else onClose();
          });
        }}
      >
        <label htmlFor="name">Name</label>
        <input
          id="name"
          required
          autoFocus
          autoComplete="off"
          value={name}
          onChange={({ target }) => setName(target.value)}
        />
        <FailureNote failure={failure} />
        <div className="choices">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={isSending || !mayTry}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  );
}
