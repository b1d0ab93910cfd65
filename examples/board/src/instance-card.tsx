import type { Row } from './read-rows.ts';
import { agoOf, initialsOf, labelOf, phoneOf } from './words.ts';

/** What can be done with an instance; each opens a dialog. */
export type Action = 'connect' | 'disconnect' | 'settings';

interface Props {
  readonly row: Row;
  /** Whether the status differs from the previous answer. */
  readonly changed: boolean;
  readonly onAct: (action: Action) => void;
}

export function InstanceCard({ row, changed, onAct }: Props) {
  const { name, phone, status, profileName, lastSeenAt } = row;
  return (
    <li className="card" data-status={status} data-changed={changed}>
      <span className="avatar" aria-hidden="true">
        {initialsOf(name)}
      </span>
      <div className="who">
        <h2 title={name}>{name}</h2>
        <p>{phone ? phoneOf(phone) : 'No number yet'}</p>
      </div>
      <p className="status">{labelOf(status)}</p>
      <p className="seen">
        <span className="profile">{profileName ?? 'No profile yet'}</span>
        {lastSeenAt ? (
          <time dateTime={lastSeenAt}>seen {agoOf(Date.parse(lastSeenAt), Date.now())}</time>
        ) : (
          <span>never seen</span>
        )}
      </p>
      <p className="actions">
        {status === 'CONNECTED' ? (
          <button type="button" onClick={() => onAct('disconnect')}>
            Disconnect<span className="unseen"> {name}</span>
          </button>
        ) : (
          <button type="button" onClick={() => onAct('connect')}>
            Link a phone<span className="unseen"> to {name}</span>
          </button>
        )}
        <button type="button" onClick={() => onAct('settings')}>
          Settings<span className="unseen"> of {name}</span>
        </button>
      </p>
    </li>
  );
}
