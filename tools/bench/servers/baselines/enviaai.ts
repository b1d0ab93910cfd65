import { GraphQLError } from 'graphql';
import { Pool } from 'undici';

/** An instance as the REST API returns it. */
export interface RestInstance {
  readonly id: string;
  readonly name: string;
  readonly phone: string | null;
  readonly status: string;
  readonly profileName: string | null;
  readonly profilePicUrl: string | null;
  readonly createdAt: string;
  readonly lastSeenAt?: string;
  readonly webhookUrl: string | null;
  readonly webhookEvents?: readonly string[];
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

/** A client of the REST API. All callers share its connections. */
export function createEnviaai(baseUrl: string): (authorization: string) => Enviaai {
  const { origin, pathname } = new URL(baseUrl);
  const pool = new Pool(origin, { headersTimeout: timeoutMs, bodyTimeout: timeoutMs });

  return (authorization) => {
    const call = async (path: string) => {
      const response = await pool.request({
        method: 'GET',
        path: `${pathname}${path}`,
        headers: { authorization },
      });
      if (response.statusCode === 200 || response.statusCode === 404) return response;
      await response.body.dump();
      const code = response.statusCode === 429 ? 'RATE_LIMITED' : 'UPSTREAM_ERROR';
      throw new GraphQLError(`EnviaAI returned status ${response.statusCode}`, {
        extensions: { code },
      });
    };

    return {
      async list({ status = 'all', limit, offset }) {
        const response = await call(`/instances?status=${status}&limit=${limit}&offset=${offset}`);
        return (await response.body.json()) as RestPage;
      },
      async get(id) {
        const response = await call(`/instances/${encodeURIComponent(id)}`);
        const body = (await response.body.json()) as { readonly data: RestInstance };
        return response.statusCode === 404 ? null : body.data;
      },
    };
  };
}
