import type { Person } from '../../approval/person.js';
import type { Ledger, OpenedHome } from '../../ledger/index.js';
import { isVisible } from '../../run/run-view.js';
import type { UseCasePorts } from '../ports.js';

/** Mark of a Home that must be drawn again: nobody knows for sure what it shows. */
export const AGAIN = 'again';

/** Beginning of the mark of a Home that is being drawn. */
export const IN_DRAWING = 'in drawing';

/** Time between two looks at the ledger, in milliseconds. Changes within it are drawn together. */
const EVERY_MS = 500;
/** Time between two looks while the ledger gives no answer, in milliseconds. */
const AWAY_MS = 5_000;
/** Number of the newest entries that each look reads. Behind more new ones than that, all Homes are drawn. */
const NEWEST = 200;
/** Delay before a failed drawing of App Home is retried, in milliseconds; it doubles each time. */
const RETRY_MS = { first: 2_000, most: 60_000 };
/** A Home tab that was opened earlier is drawn only when it is opened again, in milliseconds. */
const OPENED_MS = 24 * 3_600_000;
/** Limit for the Home tabs that are kept up to date. Slack allows about 100 such calls a minute. */
const MAX_HOMES = 50;
/** A process that heard of an opening has drawn the Home after this time, or died, in milliseconds. */
const DRAWN_WITHIN_MS = 15_000;

interface Parts {
  ledger: Pick<Ledger, 'homesOpened' | 'newest'>;
  log: UseCasePorts['log'];
  /** Draws Homes that show something else, after the drawings that were begun before, while `mayDraw`. Returns false when one must be drawn again. */
  draw(homes: OpenedHome[], mayDraw: () => boolean): Promise<boolean>;
  /** Called when a schedule has started a run: it is due at another time now. */
  scheduleRan(): void;
  /** Called when a person opened App Home, or changed a schedule there, at another process. */
  openedElsewhere(person: Person): void;
}

/** Follows the ledger, and has each Home drawn that may have changed. Entries of all processes count. */
export function followHomes(parts: Parts) {
  const { log } = parts;
  /** Time of the last known opening, by person. */
  const openings = new Map<string, string>();
  let following: { timer?: NodeJS.Timeout } | undefined;
  let working: Promise<void> = Promise.resolve();

  return {
    start(term: { isOn(): boolean }): void {
      const own: typeof following = {};
      following = own;
      const mayDraw = () => following === own && term.isOn();
      const look = createLook(parts, openings);
      const round = async () => {
        let waitMs = EVERY_MS;
        try {
          await look(mayDraw);
        } catch (err) {
          if (mayDraw()) log.warn({ err }, 'App Home could not be brought up to date');
          waitMs = AWAY_MS;
        }
        if (mayDraw()) own.timer = setTimeout(next, waitMs).unref();
      };
      const next = () => {
        working = round();
      };
      next();
    },
    /** Resolves when nothing is being drawn any more. */
    async stop(): Promise<void> {
      clearTimeout(following?.timer);
      following = undefined;
      await working;
    },
    /** Notes an opening that this process draws by itself. */
    openedHere: (person: Person, at: string): void => void openings.set(keyOf(person), at),
  };
}

function createLook(
  { ledger, draw, scheduleRan, openedElsewhere }: Parts,
  openings: Map<string, string>,
): (mayDraw: () => boolean) => Promise<void> {
  let seen: ReadonlySet<string> | undefined;
  const retry = { at: Number.POSITIVE_INFINITY, waitMs: RETRY_MS.first };
  /** Times at which Homes that were opened elsewhere are looked at all the same. */
  const openedBy = new Map<string, number>();

  /** The newest entries, and whether one that shows in Homes is among those that no earlier look has drawn. */
  const readNewest = async () => {
    const newest = await ledger.newest(NEWEST);
    const fresh = newest.filter(({ cursor }) => !seen?.has(cursor));
    const isMissing = seen === undefined || fresh.length === NEWEST;
    if (isMissing || fresh.some(isStartOfSchedule)) scheduleRan();
    const cursors = new Set(newest.map(({ cursor }) => cursor));
    return { cursors, isChanged: isMissing || fresh.some(isVisible) };
  };

  /** True, until it is drawn, for a Home that was opened elsewhere: what is shown there may be older than the last change. */
  const isDrawnElsewhere = ({ person, openedAt, shown }: OpenedHome): boolean => {
    const key = keyOf(person);
    if (openings.get(key) !== openedAt) {
      if (openings.has(key)) openedElsewhere(person);
      openings.set(key, openedAt);
      openedBy.set(key, Date.now() + DRAWN_WITHIN_MS);
    }
    const by = openedBy.get(key);
    return by !== undefined && (Date.now() >= by || (shown !== '' && !shown.startsWith(IN_DRAWING)));
  };

  return async (mayDraw) => {
    const { cursors, isChanged } = await readNewest();
    const opened = await ledger.homesOpened(new Date(Date.now() - OPENED_MS).toISOString(), MAX_HOMES);
    const elsewhere = new Set(opened.filter(isDrawnElsewhere));
    const isAll = isChanged || retry.at <= Date.now();
    const isWaiting = retry.at !== Number.POSITIVE_INFINITY;
    const homes = isAll
      ? opened
      : opened.filter((home) => elsewhere.has(home) || (home.shown === AGAIN && !isWaiting));
    const isComplete = homes.length === 0 || (await draw(homes, mayDraw));
    // Only now: after an error the next look finds the same changes.
    seen = cursors;
    for (const { person } of elsewhere) openedBy.delete(keyOf(person));
    if (!isAll && (isComplete || isWaiting)) return;
    retry.at = isComplete ? Number.POSITIVE_INFINITY : Date.now() + retry.waitMs;
    retry.waitMs = isComplete ? RETRY_MS.first : Math.min(retry.waitMs * 2, RETRY_MS.most);
  };
}

/** True for the first entry of a run that a schedule started: its id ends in the due time. */
function isStartOfSchedule({ kind, shortId }: { kind: string; shortId: string }): boolean {
  return kind === 'started' && shortId.includes('-');
}

function keyOf({ team, user }: Person): string {
  return `${team}/${user}`;
}
