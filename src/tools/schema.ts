/** How the Messages API lets a property be called. */
const PROPERTY_NAME = /^[A-Za-z0-9_.-]{1,64}$/;
/** What was taken out of a schema is said in this many characters at most. */
const MAX_NOTE = 1_000;

/**
 * A tool's schema as the Messages API takes it: with `oneOf`, `anyOf` or `allOf` at its top it would refuse every request that
 * offers the tool, so these are said in words, `note`. Undefined when it wouldn't take the names of the properties either.
 */
export function offeredSchema(
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
