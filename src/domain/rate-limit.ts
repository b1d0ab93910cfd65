/** The budget of a key, as EnviaAI's headers last reported it. */
export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  /** By this server's clock. */
  readonly resetAtMs: number;
}
