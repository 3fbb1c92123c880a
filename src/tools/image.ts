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
  if (bytes.length < 30) return undefined;
  if (at(1, 3) === 'PNG') {
    return { mediaType: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), bytes };
  }
  if (at(0, 4) === 'GIF8') {
    return { mediaType: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8), bytes };
  }
  if (at(0, 4) === 'RIFF' && at(8, 4) === 'WEBP') return webp(bytes, at(12, 4));
  if (bytes.readUInt16BE(0) === 0xffd8) return jpeg(bytes);
  return undefined;
}

/** The three kinds of WebP keep their size in different places. */
function webp(bytes: Buffer, kind: string): Image | undefined {
  const mediaType = 'image/webp' as const;
  if (kind === 'VP8X') {
    return { mediaType, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1, bytes };
  }
  if (kind === 'VP8L') {
    const packed = bytes.readUInt32LE(21);
    return { mediaType, width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1, bytes };
  }
  if (kind !== 'VP8 ') return undefined;
  return {
    mediaType,
    width: bytes.readUInt16LE(26) & 0x3fff,
    height: bytes.readUInt16LE(28) & 0x3fff,
    bytes,
  };
}

/** A JPEG is a list of segments; the one that starts a frame holds the size. */
function jpeg(bytes: Buffer): Image | undefined {
  let offset = 2;
  while (offset + 9 < bytes.length && bytes[offset] === 0xff) {
    const marker = bytes[offset + 1] ?? 0;
    const startsFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (startsFrame) {
      const [height, width] = [bytes.readUInt16BE(offset + 5), bytes.readUInt16BE(offset + 7)];
      return { mediaType: 'image/jpeg', width, height, bytes };
    }
    // A filler byte before a marker stands alone.
    offset += marker === 0xff ? 1 : 2 + bytes.readUInt16BE(offset + 2);
  }
  return undefined;
}
