import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A key of 32 bytes, and the id by which encrypted data names it. */
export interface SealingKey {
  id: string;
  key: Buffer;
}

/** Encrypts with AES-256-GCM. The result holds the nonce, the ciphertext and the tag. */
export function seal(key: Buffer, plain: Uint8Array, nonce = randomBytes(NONCE_BYTES)): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonce);
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Encrypts so that equal texts give equal results, which can be stored once. The nonce is derived from the text, so no nonce serves two
 * texts. A reader without the key learns which results are equal, and nothing else.
 */
export function sealEqually(key: Buffer, plain: Uint8Array): Buffer {
  const nonceKey = createHmac('sha256', key).update('nonces of equal texts').digest();
  return seal(key, plain, createHmac('sha256', nonceKey).update(plain).digest().subarray(0, NONCE_BYTES));
}

/** Decrypts what `seal` and `sealEqually` made. Throws when the key is another one, or a byte was changed. */
export function unseal(key: Buffer, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}
