import type { ConnectOutcome } from '#src/acting/acts.ts';
import { builder } from '#src/graphql/builder.ts';
import { writes } from '#src/graphql/upstream-cost.ts';
import { requireInstanceId } from './inputs.ts';
import { payloadType } from './payload.ts';
import { QrCode } from './qr-code.ts';

const ConnectInstancePayload = payloadType<ConnectOutcome>(
  'ConnectInstancePayload',
  'The outcome of `connectInstance`.',
);

builder.objectField(ConnectInstancePayload, 'qrCode', (t) =>
  t.field({
    type: QrCode,
    nullable: true,
    description: 'The code to scan. Null if nothing was begun.',
    resolve: ({ lineState }) => lineState,
  }),
);

builder.mutationField('connectInstance', (t) =>
  t.field({
    type: ConnectInstancePayload,
    nullable: true,
    description:
      'Begins to link an instance by QR code. While the code is valid, further calls return the same code. An instance that is linked already is a success, with no picture.',
    args: { id: t.arg.id({ required: true, description: 'The id of the instance.' }) },
    extensions: { upstreamCost: writes },
    resolve: (_, { id }, { acts }) => acts().connect(requireInstanceId(id)),
  }),
);
