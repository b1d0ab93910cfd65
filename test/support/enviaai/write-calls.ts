import { text } from 'node:stream/consumers';
import type { CallCredentials, Enviaai, EnviaaiOptions } from '#src/enviaai/client/instances.ts';
import { always } from '#test/support/upstream.ts';
import { adapt, caller } from './adapter.ts';

/** The four writes, each with arguments that EnviaAI accepts. */
export const writeCalls = {
  create: (enviaai: Enviaai, by: CallCredentials = caller) => enviaai.create(by, { name: 'Sales' }),
  update: (enviaai: Enviaai, by: CallCredentials = caller) =>
    enviaai.update(by, 'inst_1', { name: 'Sales' }),
  connect: (enviaai: Enviaai, by: CallCredentials = caller) => enviaai.connect(by, 'inst_1'),
  disconnect: (enviaai: Enviaai, by: CallCredentials = caller) => enviaai.disconnect(by, 'inst_1'),
};

export type WriteKind = keyof typeof writeCalls;

export const writeKinds = ['create', 'update', 'connect', 'disconnect'] as const;

/** The REST client, with an upstream that answers every call so; it records their bodies. */
export async function adaptTo(
  status: number,
  body: unknown,
  options: Partial<EnviaaiOptions> = {},
) {
  const bodies: unknown[] = [];
  const respond = always(status, body);
  const adapter = await adapt(async (request, response) => {
    bodies.push(JSON.parse((await text(request)) || 'null'));
    await respond(request, response);
  }, options);
  return { ...adapter, bodies };
}
