/**
 * Why a connection to another system failed: a closed set, for logs and metrics. A reason contains
 * no host, address or secret. docs/operation.md says what to do for each.
 */
export const connectionReasons = [
  'unknown-host',
  'dns-unavailable',
  'refused',
  'unreachable',
  'connect-timeout',
  'response-timeout',
  'reset',
  'closed',
  'not-tls',
  'not-http',
  'tls-version',
  'tls-handshake',
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-wrong-host',
  'certificate-self-signed',
  'certificate-untrusted',
  'proxy-refused',
  'too-many-files',
  'other',
] as const;

export type ConnectionReason = (typeof connectionReasons)[number];

/** Codes of Node's sockets, DNS and TLS, and of undici; for errors without a code, their names. */
const codesByReason: readonly (readonly [ConnectionReason, string])[] = [
  ['unknown-host', 'ENOTFOUND ENODATA EAI_NONAME EAI_NODATA'],
  ['dns-unavailable', 'EAI_AGAIN EAI_FAIL ESERVFAIL ETIMEOUT'],
  ['refused', 'ECONNREFUSED'],
  ['unreachable', 'EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN EADDRNOTAVAIL EACCES EPERM'],
  ['connect-timeout', 'ETIMEDOUT UND_ERR_CONNECT_TIMEOUT'],
  ['response-timeout', 'TimeoutError UND_ERR_HEADERS_TIMEOUT UND_ERR_BODY_TIMEOUT'],
  ['reset', 'ECONNRESET ECONNABORTED EPIPE'],
  ['closed', 'UND_ERR_SOCKET'],
  ['not-tls', 'ERR_SSL_WRONG_VERSION_NUMBER ERR_SSL_PACKET_LENGTH_TOO_LONG ERR_SSL_HTTP_REQUEST'],
  ['not-http', 'HTTPParserError'],
  [
    'tls-version',
    'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION ERR_SSL_UNSUPPORTED_PROTOCOL ERR_SSL_VERSION_TOO_LOW',
  ],
  ['certificate-expired', 'CERT_HAS_EXPIRED'],
  ['certificate-not-yet-valid', 'CERT_NOT_YET_VALID'],
  ['certificate-wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID HOSTNAME_MISMATCH'],
  ['certificate-self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN'],
  // Of a tunnel, and of undici for a 407.
  ['proxy-refused', 'ERR_PROXY_REFUSED UND_ERR_PRX_CONN UND_ERR_INVALID_ARG'],
  ['too-many-files', 'EMFILE ENFILE ENOBUFS'],
];

const reasonByCode = new Map(
  codesByReason.flatMap(([reason, codes]) =>
    codes.split(' ').map((code) => [code, reason] as const),
  ),
);

/** For codes that the table does not have, such as those of other certificate errors. */
const reasonByPattern: readonly (readonly [RegExp, ConnectionReason])[] = [
  [/^HPE_/, 'not-http'],
  [/^(?:UNABLE_TO_|CERT_|CRL_|INVALID_(?:CA|PURPOSE))/, 'certificate-untrusted'],
  [/^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/, 'tls-handshake'],
];

/** Looks at the code of the error, or of its cause, never at its message. */
export function connectionReasonOf(error: unknown): ConnectionReason {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : at.name;
    const reason =
      reasonByCode.get(code) ?? reasonByPattern.find(([pattern]) => pattern.test(code))?.[1];
    if (reason !== undefined) return reason;
  }
  return 'other';
}
