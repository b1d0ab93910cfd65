import type { Config } from '#src/config/config.ts';
import { startSandbox } from '#src/sandbox/sandbox.ts';

/** The REST API that the server calls. */
export interface Upstream {
  readonly baseUrl: URL;
  /** The key of a caller who sends none; null: such a caller has none. */
  readonly anonymousKey: string | null;
  readonly close: () => Promise<void>;
}

/** EnviaAI, or the embedded sandbox, which starts here. */
export async function startUpstream({ upstream }: Pick<Config, 'upstream'>): Promise<Upstream> {
  if (upstream.kind === 'live') {
    return { baseUrl: upstream.baseUrl, anonymousKey: null, close: async () => {} };
  }
  const sandbox = await startSandbox(upstream);
  return { baseUrl: new URL(sandbox.url), anonymousKey: 'sandbox', close: () => sandbox.close() };
}
