import type { Person } from '../approval/person.js';
import type { Ledger } from '../ledger/index.js';
import { RemoteError } from '../platform/errors.js';
import { type Board, boardFor, namesOf } from '../run/board.js';
import type { Checkpoint } from '../run/event.js';
import { isVisible } from '../run/run-view.js';
import type { ScheduleSummary } from '../schedule/schedule.js';
import { membersOf } from '../slack/permissions/directory.js';
import { warnOf } from '../telemetry/warnings.js';
import type { UseCasePorts } from './ports.js';
import { rememberSchedules } from './remember-schedules.js';

/** Changes within this time are drawn together, in milliseconds. */
const GATHER_MS = 250;
/** Delay before a failed drawing of App Home is retried, in milliseconds; it doubles each time. */
const AGAIN_MS = { first: 2_000, most: 60_000 };
/** Groups that have a say only in older runs are not looked up, in milliseconds. */
const OLDEST_MS = 90 * 86_400_000;
/** A Home tab that was opened earlier is drawn only when it is opened again, in milliseconds. */
const OPENED_MS = 24 * 3_600_000;
/** Limit for the Home tabs that are kept up to date. Slack allows about 100 such calls a minute. */
const MAX_HOMES = 50;

interface Parts {
  ports: UseCasePorts;
  ledger: Pick<Ledger, 'groups' | 'runsFor' | 'homeOpened' | 'homesOpened'>;
  /** Draws a person's board and schedules, unless `last` is the same drawing. Returns the drawing. */
  publish(
    person: Person,
    content: { board: Board; schedules?: ScheduleSummary[] },
    last?: string,
  ): Promise<string>;
}

export type Homes = ReturnType<typeof createHomes>;

/** Keeps App Home up to date for people who opened it recently. The process that writes an event draws it from the ledger's views. */
export function createHomes({ ports, ledger, publish }: Parts) {
  const { directory } = ports;
  const schedules = rememberSchedules(ports);
  const shown = new Map<string, string>();
  const keyOf = ({ team, user }: Person) => `${team}/${user}`;
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
  /** Last known members of groups. */
  const known = new Map<string, readonly string[] | null>();
  const next = { at: Number.POSITIVE_INFINITY, timer: undefined as NodeJS.Timeout | undefined };
  let waitMs = AGAIN_MS.first;
  let drawing: Promise<void> = Promise.resolve();

  const draw = async (people: Person[]): Promise<void> => {
    if (people.length === 0) return;
    const { members, failures } = await membersOf(directory, await ledger.groups(ago(OLDEST_MS)));
    for (const [group, users] of Object.entries(members)) {
      // If Slack can't answer at the moment, the last known members are used; no decision depends on them.
      if (failures.has(group)) members[group] = known.get(group) ?? null;
      else known.set(group, users);
    }
    let isMissing = failures.size > 0;
    for (const person of people) {
      const key = keyOf(person);
      const runs = await ledger.runsFor(person.user, namesOf(person, members));
      try {
        const board = boardFor(person, runs, members);
        const known = await schedules.of(person);
        shown.set(key, await publish(person, { board, ...(known && { schedules: known }) }, shown.get(key)));
      } catch (error) {
        shown.delete(key);
        isMissing ||= error instanceof RemoteError && (error.retryable || error.operatorCanFix);
        warnOf('home', error, 'App Home could not be drawn');
      }
    }
    if (isMissing) drawAgain();
    else waitMs = AGAIN_MS.first;
  };

  /** Draws all Home tabs after `ms`, or earlier. */
  const drawAfter = (ms: number) => {
    if (next.at <= Date.now() + ms) return;
    clearTimeout(next.timer);
    next.at = Date.now() + ms;
    next.timer = setTimeout(() => {
      next.at = Number.POSITIVE_INFINITY;
      void inTurn(async () => draw(await ledger.homesOpened(ago(OPENED_MS), MAX_HOMES)));
    }, ms).unref();
  };

  const drawAgain = () => {
    drawAfter(waitMs);
    waitMs = Math.min(waitMs * 2, AGAIN_MS.most);
  };

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    drawing = drawing.then(work).catch((error: unknown) => {
      warnOf('home', error, 'App Home could not be drawn');
      drawAgain();
    });
    return drawing;
  };

  return {
    /** Called when a person opens App Home, or changes a schedule there. */
    opened(person: Person, changedSchedule?: string): Promise<void> {
      schedules.look(person, changedSchedule);
      // Slack forgets a Home tab when the app is reinstalled, so it is drawn again.
      shown.delete(keyOf(person));
      return inTurn(async () => {
        await ledger.homeOpened(person, new Date().toISOString());
        await draw([person]);
      });
    },
    /** Called when entries were written to the ledger. */
    changed(entries: Checkpoint[]): void {
      // A schedule that has started a run is due at another time now.
      if (entries.some(({ kind, data }) => kind === 'started' && 'schedule' in data)) schedules.forget();
      if (entries.some(isVisible)) drawAfter(GATHER_MS);
    },
    async stop(): Promise<void> {
      clearTimeout(next.timer);
      next.at = 0;
      await drawing;
    },
  };
}
