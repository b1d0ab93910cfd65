import { documentedRows, type VendorRow, type VendorStatus } from './vendor-row.ts';

const teams = [
  'Sales',
  'Support',
  'Cobrança',
  'Vendas',
  'Delivery 🛵',
  'Clínica',
  '予約',
  'Billing',
];
const cities = ['São Paulo', 'Rio', 'Recife', 'Lisboa', 'Curitiba', 'Manaus', 'Belém'];
const areaCodes = [11, 21, 81, 41, 92, 91];

const firstCreatedAt = Date.parse('2026-02-01T09:00:00.000Z');
const intervalMs = 180_000;

/** The initial rows of each account: those of the documentation, then generated ones. */
export function startingRows(count: number): readonly VendorRow[] {
  return Array.from({ length: count }, (_, index) => documentedRows[index] ?? generatedRow(index));
}

/**
 * The row with this index: the same in all accounts and runs. `createdAt` is in ascending order.
 */
export function generatedRow(index: number): VendorRow {
  const status = statusOf(index);
  const wasConnected = status === 'connected' || (status === 'disconnected' && index % 3 !== 0);
  const team = teams[index % teams.length];
  const city = cities[index % cities.length];
  const createdAt = firstCreatedAt + index * intervalMs + ((index * 7919) % intervalMs);
  return {
    id: idOf(index),
    name: `${team} ${city} ${index + 1}`,
    phone: wasConnected ? phoneOf(index) : null,
    status,
    profileName: wasConnected ? `${team} Team` : null,
    profilePicUrl:
      wasConnected && index % 4 !== 0 ? `https://pps.whatsapp.net/v/${idOf(index)}.jpg` : null,
    createdAt: new Date(createdAt).toISOString(),
    // The response on the create page has no lastSeenAt [D], nor has a row that was never
    // connected.
    ...(wasConnected && { lastSeenAt: new Date(createdAt + 3_600_000).toISOString() }),
    webhookUrl: index % 5 === 0 ? null : `https://myapp.com/webhooks/${idOf(index)}`,
    // At the top level, as in the response on the create page [D].
    ...(index % 4 === 1 && { webhookEvents: ['message.received', 'instance.disconnected'] }),
    settings: { autoRead: index % 2 === 0, autoTyping: index % 3 !== 0 },
  };
}

function statusOf(index: number): VendorStatus {
  const slot = index % 20;
  if (slot === 7) return 'qr_pending';
  if (slot === 13) return 'connecting';
  return slot % 3 === 0 ? 'disconnected' : 'connected';
}

/** The multiplier is coprime to 36, so the ids are scattered, and all different. */
function idOf(index: number): string {
  const scattered = (index * 1_000_000_007) % 36 ** 6;
  return `inst_${scattered.toString(36).padStart(6, '0')}`;
}

function phoneOf(index: number): string {
  const line = String((index * 7_654_321) % 100_000_000).padStart(8, '0');
  return `55${areaCodes[index % areaCodes.length]}9${line}`;
}
