/** A protobuf message: its fields by number, each a number or bytes. */
export type Message = ReadonlyMap<number, readonly (number | Buffer)[]>;

/** Parses the fields of a message. Groups are deprecated, and not supported. */
export function messageOf(bytes: Buffer): Message {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (length: number): Buffer => bytes.subarray(at, (at += length));

  while (at < bytes.length) {
    const tag = varint();
    const read: readonly (() => number | Buffer)[] = [varint, () => take(8), () => take(varint())];
    const value = (tag & 7) === 5 ? take(4) : read[tag & 7]!();
    const number = Math.floor(tag / 8);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const bytesIn = (message: Message, field: number): Buffer[] =>
  (message.get(field) ?? []).filter((value) => Buffer.isBuffer(value));

export const messagesIn = (message: Message, field: number): Message[] =>
  bytesIn(message, field).map(messageOf);

export const hexIn = (message: Message, field: number): string =>
  bytesIn(message, field)[0]?.toString('hex') ?? '';

export const textIn = (message: Message, field: number): string =>
  bytesIn(message, field)[0]?.toString() ?? '';

export const numberIn = (message: Message, field: number): number =>
  Number(message.get(field)?.[0] ?? 0);
