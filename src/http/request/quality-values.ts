/** One entry of a header such as `Accept` or `Accept-Encoding`. */
export interface Weighted {
  /** In lower case, without parameters. */
  readonly value: string;
  /** The client's preference, from 0 (not acceptable) to 1. */
  readonly q: number;
}

/** Three decimals at most (RFC 9110, section 12.4.2). Anything else is not acceptable: 0. */
const weightOf = (q: string): number =>
  /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q) : 0;

/** The entries of a header of the form `a, b;q=0.5`, in its order (RFC 9110, section 12.4.2). */
export const qualityValuesOf = (header = ''): readonly Weighted[] =>
  header
    .split(',')
    .map((entry) => {
      const [value = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return { value, q: q === undefined ? 1 : weightOf(q) };
    })
    .filter(({ value }) => value !== '');
