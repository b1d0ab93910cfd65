const maxChars = 280;

/** A message that may quote what a client sent, at a length that is safe to send back and to read. */
export const brief = (message: string): string =>
  message.length <= maxChars ? message : `${message.slice(0, maxChars).trimEnd()} …`;
