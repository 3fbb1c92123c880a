/** Replaces half surrogate pairs and NUL, which other programs refuse. */
export function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** Copies data, with all of its texts and keys well-formed. Bytes and other objects of classes stay as they are. */
export function wellFormedData<T>(data: T): T;
export function wellFormedData(data: unknown): unknown {
  if (typeof data === 'string') return wellFormed(data);
  if (Array.isArray(data)) return data.map((part) => wellFormedData(part));
  if (typeof data !== 'object' || data === null || !isPlain(data)) return data;
  return Object.fromEntries(
    Object.entries(data).map(([key, part]) => [wellFormed(key), wellFormedData(part)]),
  );
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
