import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';

export const encodings = ['br', 'zstd', 'gzip'] as const;
export type Encoding = (typeof encodings)[number];

const decoders: Readonly<Record<Encoding, (bytes: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  gzip: gunzipSync,
};

/** The text of a response; throws if its bytes are not in this encoding. */
export const textOf = (bytes: Buffer, encoding: Encoding | undefined): string =>
  String(encoding === undefined ? bytes : decoders[encoding](bytes));
