import type { LiveSource } from '#src/domain/live-source.ts';
import type { QrEvent } from '#src/domain/qr-event.ts';
import { builder } from '#src/graphql/builder.ts';
import { LiveStream } from '#src/graphql/live-stream.ts';
import { makesCalls } from '#src/graphql/upstream-cost.ts';
import { canBeId, hasGet } from '#src/reading/by-id/id-form.ts';
import { QrCodeEvent } from './qr-code-event.ts';

/** For the first event: the row, and the QR endpoint. */
const firstCalls = 2;

builder.subscriptionFields((t) => ({
  instanceQrCode: t.field({
    type: QrCodeEvent,
    nullable: true,
    description:
      'The QR code that links an instance: the current one at once, each new one, then how it ended. Waits for an attempt, and begins none. Needs the permission to write. All screens cost the calls of one.',
    args: {
      id: t.arg.id({ required: true, description: 'The id of the instance.' }),
    },
    extensions: { upstreamCost: makesCalls(() => ({ calls: firstCalls })), needsWrite: true },
    subscribe: (_, { id }, context) =>
      new LiveStream(canBeId(id) && hasGet(id) ? context.watchLinking(id) : noInstance),
    resolve: (event: QrEvent) => event,
  }),
}));

const gone: QrEvent = { status: 'unknown', image: null, expiresAt: null, outcome: 'gone' };

/** For an id that no instance can have. */
const noInstance: LiveSource<QrEvent> = {
  current: () => gone,
  watch: async (emit) => emit(gone),
};
