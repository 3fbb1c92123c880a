import type { ToolCall } from '../run/execution/tools.js';
import { createFetchUrl } from './fetch-url/index.js';
import { findInputProblem } from './mcp/schemas/check-input.js';

/** Limit for the schemas that are kept in memory. */
const MAX_KNOWN = 200;

interface Store {
  keepSchemas(schemas: { definition: string; schema: string }[]): Promise<void>;
  readSchema(definition: string): Promise<string | undefined>;
}

type Schema = Record<string, unknown>;
type Tool = Pick<ToolCall, 'name' | 'definition'>;

export type ToolSchemas = ReturnType<typeof createToolSchemas>;

/**
 * Keeps the schemas of tools in the database, by their definitions. So a bot makes the form for a call by the schema under which the call was judged,
 * and starts no MCP server.
 */
export function createToolSchemas(store: Store, log: { debug(fields: object, message: string): void }) {
  const { spec: builtIn } = createFetchUrl();
  const kept = new Set<string>();
  const known = new Map<string, Schema>();

  const schemaOf = async ({ name, definition }: Tool): Promise<Schema | undefined> => {
    if (definition === undefined) return name === builtIn.name ? builtIn.inputSchema : undefined;
    const found = known.get(definition);
    if (found) return found;
    const stored = await store.readSchema(definition);
    if (stored === undefined) return undefined;
    const schema: Schema = JSON.parse(stored);
    known.set(definition, schema);
    for (const oldest of [...known.keys()].slice(0, -MAX_KNOWN)) known.delete(oldest);
    return schema;
  };

  return {
    /** Stores the schemas of tools that are new. Without the database it is tried again with the next list. */
    async keep(tools: { definition: string; schema: Schema }[]): Promise<void> {
      const fresh = tools.filter(({ definition }) => !kept.has(definition));
      if (fresh.length === 0) return;
      const rows = fresh.map(({ definition, schema }) => ({ definition, schema: JSON.stringify(schema) }));
      try {
        await store.keepSchemas(rows);
        for (const { definition } of fresh) kept.add(definition);
      } catch (err) {
        log.debug({ err }, 'The schemas of tools could not be kept');
      }
    },

    /** Schema of a call's tool when the model asked for the call; undefined where it is not known. */
    schemaOf,

    /** Finds out what is wrong with arguments by the schema of a call's tool, as a clause. */
    async findInputProblem(tool: Tool, input: Record<string, unknown>): Promise<string | undefined> {
      const inputSchema = tool.definition === undefined ? undefined : await schemaOf(tool);
      return inputSchema && (await findInputProblem({ inputSchema }, input));
    },
  };
}
