import { Ajv2020 } from 'ajv/dist/2020.js';
import { badRequest, isCustom, type MessagesRequest } from '../request.js';

/** The API validates schemas by the metaschema alone: references and patterns are not looked at. */
const metaschema = new Ajv2020({ strict: false, validateFormats: false, logger: false });

/** Refuses a request over one invalid schema. Source: claude-code#63673, Dokploy/mcp#74, anthropic-sdk-java#241. @throws RequestError */
export function checkSchemas({ tools = [] }: MessagesRequest): void {
  tools.forEach((tool, index) => {
    const { input_schema: schema } = tool;
    if (!isCustom(tool) || !schema) return;
    const where = `tools.${index}.custom.input_schema`;
    if (['oneOf', 'allOf', 'anyOf'].some((key) => key in schema)) {
      throw badRequest(`${where}: input_schema does not support oneOf, allOf, or anyOf at the top level`);
    }
    const { properties, $schema: _, ...rest } = schema;
    const names = typeof properties === 'object' && properties ? Object.keys(properties) : [];
    if (!names.every((name) => /^[a-zA-Z0-9_.-]{1,64}$/.test(name))) {
      throw badRequest(`${where}.properties: Property keys should match pattern '^[a-zA-Z0-9_.-]{1,64}$'`);
    }
    if (metaschema.validateSchema({ ...rest, ...(properties !== undefined && { properties }) })) return;
    throw badRequest(
      `${where}: JSON schema is invalid. It must match JSON Schema draft 2020-12 (https://json-schema.org/draft/2020-12). Learn more about tool use at https://docs.claude.com/en/docs/tool-use.`,
    );
  });
}
