import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

/** Limits for the search, because an answer may be made to keep it busy: places where JSON may begin, and its nesting. */
const MOST = { places: 60, depth: 40 } as const;

/** A whole piece of JSON in a text, parsed. `problem`: the reason why it can't be parsed. */
export type FoundJson = { value: unknown; problem?: undefined } | { problem: string };

/** Finds the whole objects and lists of JSON in a text, in their order. Those within others are left out, unless the outer one is broken. */
export function* findJson(text: string): Generator<FoundJson> {
  let from = 0;
  for (let places = 0; places < MOST.places; places += 1) {
    const next = text.slice(from).search(/[{[]/);
    if (next < 0) return;
    const start = from + next;
    const end = endOf(text, start);
    const found =
      end === undefined ? { problem: 'it ends before it is whole' } : read(text.slice(start, end));
    yield found;
    from = end !== undefined && !found.problem ? end : start + 1;
  }
}

/** Index after the bracket that closes the one at `start`; undefined where none does. */
function endOf(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0) return at + 1;
    if (depth > MOST.depth) return undefined;
  }
  return undefined;
}

/** Parses JSON, also with commas too many and comments, or with line ends in its texts. */
function read(json: string): FoundJson {
  const given = parseLeniently(json);
  // Between texts a line end is no more than a space.
  return given.problem ? parseLeniently(json.replaceAll(/\p{Cc}/gu, ' ')) : given;
}

function parseLeniently(json: string): FoundJson {
  const errors: ParseError[] = [];
  const value: unknown = parse(json, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (!error) return { value };
  const near = json.slice(Math.max(error.offset - 20, 0), error.offset + 20);
  return { problem: `${printParseErrorCode(error.error)} near ${JSON.stringify(near)}` };
}
