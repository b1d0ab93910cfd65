/** What the vendor's headers said of a key's budget. */
export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
  /** By our clock. */
  readonly resetAtMs: number;
}
