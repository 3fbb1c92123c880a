/** An image that the Messages API takes. */
export interface Image {
  mediaType: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  width: number;
  height: number;
  bytes: Buffer;
}

/**
 * Reads an image's type and size from its first bytes, not from its server's word: the API refuses a whole request over one image
 * whose type is wrong. Undefined when it is none of the four.
 */
export function readImage(base64: string): Image | undefined {
  const bytes = Buffer.from(base64, 'base64');
  const at = (offset: number, length: number) => bytes.toString('latin1', offset, offset + length);
  const image = (type: 'png' | 'jpeg' | 'gif' | 'webp', width: number, height: number): Image => {
    return { mediaType: `image/${type}`, width, height, bytes };
  };
  if (bytes.length < 30) return undefined;
  if (at(1, 3) === 'PNG') return image('png', bytes.readUInt32BE(16), bytes.readUInt32BE(20));
  if (at(0, 4) === 'GIF8') return image('gif', bytes.readUInt16LE(6), bytes.readUInt16LE(8));
  const size = at(0, 4) === 'RIFF' && at(8, 4) === 'WEBP' ? webpSize(bytes, at(12, 4)) : undefined;
  if (size) return image('webp', size[0], size[1]);
  const frame = bytes.readUInt16BE(0) === 0xffd8 ? findJpegFrame(bytes) : undefined;
  if (frame === undefined) return undefined;
  return image('jpeg', bytes.readUInt16BE(frame + 7), bytes.readUInt16BE(frame + 5));
}

/** Reads the size of a WebP: its three kinds keep it in different places. */
function webpSize(bytes: Buffer, kind: string): [width: number, height: number] | undefined {
  if (kind === 'VP8X') return [bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1];
  if (kind === 'VP8 ') return [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff];
  if (kind !== 'VP8L') return undefined;
  const packed = bytes.readUInt32LE(21);
  return [(packed & 0x3fff) + 1, ((packed >>> 14) & 0x3fff) + 1];
}

/** Finds the segment of a JPEG that starts a frame: it holds the size. */
function findJpegFrame(bytes: Buffer): number | undefined {
  let offset = 2;
  while (offset + 9 < bytes.length && bytes[offset] === 0xff) {
    const marker = bytes[offset + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) return offset;
    // A filler byte before a marker stands alone.
    offset += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(offset + 2);
  }
  return undefined;
}
