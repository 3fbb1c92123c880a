/** Scripts in which a single joiner between two letters changes how these look. */
const JOINING = [
  'Arab',
  'Syrc',
  'Deva',
  'Beng',
  'Guru',
  'Gujr',
  'Orya',
  'Taml',
  'Telu',
  'Knda',
  'Mlym',
  'Sinh',
];
const LETTER = `[[\\p{L}\\p{M}]&&[${JOINING.map((script) => `\\p{scx=${script}}`).join('')}]]`;

/** Invisible characters that are part of something visible: an emoji (flags and families too), or a joined letter. */
const JOINED = [
  '\\p{RGI_Emoji}',
  '(?<=\\p{ExtPict}\\uFE0F?\\p{EMod}?)\\u200D(?=\\p{ExtPict})',
  `(?<=${LETTER})[\\u200C\\u200D](?=${LETTER})`,
].join('|');

/**
 * Characters that can't be seen, or look like a space: controls, format and tag characters, changes of direction, fillers and blanks,
 * halves of a pair. Arabic number signs are format characters that can be seen. Source: the Unicode Character Database.
 */
const HIDDEN =
  '[[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Zs}\\p{DI}\\u2800\\u{13441}\\u{13442}\\u{16FE4}\\u{1D159}]--[ \\n\\t\\u0600-\\u0605\\u06DD\\u070F\\u0890\\u0891\\u08E2]]';

const JOINED_OR_HIDDEN = new RegExp(`${JOINED}|(?<hidden>${HIDDEN}+)`, 'gv');
const ANY_HIDDEN = new RegExp(HIDDEN, 'v');
const HIDDEN_OR_BREAK = new RegExp(`${HIDDEN}|[\\n\\t]`, 'v');

/** Finds a character in a value that nobody sees, also a line break or a tab, and names it: `U+200B`. */
export function findInvisible(value: string): string | undefined {
  const [found] = HIDDEN_OR_BREAK.exec(value) ?? [];
  return found && nameOf(found);
}

/** Writes out each run of characters that can't be seen. Emoji, and letters of scripts with joiners, stay as they are. */
export function replaceHidden(text: string, write: (hidden: string) => string): string {
  if (!ANY_HIDDEN.test(text)) return text;
  return text.replaceAll(JOINED_OR_HIDDEN, (found, ...groups) => {
    const { hidden }: { hidden?: string } = groups.at(-1);
    return hidden === undefined ? found : write(hidden);
  });
}

/**
 * Makes a text that people decide on show all that it says. Spaces of any width become a space. Characters that are pasted by accident
 * (joiners, soft hyphens, marks of direction) are removed, and others are written out as `⟨U+202E⟩`. This comes before the digest, so the
 * model reads what people read.
 */
export function showHidden(text: string): string {
  return replaceHidden(text, (hidden) => {
    const kept = hidden.replaceAll(ACCIDENTAL, '').replaceAll(SPACE, ' ');
    return kept.replaceAll(WRITTEN_OUT, (run) => {
      const [first = '', ...more] = [...run];
      const marks = more.length < MOST_MARKS ? more.map(mark).join('') : `⟨and ${more.length} more⟩`;
      return `${mark(first)}${marks}`;
    });
  });
}

const ACCIDENTAL =
  /\p{Variation_Selector}|\p{Join_Control}|\u034F|[\r\u00AD\u061C\u200B\u200E\u200F\u2060\uFEFF]/gu;
const SPACE = /\p{Zs}/gu;
const WRITTEN_OUT = /[^ ]+/gu;

/** A longer run of characters is counted. */
const MOST_MARKS = 8;

function mark(character: string): string {
  return `⟨${nameOf(character)}⟩`;
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
