import { crc32 } from 'node:zlib';

/** Type of a header's value: a string. */
const STRING = 7;

/** Encodes a message of AWS's event stream: lengths, headers and payload, each part with its checksum. */
export function encodeMessage(headers: Record<string, string>, payload: string): Buffer {
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(Buffer.byteLength(value));
      return Buffer.concat([
        Buffer.from([name.length]),
        Buffer.from(name),
        Buffer.from([STRING]),
        length,
        Buffer.from(value),
      ]);
    }),
  );
  const body = Buffer.from(payload);
  const message = Buffer.alloc(16 + head.length + body.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  head.copy(message, 12);
  body.copy(message, 12 + head.length);
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}

/** Encodes an event of Claude's stream as Bedrock does: its JSON in base64. */
export function encodeChunk(json: string): Buffer {
  const headers = {
    ':event-type': 'chunk',
    ':content-type': 'application/json',
    ':message-type': 'event',
  };
  return encodeMessage(headers, JSON.stringify({ bytes: Buffer.from(json).toString('base64'), p: 'abcdef' }));
}

/** Encodes an exception in the middle of a stream. */
export function encodeException(type: string, message: string): Buffer {
  const headers = {
    ':exception-type': type,
    ':content-type': 'application/json',
    ':message-type': 'exception',
  };
  return encodeMessage(headers, JSON.stringify({ message }));
}
