import type { Row } from './read-rows.ts';
import { agoOf, initialsOf, labelOf, phoneOf } from './words.ts';

interface Props {
  readonly row: Row;
  /** Whether the status differs from the previous answer. */
  readonly changed: boolean;
}

export function InstanceCard({ row, changed }: Props) {
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
    </li>
  );
}
