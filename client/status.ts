import type { InstanceStatus as GraphStatus } from './generated.ts';

/** The names of EnviaAI's REST API; `unknown`: a status that this client does not know. */
export type InstanceStatus = Lowercase<GraphStatus>;

const statuses = new Map<string, InstanceStatus>([
  ['CONNECTED', 'connected'],
  ['DISCONNECTED', 'disconnected'],
  ['CONNECTING', 'connecting'],
  ['QR_PENDING', 'qr_pending'],
]);

export const statusOf = (status: string): InstanceStatus => statuses.get(status) ?? 'unknown';
