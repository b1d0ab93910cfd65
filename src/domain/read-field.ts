/** What is read from EnviaAI's rows and pages, and can be unreadable. `row`: not an object. */
export const readFields = [
  'row',
  'id',
  'name',
  'phone',
  'status',
  'profileName',
  'profilePicUrl',
  'createdAt',
  'lastSeenAt',
  'webhookUrl',
  'webhookEvents',
  'settings',
  'pagination.total',
  'pagination.hasMore',
] as const;

export type ReadField = (typeof readFields)[number];

/** Called for each value that cannot be read. */
export type OnUnreadable = (field: ReadField) => void;
