/** Payloads from this size on are stored in parts outside Temporal, in bytes. Temporal refuses payloads over 2 MB, and workflow tasks over 4 MB. */
export const LARGE_BYTES = 256 * 1024;

/** Sizes of a part, in bytes. A payload over 256 KiB has ten to twenty parts, and an addition at its end changes the last one. */
const SMALLEST = 4 * 1024;
const LARGEST = 64 * 1024;
/** A part ends where the highest 14 bits of the rolling hash are 0: after 16 KiB on average, beyond the smallest size. */
const LOW_BITS = 18;

/** A number for each byte, spread over 32 bits. Other numbers would cut elsewhere, and so store everything anew. */
const GEAR = Uint32Array.from({ length: 256 }, (_, byte) => {
  let mixed = Math.imul(byte + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
});

/**
 * Splits bytes where their own content says so (content-defined chunking with a Gear hash). Bytes that two texts share make the same parts,
 * wherever they stand in the texts.
 */
export function split(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  let hash = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    // Older bytes are shifted out, so the hash depends on the last 32 bytes.
    hash = ((hash << 1) + (GEAR[bytes[at] ?? 0] ?? 0)) >>> 0;
    const size = at + 1 - start;
    if (size < SMALLEST || (hash >>> LOW_BITS !== 0 && size < LARGEST)) continue;
    parts.push(bytes.subarray(start, at + 1));
    start = at + 1;
    hash = 0;
  }
  if (start < bytes.length || bytes.length === 0) parts.push(bytes.subarray(start));
  return parts;
}
