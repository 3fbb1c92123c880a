import type { Person } from '../../approval/person.js';
import type { Database } from '../database/database.js';

/** A person's App Home: when it was opened last (ISO 8601), and the digest of what it shows, or a mark. */
export interface OpenedHome {
  person: Person;
  openedAt: string;
  shown: string;
}

/** App Home of each person who opened it, one row a person. All processes of the service share them. */
export function homeRows({ query, transaction }: Pick<Database, 'query' | 'transaction'>) {
  return {
    /** Records that a person opened App Home. */
    async homeOpened({ team, user, enterprise = '' }: Person, at: string): Promise<void> {
      const sql = `INSERT INTO homes (team, person, enterprise, opened_at, shown) VALUES (?, ?, ?, ?, '')
        ON CONFLICT (team, person) DO UPDATE SET opened_at = excluded.opened_at, enterprise = excluded.enterprise`;
      await transaction((inside) => inside(sql, [team, user, enterprise, at]));
    },

    /** The Homes that were opened since a moment (ISO 8601), latest first. */
    async homesOpened(since: string, limit: number): Promise<OpenedHome[]> {
      const sql = 'SELECT * FROM homes WHERE opened_at >= ? ORDER BY opened_at DESC LIMIT ?';
      return (await query(sql, [since, limit])).map(({ team, person, enterprise, opened_at, shown }) => ({
        // Policies name a person of Enterprise Grid by the organization, too.
        person: {
          ...{ team: String(team), user: String(person) },
          ...(enterprise !== '' && { enterprise: String(enterprise) }),
        },
        openedAt: String(opened_at),
        shown: String(shown),
      }));
    },

    /** Sets what a Home shows. `before`: only where it is that. Returns false when nothing was set. */
    async setShown({ team, user }: Person, shown: string, before?: string): Promise<boolean> {
      const only = before === undefined ? '' : ' AND shown = ?';
      const sql = `UPDATE homes SET shown = ? WHERE team = ? AND person = ?${only} RETURNING person`;
      const args = [shown, team, user, ...(before === undefined ? [] : [before])];
      return (await transaction((inside) => inside(sql, args))).length > 0;
    },
  };
}
