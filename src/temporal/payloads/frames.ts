/** Bytes of the length before each frame. */
const LENGTH_BYTES = 4;

/** Joins texts, each after its length. */
export function joinFrames(contents: Uint8Array[]): Buffer {
  return Buffer.concat(
    contents.flatMap((content) => {
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt32BE(content.length);
      return [length, content];
    }),
  );
}

/** Takes joined texts apart, each still with its length. @throws RangeError when a frame is cut. */
export function framesIn(bytes: Uint8Array): Buffer[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Buffer[] = [];
  for (let at = 0; at < buffer.length; ) {
    const end = at + LENGTH_BYTES + buffer.readUInt32BE(at);
    if (end > buffer.length) throw new RangeError('a frame is cut');
    frames.push(buffer.subarray(at, end));
    at = end;
  }
  return frames;
}

export function contentOf(frame: Buffer): Buffer {
  return frame.subarray(LENGTH_BYTES);
}
