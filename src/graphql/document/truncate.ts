const maxChars = 280;

/** Cuts a message that may quote what a client sent to a length that is safe to return and to log. */
export const truncate = (message: string): string =>
  message.length <= maxChars ? message : `${message.slice(0, maxChars).trimEnd()} …`;
