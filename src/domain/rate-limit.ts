/** The budget of a key, as EnviaAI's headers last reported it. */
export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  /** By the monotonic clock; by the wall clock where it is shown. */
  readonly resetAtMs: number;
}
