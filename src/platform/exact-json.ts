/** A number in JSON, outside of texts. */
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** Digits, or an exponent, that an inexact number must have. */
const SUSPECT = /\d{16}|\d[eE]/;

/** JSON, parsed twice. `exact` has a text in place of each number that JavaScript would change; `rounded` has all as numbers. */
export interface ParsedJson {
  exact: unknown;
  rounded: unknown;
}

/** Parses JSON that may hold integers beyond 2^53, such as ids: as numbers they would become other integers. @throws SyntaxError */
export function parseExactly(json: string): ParsedJson {
  const rounded: unknown = JSON.parse(json);
  const quoted = quoteInexactNumbers(json);
  return { exact: quoted === json ? rounded : JSON.parse(quoted), rounded };
}

/** Puts integers beyond 2^53, and numbers beyond JavaScript's range, in quotes. The rest of the (valid) JSON stays as it is. */
export function quoteInexactNumbers(json: string): string {
  if (!SUSPECT.test(json)) return json;
  const parts: string[] = [];
  // No regular expression finds the texts: a long one would exceed its stack.
  for (let at = 0; at < json.length; ) {
    const opening = json.indexOf('"', at);
    const text = opening < 0 ? json.length : opening;
    const end = endOfText(json, text);
    parts.push(json.slice(at, text).replaceAll(NUMBER, quoteUnlessExact), json.slice(text, end));
    at = end;
  }
  return parts.join('');
}

/** Finds the end of the text that begins at a quotation mark. */
function endOfText(json: string, start: number): number {
  for (let at = json.indexOf('"', start + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let escapes = 0;
    while (json[at - 1 - escapes] === '\\') escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
  return json.length;
}

function quoteUnlessExact(token: string): string {
  return isExact(Number(token)) ? token : `"${token}"`;
}

function isExact(number: number): boolean {
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
}
