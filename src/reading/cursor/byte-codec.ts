/** More than any cursor takes. */
const mostBytes = 256;

/** Writes numbers as bytes, for a cursor. */
export function createByteWriter() {
  const bytes = Buffer.allocUnsafe(mostBytes);
  let at = 0;
  return {
    /** A whole number of so many bytes, at most six, most significant first. */
    fixed(value: number, width: number) {
      at = bytes.writeUIntBE(value, at, width);
    },
    /** A whole number in as few bytes as it takes, seven bits each. */
    varint(value: number) {
      let rest = value;
      for (; rest >= 128; rest = Math.floor(rest / 128)) {
        at = bytes.writeUInt8((rest % 128) + 128, at);
      }
      at = bytes.writeUInt8(rest, at);
    },
    done: () => bytes.subarray(0, at),
  };
}

/** Reads what a packer wrote; past the end it gives NaN. */
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
    /** Whether just as much was read as there is. */
    isDone: () => at === bytes.length,
  };
}
