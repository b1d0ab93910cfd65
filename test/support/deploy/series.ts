import { start } from '#test/support/start.ts';

/** The values of a scrape, by series: `enviaai_store_up`, `enviaai_cache_bytes{cache="pages"}`. */
export type Scrape = ReadonlyMap<string, number>;

export async function scrape({ url }: { readonly url: string }): Promise<Scrape> {
  const page = await (await fetch(new URL('/metrics', url))).text();
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))] as const;
    }),
  );
}

/** The scrape of a server that nobody has asked anything. */
export const scrapeOfNewServer = async (): Promise<Scrape> => scrape(await start());

/** Names of metrics, as an expression in PromQL selects them. */
const selector = /\b((?:enviaai|nodejs|process)_[a-z\d_]+)(?:\{([^}]*)\})?/g;

export interface Selector {
  readonly text: string;
  readonly name: string;
  /** The matchers of labels that the server gives; `instance` and `job` are Prometheus's. */
  readonly matchers: readonly (readonly [label: string, pattern: RegExp])[];
}

export function selectorsOf(expr: string): Selector[] {
  return [...expr.matchAll(selector)].map(([text, name = '', labels = '']) => ({
    text,
    name,
    matchers: [...labels.matchAll(/(\w+)=(~?)"([^"]*)"/g)].flatMap(
      ([, label = '', isPattern, value = '']) =>
        label === 'instance' || label === 'job'
          ? []
          : [[label, new RegExp(`^(?:${isPattern ? value : RegExp.escape(value)})$`)] as const],
    ),
  }));
}

/** The series of a scrape that a selector selects. */
export const selected = (scraped: Scrape, { name, matchers }: Selector): [string, number][] =>
  [...scraped].filter(([series]) => {
    const [, of = '', labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? [];
    const values = new Map(
      [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]),
    );
    return (
      of === name && matchers.every(([label, pattern]) => pattern.test(values.get(label) ?? ''))
    );
  });
