/** Names of properties that the Messages API takes. */
const PROPERTY_NAME = /^[A-Za-z0-9_.-]{1,64}$/;
/** Limit for the note about the parts that were taken out of a schema, in characters. */
const MAX_NOTE = 1_000;

/**
 * Adapts a tool's schema to the Messages API, which refuses every request with `oneOf`, `anyOf` or `allOf` at the top of a schema: these
 * are put into words, `note`. Undefined when the API wouldn't take the names of the properties either.
 */
export function adaptSchema(
  schema: Record<string, unknown>,
): { schema: Record<string, unknown>; note: string } | undefined {
  const properties = typeof schema.properties === 'object' && schema.properties ? schema.properties : {};
  if (!Object.keys(properties).every((name) => PROPERTY_NAME.test(name))) return undefined;
  const { oneOf, anyOf, allOf, ...rest } = schema;
  const left = Object.entries({ oneOf, anyOf, allOf }).filter(([, part]) => part !== undefined);
  const note =
    left.length === 0
      ? ''
      : `\n\nIts input must also match this JSON Schema: ${JSON.stringify(Object.fromEntries(left)).slice(0, MAX_NOTE)}`;
  return { schema: { ...rest, type: 'object', properties }, note };
}
