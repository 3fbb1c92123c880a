import type { ElicitRequestFormParams, ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type { JsonSchemaType } from '@modelcontextprotocol/sdk/validation/types.js';
import { clip } from '../../platform/cut.js';
import type { ToolAnswer, ToolQuestion } from '../../run/execution/tool-question.js';

type Field = ElicitRequestFormParams['requestedSchema']['properties'][string];
type Value = string | number | boolean | string[];
type Ask = (question: ToolQuestion) => Promise<ToolAnswer>;

/** Limit for the fields of a form: each is a question of its own. */
const MAX_FIELDS = 20;
/** A field is asked about this often, in case the answers don't fit. */
const MAX_TRIES = 3;
/** Above this number, options are typed. */
const MAX_BUTTONS = 20;

/** Puts a server's form to people, a question for each field, required ones first. Nobody who answers, or answers that don't fit, cancel it. */
export async function answerForm(
  { message, requestedSchema }: ElicitRequestFormParams,
  ask: Ask,
): Promise<ElicitResult> {
  const { properties, required = [] } = requestedSchema;
  const isRequired = (name: string) => required.includes(name);
  const fields = Object.entries(properties).toSorted(
    ([one], [other]) => Number(isRequired(other)) - Number(isRequired(one)),
  );
  if (fields.length > MAX_FIELDS) return { action: 'cancel' };
  if (fields.length === 0) {
    const answer = await ask({ text: message, options: ['Accept'], freeText: false });
    return answer.kind === 'answered' ? { action: 'accept', content: {} } : ended(answer);
  }
  const content: Record<string, Value> = {};
  for (const [index, [name, field]] of fields.entries()) {
    const count = fields.length > 1 ? ` (${index + 1} of ${fields.length})` : '';
    const text = `${message}\n\n${field.title ?? name}${count}${field.description ? `: ${field.description}` : ''}`;
    const rest = fields.length - index - 1;
    const answer = await askField({ name, field, text, waysOut: isRequired(name) ? [] : waysOut(rest) }, ask);
    if (answer.kind === 'rest') break;
    if (answer.kind !== 'value') return ended(answer);
    if (answer.value !== undefined) content[name] = answer.value;
  }
  return { action: 'accept', content };
}

function ended({ kind }: { kind: string }): ElicitResult {
  return { action: kind === 'declined' ? 'decline' : 'cancel' };
}

type FieldAnswer =
  | { kind: 'value'; value: Value | undefined }
  | { kind: 'declined' | 'unanswered' }
  /** This field and all further ones are left out. */
  | { kind: 'rest' };
type Option = [label: string, answer: FieldAnswer];

/** Options of a field that needs no value; `rest`: number of fields behind it, which need none either. */
function waysOut(rest: number): Option[] {
  const none: Option = ['Leave it out', { kind: 'value', value: undefined }];
  return rest > 0 ? [none, ['Leave it and the rest out', { kind: 'rest' }]] : [none];
}

/** Asks about one field until the answer fits. */
async function askField(
  { name, field, text, waysOut: more }: { name: string; field: Field; text: string; waysOut: Option[] },
  ask: Ask,
): Promise<FieldAnswer> {
  const named = namedValues(field);
  const hasButtons = field.type !== 'array' && named.length <= MAX_BUTTONS;
  const isTyped = !hasButtons || named.length === 0;
  const values = isTyped ? usual(field) : named;
  const options = [...values.map(([label, value]): Option => [label, { kind: 'value', value }]), ...more];
  const typed =
    hasButtons || named.length === 0 ? '' : `\nOne of: ${named.map(([label]) => label).join(', ')}.`;
  const several = field.type === 'array' ? ' Several are separated by commas.' : '';
  const question = { options: options.map(([label]) => label), freeText: isTyped };
  let problem = '';
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const answer = await ask({ ...question, text: `${problem}${text}${typed}${typed && several}` });
    if (answer.kind !== 'answered') return answer;
    const chosen = answer.option === undefined ? undefined : options[answer.option];
    if (chosen) return chosen[1];
    const value = readValue(field, named, answer.text);
    const why = findProblem(name, field, value);
    if (why === undefined) return { kind: 'value', value };
    problem = `“${clip(answer.text, 100)}” doesn't fit: ${why}.\n\n`;
  }
  return { kind: 'unanswered' };
}

/** The field's possible values, with the names by which people choose them. */
function namedValues(field: Field): [string, Value][] {
  if (field.type === 'boolean')
    return [
      ['Yes', true],
      ['No', false],
    ];
  if ('oneOf' in field) return field.oneOf.map((one) => [one.title, one.const]);
  if ('enum' in field) {
    const names = ('enumNames' in field && field.enumNames) || [];
    return field.enum.map((value, index) => [names[index] ?? value, value]);
  }
  if (field.type !== 'array') return [];
  return 'enum' in field.items
    ? field.items.enum.map((value) => [value, value])
    : field.items.anyOf.map((one) => [one.title, one.const]);
}

/** The field's default, as an option. */
function usual({ default: value }: Field): [string, Value][] {
  return value === undefined ? [] : [[`Use ${JSON.stringify(value)}`, value]];
}

function readValue({ type }: Field, named: [string, Value][], text: string): Value {
  const given = text.trim();
  const find = (part: string) => {
    const wanted = part.trim().toLowerCase();
    const found = named.find(([label, value]) =>
      [label, String(value)].some((one) => one.toLowerCase() === wanted),
    );
    return String(found?.[1] ?? part.trim());
  };
  if (type === 'array') return given.split(',').map(find);
  if (type === 'string') return named.length > 0 ? find(given) : given;
  return given === '' ? given : Number(given);
}

/** Says how a value differs from the field's schema; undefined if it doesn't. */
function findProblem(name: string, field: Field, value: Value): string | undefined {
  const schema = { type: 'object', properties: { [name]: field } } as JsonSchemaType;
  const { valid, errorMessage } = new AjvJsonSchemaValidator().getValidator(schema)({ [name]: value });
  return valid ? undefined : errorMessage.replace(/^data\/\S+ /, 'it ');
}
