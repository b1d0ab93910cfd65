/** Upper bound on the bytes of a cursor. */
const maxBytes = 256;

/** Writes numbers as bytes. */
export function createByteWriter() {
  const bytes = Buffer.allocUnsafe(maxBytes);
  let at = 0;
  return {
    /** A whole number in `width` bytes, at most six, most significant first. */
    fixed(value: number, width: number) {
      at = bytes.writeUIntBE(value, at, width);
    },
    /** A whole number in as few bytes as it needs, seven bits in each. */
    varint(value: number) {
      let rest = value;
      for (; rest >= 128; rest = Math.floor(rest / 128)) {
        at = bytes.writeUInt8((rest % 128) + 128, at);
      }
      at = bytes.writeUInt8(rest, at);
    },
    finish: () => bytes.subarray(0, at),
  };
}

/** Reads numbers from bytes; past their end it returns NaN. */
export function createByteReader(bytes: Buffer) {
  let at = 0;
  const next = () => bytes[at++] ?? Number.NaN;
  return {
    fixed(width: number): number {
      let value = 0;
      for (let count = 0; count < width; count += 1) value = value * 256 + next();
      return value;
    },
    varint(): number {
      let value = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = next();
        value += (byte % 128) * scale;
        if (!(byte >= 128)) return value;
      }
    },
    /** Whether exactly all bytes were read. */
    isAtEnd: () => at === bytes.length,
  };
}
