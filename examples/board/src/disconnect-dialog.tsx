import { Dialog } from './dialog.tsx';
import { FailureNote, useMayTry } from './failure-note.tsx';
import { DisconnectDocument } from './graphql/graphql.ts';
import type { Row } from './read-rows.ts';
import { useChange } from './use-change.ts';

interface Props {
  readonly row: Row;
  readonly onClose: () => void;
  readonly onChanged: () => void;
}

/** Asks before an instance is disconnected. */
export function DisconnectDialog({ row: { id, name }, onClose, onChanged }: Props) {
  const { isSending, failure, send } = useChange(DisconnectDocument);
  const mayTry = useMayTry(failure);
  const disconnect = () =>
    send({ id }, () => {
      onChanged();
      onClose();
    });
  return (
    <Dialog title={`Disconnect ${name}?`} onClose={onClose}>
      <p>It sends and receives no messages until a phone is linked again.</p>
      <FailureNote failure={failure} />
      <div className="choices">
        <button type="button" autoFocus onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="danger"
          disabled={isSending || !mayTry}
          onClick={disconnect}
        >
          Disconnect
        </button>
      </div>
    </Dialog>
  );
}
