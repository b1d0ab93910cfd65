import type { InstanceStatusFilter } from './graphql/graphql.ts';
import { labelOf } from './words.ts';

interface Props {
  readonly chosen: InstanceStatusFilter | null;
  readonly onChoose: (status: InstanceStatusFilter | null) => void;
}

/** The statuses by which the API can filter a list; null: all. */
const choices = [null, 'CONNECTED', 'CONNECTING', 'DISCONNECTED'] as const;

export function StatusFilter({ chosen, onChoose }: Props) {
  return (
    <fieldset className="filter">
      <legend className="unseen">Show instances that are</legend>
      {choices.map((status) => (
        <label key={status ?? 'all'} data-status={status}>
          <input
            type="radio"
            name="status"
            checked={status === chosen}
            onChange={() => onChoose(status)}
          />
          {status ? labelOf(status) : 'All'}
        </label>
      ))}
    </fieldset>
  );
}
