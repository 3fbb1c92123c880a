import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { CountersignError } from '../../platform/errors.js';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Names from Temporal's samples, so that a codec server based on them can read the payloads. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

/** A key of 32 bytes, and the id by which payloads name it. */
export interface PayloadKey {
  id: string;
  key: Buffer;
}

/**
 * Encrypts payloads with AES-256-GCM, so that Temporal's server and UI can't read them. The first key encrypts; the others still decrypt
 * older payloads.
 *
 * @param takesPlain If true, unencrypted payloads are accepted. A worker that refuses them ignores signals sent without a key.
 */
export function payloadEncryption(
  [current, ...older]: [PayloadKey, ...PayloadKey[]],
  takesPlain: boolean,
): PayloadCodec {
  const keys = new Map([current, ...older].map(({ id, key }) => [id, key]));
  const decode = (payload: Payload): Payload => {
    if (isEncrypted(payload)) return decrypt(payload, keys);
    if (takesPlain) return payload;
    throw new CountersignError(
      'PayloadPlain',
      'A payload was refused because it is not encrypted. If its run began before PAYLOAD_KEYS was set, add ",plain" to PAYLOAD_KEYS until that run is over.',
    );
  };
  return {
    encode: async (payloads) => payloads.map((payload) => encrypt(payload, current)),
    decode: async (payloads) => payloads.map(decode),
  };
}

function encrypt(payload: Payload, { id, key }: PayloadKey): Payload {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const plain = proto.temporal.api.common.v1.Payload.encode(payload).finish();
  const data = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { encoding: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(id) }, data };
}

/** Decrypts a payload. @throws CountersignError when the key is missing, or the payload was changed. */
function decrypt({ metadata, data }: Payload, keys: ReadonlyMap<string, Buffer>): Payload {
  const id = Buffer.from(metadata?.[KEY_ID] ?? []).toString();
  const key = keys.get(id);
  if (!key) {
    const message = `A payload was encrypted with the key "${id}", which PAYLOAD_KEYS lacks. Add the key again, after the current one.`;
    throw new CountersignError('PayloadKeyMissing', message);
  }
  const bytes = Buffer.from(data ?? []);
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const cipherText = bytes.subarray(NONCE_BYTES, -TAG_BYTES);
    const plain = Buffer.concat([decipher.update(cipherText), decipher.final()]);
    return proto.temporal.api.common.v1.Payload.decode(plain) as Payload;
  } catch (cause) {
    const message = `A payload can't be decrypted with the key "${id}": the payload or the key has changed.`;
    throw new CountersignError('PayloadChanged', message, { cause });
  }
}

export function isEncrypted({ metadata }: Payload): boolean {
  return Buffer.from(metadata?.encoding ?? []).toString() === ENCODING;
}
