import * as fc from 'fast-check';
import { inject } from 'vitest';

/** Every property takes its cases from the seed of the run. */
fc.configureGlobal({ seed: inject('random').seed });
