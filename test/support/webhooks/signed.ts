import { createHmac } from 'node:crypto';

export const secret = 'whsec_current';

/** An event as EnviaAI documents it. */
export const eventOf = (id: string, event = 'instance.connected'): string =>
  JSON.stringify({ event, timestamp: '2026-06-01T00:00:00.000Z', data: { instanceId: id } });

/** The header that a delivery is signed with. */
export const signatureOf = (body: string | Uint8Array, signedWith = secret): string =>
  `sha256=${createHmac('sha256', signedWith).update(body).digest('hex')}`;

/** Sends a delivery; without a signature if that is null. Resolves with the status. */
export async function deliver(
  url: string | URL,
  body: string | Uint8Array<ArrayBuffer>,
  signature: string | null = signatureOf(body),
): Promise<number> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (signature !== null) headers['x-enviaai-signature'] = signature;
  const response = await fetch(url, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return response.status;
}
