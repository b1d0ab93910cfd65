import { GraphQLError } from 'graphql';

/** An instance as the REST API gives it. */
export interface RestInstance {
  readonly id: string;
  readonly name: string;
  readonly phone: string | null;
  readonly status: string;
  readonly profileName: string | null;
  readonly lastSeenAt?: string;
  readonly settings: { readonly autoRead: boolean; readonly autoTyping: boolean };
}

export interface RestPage {
  readonly data: readonly RestInstance[];
  readonly pagination: {
    readonly total: number;
    readonly limit: number;
    readonly offset: number;
    readonly hasMore: boolean;
  };
}

export interface ListOptions {
  readonly status?: string | undefined;
  readonly limit: number;
  readonly offset: number;
}

export interface Enviaai {
  list(options: ListOptions): Promise<RestPage>;
  get(id: string): Promise<RestInstance | null>;
}

const timeoutMs = 5000;

/** A client of the REST API, for one caller. */
export function createEnviaai(baseUrl: string, authorization: string): Enviaai {
  const call = async (path: string): Promise<Response> => {
    const response = await fetch(`${baseUrl}${path}`, {
      headers: { authorization },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.ok || response.status === 404) return response;
    await response.body?.cancel();
    const code = response.status === 429 ? 'RATE_LIMITED' : 'UPSTREAM_ERROR';
    throw new GraphQLError(`EnviaAI answered ${response.status}`, { extensions: { code } });
  };

  return {
    async list({ status = 'all', limit, offset }) {
      const query = new URLSearchParams({ status, limit: String(limit), offset: String(offset) });
      const response = await call(`/instances?${query}`);
      return (await response.json()) as RestPage;
    },
    async get(id) {
      const response = await call(`/instances/${encodeURIComponent(id)}`);
      const body = (await response.json()) as { data: RestInstance };
      return response.status === 404 ? null : body.data;
    },
  };
}
