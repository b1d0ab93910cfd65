/** The example of the reference page, letter for letter. */
export const documentedPage = `{ "success": true,
  "data": [
    {"id": "inst_abc123", "name": "Sales WhatsApp", "phone": "5511999999999", "status": "connected", "profileName": "Sales Team", "profilePicUrl": "https://pps.whatsapp.net/v/t61.24694-24/...", "createdAt": "2026-01-01T10:00:00.000Z", "lastSeenAt": "2026-02-03T12:00:00.000Z", "webhookUrl": "https://myapp.com/webhooks/whatsapp", "settings": {"autoRead": false, "autoTyping": true}},
    {"id": "inst_def456", "name": "Support WhatsApp", "phone": "5521988888888", "status": "connected", "profileName": "Support Team", "profilePicUrl": "https://pps.whatsapp.net/v/t61.24694-24/...", "createdAt": "2026-01-15T14:30:00.000Z", "lastSeenAt": "2026-02-03T11:45:00.000Z", "webhookUrl": "https://myapp.com/webhooks/whatsapp", "settings": {"autoRead": true, "autoTyping": true}},
    {"id": "inst_ghi789", "name": "Marketing WhatsApp", "phone": null, "status": "disconnected", "profileName": null, "profilePicUrl": null, "createdAt": "2026-02-01T09:00:00.000Z", "lastSeenAt": "2026-02-02T18:30:00.000Z", "webhookUrl": null, "settings": {"autoRead": false, "autoTyping": false}}
  ],
  "pagination": {"total": 3, "limit": 50, "offset": 0, "hasMore": false} }`;

/** The same rows as the server must parse them. */
export const documentedInstances = [
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
    webhookEvents: null,
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
    webhookEvents: null,
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
    webhookEvents: null,
    settings: { autoRead: false, autoTyping: false },
  },
];
