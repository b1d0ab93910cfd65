import type { Row, StatusFilter } from '#src/domain/row.ts';

/**
 * Whether a row belongs to a list, by its status. `unknown`: EnviaAI decides, since it does not
 * document whether it counts `qr_pending` as connecting, nor where it lists statuses unknown here.
 */
export function statusMatch({ instance }: Row, filter: StatusFilter): 'in' | 'out' | 'unknown' {
  if (filter === 'all' || instance?.status === filter) return 'in';
  if (instance === null || instance.status === 'unknown') return 'unknown';
  if (filter === 'connecting' && instance.status === 'qr_pending') return 'unknown';
  return 'out';
}
