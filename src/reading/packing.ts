/** Writes numbers as bytes, for a cursor. */
export function createPacker() {
  const bytes: number[] = [];
  return {
    /** A whole number of so many bytes, most significant first. */
    fixed(value: number, width: number) {
      for (let shift = width - 1; shift >= 0; shift -= 1) {
        bytes.push(Math.floor(value / 256 ** shift) % 256);
      }
    },
    /** A whole number in as few bytes as it takes, seven bits each. */
    varint(value: number) {
      let rest = value;
      for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
      bytes.push(rest);
    },
    done: () => Buffer.from(bytes),
  };
}

/** Reads what a packer wrote; past the end it gives NaN, which nothing that follows takes for a number. */
export function createUnpacker(bytes: Buffer) {
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
  };
}
