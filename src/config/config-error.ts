export type Env = Readonly<Record<string, string | undefined>>;

/** Stops the start, with one line for each problem. No line quotes a value: it may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
