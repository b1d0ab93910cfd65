/** An error that ends an HTTP request before GraphQL executes it. The client gets all of it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly extensions: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    facts: {
      /** `code` is `BAD_REQUEST` by default. */
      readonly extensions?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.extensions = { code: 'BAD_REQUEST', ...facts.extensions };
    this.headers = facts.headers ?? {};
  }
}
