import { z } from 'zod';
import { oneOf } from './validators.ts';

/** Whether documents are named by hash, and the path of their manifests. */
export type TrustedDocumentsConfig =
  | { readonly mode: 'off' }
  /** `only`: no other documents are executed. */
  | { readonly mode: 'on' | 'only'; readonly path: string };

const modes = ['off', 'on', 'only'] as const;

/** Only the environment is checked here; `manifests.ts` reads the manifests later. */
export const trustedVariables = z
  .object({
    TRUSTED_DOCUMENTS: z.string().optional(),
    TRUSTED_DOCUMENTS_MODE: oneOf(modes).default('off'),
  })
  .refine((read) => read.TRUSTED_DOCUMENTS_MODE === 'off' || read.TRUSTED_DOCUMENTS !== undefined, {
    path: ['TRUSTED_DOCUMENTS'],
    message:
      'must be set with TRUSTED_DOCUMENTS_MODE=on and only: a manifest of documents, or a folder of manifests',
  });

export function trustedDocumentsOf(read: z.infer<typeof trustedVariables>): TrustedDocumentsConfig {
  const { TRUSTED_DOCUMENTS: path, TRUSTED_DOCUMENTS_MODE: mode } = read;
  return mode === 'off' || path === undefined ? { mode: 'off' } : { mode, path };
}
