import { Ajv2020 } from 'ajv/dist/2020.js';

type Schema = Record<string, unknown>;

/** Keywords that hold one schema, and those that hold named ones. */
const ONE =
  'additionalItems additionalProperties contains contentSchema else if items not propertyNames then unevaluatedItems unevaluatedProperties'.split(
    ' ',
  );
const NAMED = '$defs definitions dependencies dependentSchemas patternProperties properties'.split(' ');
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
/** Keywords for which null is a value. */
const NULLABLE = ['const', 'default'];
/** Annotations, with their type. They validate nothing, so one of another type is dropped. */
const ANNOTATIONS: Record<string, (value: unknown) => boolean> = {
  $comment: isText,
  $schema: isText,
  description: isText,
  format: isText,
  title: isText,
  examples: Array.isArray,
  deprecated: isFlag,
  readOnly: isFlag,
  writeOnly: isFlag,
};
/** Longest quotation of an invalid part, in characters. */
const MAX_QUOTED = 80;

const metaschema = new Ajv2020({ strict: false, validateFormats: false, logger: false });

/**
 * Turns a schema of an older draft into one of 2020-12 with the same meaning. The Messages API refuses any other, and with it the whole
 * request. `problem`: the schema's invalid part.
 */
export function mendSchema(given: Schema): { schema: Schema } | { problem: string } {
  const { $schema: _, ...schema } = mend(given) as Schema;
  if (metaschema.validateSchema(schema)) return { schema };
  const path = metaschema.errors?.[0]?.instancePath ?? '';
  const at = path.split('/').slice(1).map(unescapePointer);
  const part = at.reduce<unknown>((value, key) => (value as Schema | undefined)?.[key], schema);
  return { problem: `${at.join('.')} is ${String(JSON.stringify(part)).slice(0, MAX_QUOTED)}` };
}

function mend(value: unknown): unknown {
  // PHP writes an empty object as an empty list, Go an absent value as null.
  if (value === null || (Array.isArray(value) && value.length === 0)) return {};
  if (!isSchema(value)) return value;
  const kept = Object.entries(value).filter(([key, part]) => isKept(key, part));
  const schema = Object.fromEntries(kept);
  const required = requiredOf(schema);
  mendTuple(schema);
  mendBound(schema, 'minimum', 'exclusiveMinimum');
  mendBound(schema, 'maximum', 'exclusiveMaximum');
  mendType(schema);
  for (const key of ONE) if (key in schema) schema[key] = mend(schema[key]);
  for (const key of LISTS) if (Array.isArray(schema[key])) schema[key] = schema[key].map(mend);
  for (const key of NAMED) if (key in schema) schema[key] = mendNamed(schema[key]);
  if (required) schema.required = required;
  else if (typeof schema.required === 'boolean') delete schema.required;
  return schema;
}

function isKept(key: string, part: unknown): boolean {
  if (part === null) return NULLABLE.includes(key);
  return ANNOTATIONS[key]?.(part) ?? true;
}

function mendNamed(schemas: unknown): unknown {
  if (Array.isArray(schemas) && schemas.length === 0) return {};
  if (!isSchema(schemas)) return schemas;
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, mend(schema)]));
}

/** Names of the required properties. Draft 3 says `"required": true` in the property itself. */
function requiredOf({ required, properties }: Schema): unknown[] | undefined {
  const own = Object.entries(isSchema(properties) ? properties : {}).flatMap(([name, property]) =>
    isSchema(property) && property.required === true ? [name] : [],
  );
  if (!Array.isArray(required) && own.length === 0) return undefined;
  return [...new Set([...(Array.isArray(required) ? required : []), ...own])];
}

/** Tuples of draft 7 and older: `items` is a list, and `additionalItems` is for what comes after it. */
function mendTuple(schema: Schema): void {
  const { items, additionalItems, prefixItems } = schema;
  if (!Array.isArray(items) || prefixItems !== undefined) return;
  delete schema.items;
  delete schema.additionalItems;
  if (items.length > 0) schema.prefixItems = items;
  if (additionalItems !== undefined) schema.items = additionalItems;
}

/** Bounds of draft 4: `exclusiveMinimum` is a boolean, about `minimum`. */
function mendBound(schema: Schema, bound: string, exclusive: string): void {
  const { [bound]: limit, [exclusive]: isExclusive } = schema;
  if (typeof isExclusive !== 'boolean') return;
  delete schema[exclusive];
  if (!isExclusive || limit === undefined) return;
  delete schema[bound];
  schema[exclusive] = limit;
}

/** Draft 3's type `any`, alone or among others, allows everything. */
function mendType(schema: Schema): void {
  const types = [schema.type].flat();
  if (types.includes('any')) delete schema.type;
  else if (types.length > 1) schema.type = [...new Set(types)];
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

function unescapePointer(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}
