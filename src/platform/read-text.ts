import { readFileSync } from 'node:fs';

/** Byte order marks, and the encodings that they tell of. Editors and shells on Windows write them. */
const MARKS: [string, string][] = [
  ['fffe', 'utf-16le'],
  ['feff', 'utf-16be'],
];

/** Reads a text file, in UTF-8 or with the byte order mark of another encoding. The mark is no part of the text. */
export function readText(path: string): string {
  const bytes = readFileSync(path);
  const [, encoding = 'utf-8'] = MARKS.find(([mark]) => bytes.toString('hex', 0, 2) === mark) ?? [];
  return new TextDecoder(encoding).decode(bytes);
}
