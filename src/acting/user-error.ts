import type { Failure } from '#src/domain/failure.ts';

/** Why EnviaAI refused a write, where the caller can mend it. */
export interface UserError {
  readonly code:
    | 'INVALID'
    | 'NOT_FOUND'
    | 'INVALID_WEBHOOK_URL'
    | 'OFFICIAL_API_INSTANCE'
    | 'UNKNOWN';
  readonly message: string;
  /** Path of the argument that is wrong. Absent: unknown, or none is. */
  readonly field?: readonly string[];
}

/** Known without asking EnviaAI, whose documentation requires a name [D]. */
export const emptyName: UserError = {
  code: 'INVALID',
  message: 'The name must not be empty.',
  field: ['input', 'name'],
};

const unknown: UserError = {
  code: 'UNKNOWN',
  message: 'EnviaAI refused this for a reason that it does not document.',
};

/** By the documented codes of EnviaAI [D]. */
const errorByCode: ReadonlyMap<string, UserError> = new Map<string, UserError>([
  ['invalid_parameters', { code: 'INVALID', message: 'EnviaAI did not accept the arguments.' }],
  ['instance_not_found', { code: 'NOT_FOUND', message: 'There is no instance with this id.' }],
  [
    'invalid_webhook_url',
    {
      code: 'INVALID_WEBHOOK_URL',
      message: 'EnviaAI did not accept the webhook URL.',
      field: ['input', 'webhookUrl'],
    },
  ],
  [
    'official_api_instance',
    {
      code: 'OFFICIAL_API_INSTANCE',
      message: 'This instance uses the official WhatsApp API, which needs no QR code.',
    },
  ],
]);

/**
 * What a certain refusal of a write means for its caller; null: the failure is no fault that the
 * caller can mend, and is an error of the operation.
 */
export function userErrorOf({ kind, upstreamCode }: Failure): UserError | null {
  if (kind !== 'refused' && kind !== 'bad-input') return null;
  return upstreamCode === undefined ? null : (errorByCode.get(upstreamCode) ?? unknown);
}
