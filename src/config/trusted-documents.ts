import { z } from 'zod';
import { oneOf } from './validators.ts';

/** Which documents may be named by a hash, and whether any other may be asked with. */
export type TrustedDocuments =
  | { readonly mode: 'off' }
  /** `only`: no other document is run. */
  | { readonly mode: 'on' | 'only'; readonly path: string };

const modes = ['off', 'on', 'only'] as const;

/** The manifests are read later: this looks at nothing but the environment. */
export const trustedVariables = z
  .object({
    TRUSTED_DOCUMENTS: z.string().optional(),
    TRUSTED_DOCUMENTS_MODE: oneOf(modes).default('off'),
  })
  .refine((read) => read.TRUSTED_DOCUMENTS_MODE === 'off' || read.TRUSTED_DOCUMENTS !== undefined, {
    path: ['TRUSTED_DOCUMENTS'],
    message:
      'must be set with TRUSTED_DOCUMENTS_MODE=on and only: a manifest of documents, or a folder of such files',
  });

export function trustedDocumentsOf(read: z.infer<typeof trustedVariables>): TrustedDocuments {
  const { TRUSTED_DOCUMENTS: path, TRUSTED_DOCUMENTS_MODE: mode } = read;
  return mode === 'off' || path === undefined ? { mode: 'off' } : { mode, path };
}
