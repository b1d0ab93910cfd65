/**
 * What the documentation leaves open. The sandbox can do each of these both ways, so that tests can
 * run with both.
 */
export interface Behaviour {
  /** False: `PATCH` replaces `settings`, and a setting that it leaves out gets its default. */
  readonly mergeSettings: boolean;
  /** True: `GET …/qrcode` starts an attempt for an instance that has none. */
  readonly qrEndpointStarts: boolean;
  /** What `connect` does while an attempt runs: gives its code, or starts another attempt. */
  readonly connectWhenPending: 'same' | 'new';
  /** What `disconnect` does while an attempt runs: ends it, or fails: `instance_not_connected`. */
  readonly disconnectWhenPending: 'cancels' | 'fails';
  /** The status of an instance during an attempt, in lists and by id. */
  readonly pendingInList: 'connecting' | 'qr_pending';
  /** The same, at the status and QR endpoints and in the response of `connect`. */
  readonly pendingInStatus: 'connecting' | 'qr_pending';
  /** What `GET …/qrcode` responds for a connected instance: `already_connected`, or no code. */
  readonly qrWhenConnected: 'fails' | 'null';
  /** True: the list of `status=connecting` includes instances with `qr_pending`. */
  readonly connectingIncludesQrPending: boolean;
  /** True: `GET /instances/{id}` shows a change as late as the list does. */
  readonly idLags: boolean;
}

export const defaultBehaviour: Behaviour = {
  mergeSettings: true,
  qrEndpointStarts: false,
  connectWhenPending: 'same',
  disconnectWhenPending: 'cancels',
  pendingInList: 'connecting',
  pendingInStatus: 'qr_pending',
  qrWhenConnected: 'fails',
  connectingIncludesQrPending: false,
  idLags: false,
};
