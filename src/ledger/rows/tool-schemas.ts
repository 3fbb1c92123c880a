import { type Database, insertRows } from '../database/database.js';

/** A tool's schema, and the digest of the definition to which it belongs. */
export interface KeptSchema {
  definition: string;
  /** JSON. */
  schema: string;
}

/** Schemas of tools by their definitions. Workers write them, and bots make forms of them. */
export function schemaRows({ query, transaction }: Pick<Database, 'query' | 'transaction'>) {
  return {
    /** Stores schemas. Storing one twice changes nothing. */
    async keepSchemas(schemas: KeptSchema[]): Promise<void> {
      const rows = schemas.map(({ definition, schema }) => ({ definition, schema }));
      await transaction((inside) => insertRows(inside, 'tool_schemas', rows, 'ON CONFLICT DO NOTHING'));
    },

    async readSchema(definition: string): Promise<string | undefined> {
      const [row] = await query('SELECT schema FROM tool_schemas WHERE definition = ?', [definition]);
      return row && String(row.schema);
    },
  };
}
