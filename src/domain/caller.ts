/** Who sends an operation, as far as its upstream calls are counted by caller. */
export type Caller =
  /** Sends an EnviaAI key, from this client address. */
  | { readonly kind: 'key-holder'; readonly address: string }
  /**
   * Shares the server's key with all other callers. The id is an HMAC of its subject or address.
   */
  | { readonly kind: 'sharer'; readonly id: string };
