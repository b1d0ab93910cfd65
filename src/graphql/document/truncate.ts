import { copyText } from '#src/domain/copies.ts';

const maxChars = 280;

/** Truncates a message that may quote a client's input, for the response and the log. */
export const truncate = (message: string): string =>
  message.length <= maxChars ? message : copyText(`${message.slice(0, maxChars).trimEnd()} …`);
