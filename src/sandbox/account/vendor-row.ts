/** One instance of the sandbox: any JSON object, to test how a reader handles invalid rows. */
export interface VendorRow {
  readonly id?: unknown;
  readonly status?: unknown;
  readonly [field: string]: unknown;
}

/** The first three are on the list page [S]; `qr_pending` is on the status and QR pages [D]. */
export const statuses = ['connected', 'disconnected', 'connecting', 'qr_pending'] as const;
export type VendorStatus = (typeof statuses)[number];

/** The example of the List Instances page [S], byte for byte, with the dots in its URLs. */
export const documentedRows: readonly VendorRow[] = [
  {
    id: 'inst_abc123',
    name: 'Sales WhatsApp',
    phone: '5511999999999',
    status: 'connected',
    profileName: 'Sales Team',
    profilePicUrl: 'https://pps.whatsapp.net/v/t61.24694-24/...',
    createdAt: '2026-01-01T10:00:00.000Z',
    lastSeenAt: '2026-02-03T12:00:00.000Z',
    webhookUrl: 'https://myapp.com/webhooks/whatsapp',
    settings: { autoRead: false, autoTyping: true },
  },
  {
    id: 'inst_def456',
    name: 'Support WhatsApp',
    phone: '5521988888888',
    status: 'connected',
    profileName: 'Support Team',
    profilePicUrl: 'https://pps.whatsapp.net/v/t61.24694-24/...',
    createdAt: '2026-01-15T14:30:00.000Z',
    lastSeenAt: '2026-02-03T11:45:00.000Z',
    webhookUrl: 'https://myapp.com/webhooks/whatsapp',
    settings: { autoRead: true, autoTyping: true },
  },
  {
    id: 'inst_ghi789',
    name: 'Marketing WhatsApp',
    phone: null,
    status: 'disconnected',
    profileName: null,
    profilePicUrl: null,
    createdAt: '2026-02-01T09:00:00.000Z',
    lastSeenAt: '2026-02-02T18:30:00.000Z',
    webhookUrl: null,
    settings: { autoRead: false, autoTyping: false },
  },
];
