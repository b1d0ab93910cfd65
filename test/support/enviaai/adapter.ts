import { onTestFinished } from 'vitest';
import { Failure } from '#src/domain/failure.ts';
import {
  type CallCredentials,
  type CallReport,
  createEnviaai,
  type Enviaai,
  type EnviaaiOptions,
} from '#src/enviaai/client/instances.ts';
import { startUpstream, type Upstream, type UpstreamHandler } from '#test/support/upstream.ts';

export const caller: CallCredentials = {
  tenant: 'tenant',
  apiKey: 'sk_live_secret',
  requestId: 'req-1',
};
export const firstPage = { status: 'all', limit: 50, offset: 0 } as const;

export interface Adapter {
  readonly enviaai: Enviaai;
  readonly upstream: Upstream;
  readonly reports: CallReport[];
}

/** The REST client with a scripted upstream; both are closed after the test. */
export async function adapt(
  handler: UpstreamHandler,
  options: Partial<EnviaaiOptions> & { readonly path?: string } = {},
): Promise<Adapter> {
  const { path = '/v1', ...rest } = options;
  const upstream = await startUpstream(handler);
  const reports: CallReport[] = [];
  const enviaai = createEnviaai({
    baseUrl: new URL(path, upstream.url),
    timeoutMs: 5000,
    onCall: (report) => reports.push(report),
    ...rest,
  });
  onTestFinished(async () => {
    await upstream.close();
    await enviaai.close();
  });
  return { enviaai, upstream, reports };
}

/** The failure of a promise; any other outcome fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('The promise did not reject');
}

/** A list response with these rows. */
export function pageOf(rows: readonly unknown[], pagination: Record<string, unknown> = {}) {
  return {
    success: true,
    data: rows,
    pagination: { total: rows.length, limit: 50, offset: 0, hasMore: false, ...pagination },
  };
}
