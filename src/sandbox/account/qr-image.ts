import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

const modules = 25;
const pixelsPerModule = 8;
const side = modules * pixelsPerModule;

/**
 * A PNG data URL with a pattern of black and white squares, and `text` as its comment. Each text
 * has a different image. It looks like a QR code, but no phone can read it.
 */
export function qrImage(text: string): string {
  const bits = createHash('shake256', { outputLength: Math.ceil(modules ** 2 / 8) })
    .update(text)
    .digest();
  const isBlack = (x: number, y: number) => {
    const bit = y * modules + x;
    return ((bits[bit >> 3] ?? 0) >> (bit & 7)) % 2 === 1;
  };
  // One byte for a pixel (grayscale), after one byte for each row: no filter.
  const rows = Array.from({ length: side }, (_, y) => {
    const row = Buffer.alloc(side + 1);
    for (let x = 0; x < side; x += 1) {
      row[x + 1] = isBlack(Math.floor(x / pixelsPerModule), Math.floor(y / pixelsPerModule))
        ? 0
        : 255;
    }
    return row;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  // 8 bits a sample; the zeros after it: grayscale, deflate, no filter method, not interlaced.
  header[8] = 8;
  const png = Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('tEXt', Buffer.from(`Comment\0${text}`, 'latin1')),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  return `data:image/png;base64,${png.toString('base64')}`;
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}
