import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { z } from 'zod';
import { cut } from '../../platform/cut.js';
import type { ToolSpec } from '../../run/execution/tools.js';
import { isTooDeep, MAX_DESCRIPTION } from '../limits.js';
import { aliasesOf, toolName } from '../names.js';
import { definitionOf } from './definition.js';
import { mendSchema } from './schemas/mend-schema.js';

/** A tool of a server. `spec` is the model's view; the other fields are the server's. */
export interface RemoteTool {
  spec: ToolSpec;
  name: string;
  /** The whole schema, in JSON Schema 2020-12. */
  inputSchema: Record<string, unknown>;
}

/** Limit for the pages of a list, in case a server never ends it. */
const MAX_PAGES = 100;
/** Argument names that the Messages API takes. */
const ARGUMENT_NAME = /^[A-Za-z0-9_.-]{1,64}$/;
/** Limit for a tool's own name, in characters. MCP advises 128 at most. */
const MAX_NAME = 500;
/** Limit for the note about removed parts of a schema, in characters. */
const MAX_NOTE = 1_000;

/** The SDK's schema refuses a whole list if one tool is invalid; this one drops that tool. */
const page = z.looseObject({
  tools: z.array(z.unknown()).default([]),
  nextCursor: z.string().optional().catch(undefined),
});

const toolSchema = z.looseObject({
  name: z.string().min(1),
  title: z.string().optional().catch(undefined),
  description: z.string().optional().catch(undefined),
  inputSchema: z.record(z.string(), z.unknown()).default({}),
  annotations: z
    .looseObject({
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  execution: z.looseObject({ taskSupport: z.string().optional() }).optional().catch(undefined),
});

/** Lists all tools of a server by their names for the model. `leftOut`: unusable tools by their own names, each with a reason. */
export async function listTools(
  client: Client,
  server: string,
  timeout: number,
): Promise<{ tools: Map<string, RemoteTool>; leftOut: Map<string, string> }> {
  const tools = new Map<string, RemoteTool>();
  const leftOut = new Map<string, string>();
  if (!client.getServerCapabilities()?.tools) return { tools, leftOut };
  let cursor: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await client.request({ method: 'tools/list', params }, page, { timeout });
    for (const given of answer.tools) {
      const tool = readTool(server, given);
      if ('problem' in tool) leftOut.set(tool.name, tool.problem);
      else if (!tools.has(tool.spec.name)) tools.set(tool.spec.name, tool);
    }
    // Some servers give the same cursor for ever.
    if (answer.nextCursor === cursor) break;
    cursor = answer.nextCursor;
    if (cursor === undefined || cursor === '') break;
  }
  return { tools, leftOut };
}

function readTool(server: string, given: unknown): RemoteTool | { name: string; problem: string } {
  const parsed = toolSchema.safeParse(given);
  if (!parsed.success) return { name: 'unnamed', problem: 'its entry in the list is not valid MCP.' };
  const { name, title, description, inputSchema, annotations, execution } = parsed.data;
  if (name.length > MAX_NAME) return { name: cut(name, MAX_NAME), problem: 'its name is too long.' };
  if (execution?.taskSupport === 'required')
    return { name, problem: 'it runs only as an MCP task, which is not supported.' };
  if (isTooDeep(inputSchema)) return { name, problem: 'its schema is nested too deep.' };
  const mended = mendSchema(inputSchema);
  if ('problem' in mended)
    return { name, problem: `its schema is not valid JSON Schema: ${mended.problem}.` };
  const adapted = adaptSchema(mended.schema);
  if (!adapted) return { name, problem: "its arguments have names that the Messages API doesn't take." };
  const aliases = aliasesOf(server, name);
  const spec = {
    name: toolName(server, name),
    ...(aliases.length > 0 && { aliases }),
    description: cut(description ?? title ?? '', MAX_DESCRIPTION) + adapted.note,
    inputSchema: adapted.schema,
    readOnly: annotations?.readOnlyHint === true,
    ...(annotations?.destructiveHint === true && { destructive: true as const }),
    definition: definitionOf({ name, title, description, inputSchema, annotations }),
  };
  return { spec, name, inputSchema: mended.schema };
}

/**
 * Adapts a tool's schema to the Messages API. The API refuses `oneOf`, `anyOf` and `allOf` at the top of a schema, so they become a text,
 * `note`. Undefined when the API refuses the properties' names too.
 */
export function adaptSchema(schema: Record<string, unknown>) {
  const properties = typeof schema.properties === 'object' && schema.properties ? schema.properties : {};
  if (!Object.keys(properties).every((name) => ARGUMENT_NAME.test(name))) return undefined;
  const { oneOf, anyOf, allOf, ...rest } = schema;
  const left = JSON.stringify({ oneOf, anyOf, allOf });
  const note = `\n\nIts input must also match this JSON Schema: ${cut(left, MAX_NOTE)}`;
  return { schema: { ...rest, type: 'object', properties }, note: left === '{}' ? '' : note };
}
