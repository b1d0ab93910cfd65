import { useState } from 'react';
import { Dialog } from './dialog.tsx';
import { FailureNote, useMayTry } from './failure-note.tsx';
import { ChangeSettingsDocument } from './graphql/graphql.ts';
import type { Row } from './read-rows.ts';
import { useChange } from './use-change.ts';

interface Props {
  readonly row: Row;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** The two settings of an instance. Only those that were changed are sent. */
export function SettingsDialog({ row: { id, name, settings }, onClose, onChanged }: Props) {
  const before = { autoRead: false, autoTyping: false, ...settings };
  const [autoRead, setAutoRead] = useState(before.autoRead);
  const [autoTyping, setAutoTyping] = useState(before.autoTyping);
  const { isSending, failure, send } = useChange(ChangeSettingsDocument);
  const mayTry = useMayTry(failure);

  const changes = {
    ...(autoRead !== before.autoRead && { autoRead }),
    ...(autoTyping !== before.autoTyping && { autoTyping }),
  };
  const save = () => {
    if (Object.keys(changes).length === 0) return onClose();
    return send({ id, settings: changes }, () => {
      onChanged();
      onClose();
    });
  };
  return (
    <Dialog title={`Settings of ${name}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <label className="check">
          <input
            type="checkbox"
            checked={autoRead}
            onChange={({ target }) => setAutoRead(target.checked)}
          />
          Mark incoming messages as read
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={autoTyping}
            onChange={({ target }) => setAutoTyping(target.checked)}
          />
          Show “typing…” while a reply is sent
        </label>
        <FailureNote failure={failure} />
        <div className="choices">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={isSending || !mayTry}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
