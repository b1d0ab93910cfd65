import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    readonly random: { readonly seed: number; readonly factor: number };
  }
}

/** The number of random runs: this many in `npm test`, a multiple in `npm run test:deep`. */
export const runs = (count: number): number => count * inject('random').factor;
