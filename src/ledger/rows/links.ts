import { type Database, insertRows, marksOf } from '../database/database.js';

/** Links to messages in Slack. A link never changes, so Slack is asked for each once. */
export function linkRows({ query, transaction }: Pick<Database, 'query' | 'transaction'>) {
  return {
    /** Links to messages by `channel ts`. Unknown ones are left out. */
    async readLinks(messages: string[]): Promise<Map<string, string>> {
      const rows = await query(`SELECT * FROM message_links WHERE message IN ${marksOf(messages)}`, messages);
      return new Map(rows.map(({ message, link }) => [String(message), String(link)]));
    },

    async keepLinks(links: ReadonlyMap<string, string>): Promise<void> {
      const at = new Date().toISOString();
      const rows = [...links].map(([message, link]) => ({ message, link, at }));
      await transaction((inside) => insertRows(inside, 'message_links', rows, 'ON CONFLICT DO NOTHING'));
    },
  };
}
