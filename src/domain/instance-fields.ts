import type { Instance } from './instance.ts';

/**
 * What one response says of an instance. A field is absent if the response does not have it, or if
 * it cannot be read; null is EnviaAI's null.
 */
export type InstanceFields = Readonly<Partial<Instance>>;
