import type { Statements } from './database.js';

/** `position` orders the entries of all runs, `data` is sealed with a key of `run_keys`; `own` are columns that only one kind of database needs. */
const entries = (position: string, ...own: string[]) =>
  `CREATE TABLE entries (
    ${[`position ${position}`, ...own].join(',\n    ')},
    run_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    key_number INTEGER NOT NULL,
    data TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (run_id, sequence),
    UNIQUE (run_id, key)
  )`;

/**
 * In PostgreSQL positions are no order of commits, so each entry has the id of its transaction, too. Ids begin anew in a server to which
 * the tables were restored. There the newest id is one that this server has not reached yet, and the next entries get a higher `epoch`.
 */
const EPOCH = `CREATE FUNCTION entries_epoch() RETURNS integer LANGUAGE sql STABLE AS
  'SELECT coalesce((
    SELECT CASE WHEN xid >= pg_snapshot_xmax(pg_current_snapshot()) AND xid <> pg_current_xact_id()
      THEN epoch + 1 ELSE epoch END
    FROM entries ORDER BY entries.epoch DESC, entries.xid DESC, entries.position DESC LIMIT 1), 0)'`;

/**
 * Table of the entries, with triggers that make it append-only. An owner of the database can remove them; the hash chain then shows the
 * change. SQLite fires no trigger when `INSERT OR REPLACE` deletes a row, so the insert itself is refused, also one that names the row by
 * its position. Before an insert, SQLite gives a row without a position the position -1, which therefore no row may have.
 */
export const ENTRIES: Statements = {
  sqlite: [
    entries('INTEGER PRIMARY KEY'),
    ...['UPDATE', 'DELETE'].map(
      (verb) => `CREATE TRIGGER entries_no_${verb.toLowerCase()} BEFORE ${verb} ON entries
        BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END`,
    ),
    `CREATE TRIGGER entries_no_replace BEFORE INSERT ON entries
      WHEN EXISTS (SELECT 1 FROM entries WHERE run_id = NEW.run_id AND sequence = NEW.sequence)
        OR EXISTS (SELECT 1 FROM entries WHERE run_id = NEW.run_id AND key = NEW.key)
        OR EXISTS (SELECT 1 FROM entries WHERE position = NEW.position)
      BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END`,
    `CREATE TRIGGER entries_no_odd_position AFTER INSERT ON entries WHEN NEW.position < 1
      BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END`,
  ],
  postgres: [
    entries(
      'BIGINT GENERATED ALWAYS AS IDENTITY',
      'epoch INTEGER NOT NULL DEFAULT 0',
      'xid XID8 NOT NULL DEFAULT pg_current_xact_id()',
    ),
    EPOCH,
    'ALTER TABLE entries ALTER COLUMN epoch SET DEFAULT entries_epoch()',
    'CREATE UNIQUE INDEX entries_in_order ON entries (epoch, xid, position)',
    `CREATE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN RAISE EXCEPTION ''the ledger is append only''; END'`,
    `CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
      FOR EACH STATEMENT EXECUTE FUNCTION entries_refuse()`,
  ],
};
