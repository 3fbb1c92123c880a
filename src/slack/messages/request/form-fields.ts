import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { parseExactly } from '../../../platform/exact-json.js';
import { ARGUMENT } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';

/** Most fields of a form, and most choices of one; above that, all arguments are one JSON text. */
const MOST_FIELDS = 30;
const MOST_CHOICES = 100;

/** One field of the form. `name`: unset for the field with all arguments as JSON. `text`: its value at first. */
export interface FormField {
  name?: string;
  block: string;
  kind: 'text' | 'number' | 'integer' | 'boolean' | 'json';
  text: string;
  options?: string[];
  hint?: string;
  isRequired: boolean;
}

/** The form for some arguments by their JSON Schema; one JSON field where the schema is unknown or too odd. Undefined where they are too long. */
export function formOf(
  input: Record<string, unknown>,
  schema: Record<string, unknown> | undefined,
): FormField[] | undefined {
  return fieldsBySchema(input, schema) ?? jsonForm(input);
}

function jsonForm(input: Record<string, unknown>): FormField[] | undefined {
  const text = JSON.stringify(input, null, 2);
  if (text.length > LIMITS.plainTextInputMax) return undefined;
  return [{ block: ARGUMENT.json, kind: 'json', text, isRequired: true }];
}

function fieldsBySchema(
  input: Record<string, unknown>,
  schema: Record<string, unknown> | undefined,
): FormField[] | undefined {
  const properties = recordOf(schema?.properties);
  if (!properties) return undefined;
  const required = Array.isArray(schema?.required) ? schema.required : [];
  const names = [...new Set([...Object.keys(properties), ...Object.keys(input)])];
  if (names.length === 0 || names.length > MOST_FIELDS) return undefined;
  const fields = names.map((name) =>
    fieldOf({
      name,
      value: ownValue(input, name),
      property: recordOf(ownValue(properties, name)) ?? {},
      isRequired: required.includes(name),
      block: blockOf(name),
    }),
  );
  const isTooLong = fields.some(({ text }) => text.length > LIMITS.plainTextInputMax);
  return isTooLong ? undefined : fields;
}

/** Id of an argument's block. It comes from the name, because a server may list its properties in another order by the time a form is read. */
function blockOf(name: string): string {
  return `${ARGUMENT.block}${createHash('sha256').update(name).digest('hex').slice(0, 12)}`;
}

function fieldOf(given: {
  name: string;
  value: unknown;
  property: Record<string, unknown>;
  isRequired: boolean;
  block: string;
}): FormField {
  const { name, value, property, isRequired, block } = given;
  const { description: hint } = property;
  const about = { name, block, ...(typeof hint === 'string' && hint !== '' && { hint }) };
  const isAbsent = value === undefined;
  const choices = Array.isArray(property.enum) ? property.enum : [];
  const isChoice = choices.length > 0 && choices.length <= MOST_CHOICES && choices.every(isShort);
  // A select can't hold a value that is none of its options.
  if (isChoice && (isAbsent || (isShort(value) && choices.includes(value))))
    return { ...about, kind: 'text', text: isAbsent ? '' : String(value), options: choices, isRequired };
  const { type } = property;
  if (type === 'boolean' && (isAbsent || typeof value === 'boolean'))
    return {
      ...about,
      kind: 'boolean',
      text: isAbsent ? '' : String(value),
      options: ['true', 'false'],
      isRequired,
    };
  if ((type === 'number' || type === 'integer') && (isAbsent || typeof value === 'number'))
    return { ...about, kind: type, text: isAbsent ? '' : String(value), isRequired };
  // Slack doesn't submit an empty field that is required, and an empty text may be right.
  if (type === 'string' && (isAbsent || typeof value === 'string'))
    return { ...about, kind: 'text', text: value ?? '', isRequired: isRequired && value !== '' };
  const text = isAbsent ? '' : JSON.stringify(value, null, 2);
  return { ...about, kind: 'json', text, isRequired };
}

/** Slack takes 75 characters in a choice. */
function isShort(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LIMITS.buttonText;
}

/** An argument's name may be one that each object has, such as `toString`. */
function ownValue(record: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : undefined;
}

/** Texts of a submitted form, by block; null for an empty field. */
export type FormTexts = Record<string, string | null | undefined>;

/** True if the submitted texts are those of this form. The server of a tool may be back, or have another schema, since the form was opened. */
export function isFormOf(form: FormField[], texts: FormTexts): boolean {
  return Object.keys(texts).length === form.length && form.every(({ block }) => Object.hasOwn(texts, block));
}

/** Arguments by a submitted form; or what is wrong, by block. A field that nobody touched keeps its exact value. */
export function readForm(
  input: Record<string, unknown>,
  form: FormField[],
  texts: FormTexts,
): { input: Record<string, unknown> } | { errors: Record<string, string> } {
  const [only] = form;
  if (only && only.name === undefined) {
    const read = readJson(texts[only.block] ?? '');
    const whole = 'value' in read ? recordOf(read.value) : undefined;
    if (whole) return { input: whole };
    return { errors: { [only.block]: 'problem' in read ? read.problem : 'Write one object: { … }.' } };
  }
  const errors: Record<string, string> = {};
  const edited: [string, unknown][] = [];
  for (const field of form) {
    const { name = '', block, text } = field;
    const given = texts[block] ?? '';
    if (isSameText(given, text)) {
      if (Object.hasOwn(input, name)) edited.push([name, input[name]]);
    } else if (given !== '') {
      const read = readField(field, given);
      if ('value' in read) edited.push([name, read.value]);
      else errors[block] = read.problem;
    } else if (field.isRequired) errors[block] = "This can't be empty.";
  }
  return Object.keys(errors).length > 0 ? { errors } : { input: Object.fromEntries(edited) };
}

/** True if a form says what it said at first. A form may change the ends of lines. */
function isSameText(one: string, other: string): boolean {
  return one.replaceAll('\r\n', '\n') === other.replaceAll('\r\n', '\n');
}

type Read = { value: unknown } | { problem: string };

function readField({ kind }: FormField, text: string): Read {
  switch (kind) {
    case 'text':
      return { value: text };
    case 'boolean':
      return { value: text === 'true' };
    case 'json':
      return readJson(text);
    default:
      return readNumber(kind, text);
  }
}

function readNumber(kind: 'number' | 'integer', text: string): Read {
  const read = readJson(text);
  const { value } = 'value' in read ? read : {};
  if (typeof value === 'number' && (kind === 'number' || Number.isInteger(value))) return { value };
  return {
    problem:
      kind === 'integer'
        ? 'Write a whole number of at most 15 digits.'
        : 'Write a number of at most 15 digits.',
  };
}

function readJson(text: string): Read {
  try {
    const { exact, rounded } = parseExactly(text);
    if (isDeepStrictEqual(exact, rounded)) return { value: exact };
    return { problem: 'A number in it is too long. Put it in quotes.' };
  } catch {
    return { problem: 'This is not valid JSON.' };
  }
}
