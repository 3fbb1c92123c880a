import type { Person } from '../approval/person.js';
import type { GroupMembers } from '../approval/policy.js';
import { RemoteError } from '../errors.js';
import type { Ledger } from '../ledger/index.js';
import type { Logger } from '../log.js';
import { type Board, boardFor, namesOf } from '../run/board.js';
import type { Checkpoint } from '../run/event.js';
import { isVisible } from '../run/run-view.js';
import { type Directory, membersOf } from '../slack/permissions/directory.js';

/** Changes within this long are drawn together, in milliseconds. */
const GATHER_MS = 250;
/** App Home that could not be drawn as it is, because Slack had no answer, is drawn again after this long, twice as long each time, in milliseconds. */
const AGAIN_MS = { first: 2_000, most: 60_000 };
/** Groups with a say in older runs only are not asked about, in milliseconds. */
const OLDEST_MS = 90 * 86_400_000;
/** App Home that was opened earlier is drawn when it is opened again, in milliseconds. */
const OPENED_MS = 24 * 3_600_000;
/** At most so many people's App Home is kept up to date; Slack allows about 100 such calls a minute. */
const MAX_HOMES = 50;

export interface Homes {
  /** Somebody opened it. */
  opened(person: Person): Promise<void>;
  /** These entries came into the ledger. */
  changed(entries: Checkpoint[]): void;
  stop(): Promise<void>;
}

interface Parts {
  ledger: Pick<Ledger, 'groups' | 'runsFor' | 'homeOpened' | 'homesOpened'>;
  directory: Directory;
  /** Draws a person's board, unless `last` says that it shows the same already; returns a text of its state now. */
  publish(person: Person, board: Board, last?: string): Promise<string>;
  log: Logger;
}

/**
 * Keeps App Home up to date for those who have opened it lately, out of the ledger's views. Whichever process writes an event draws it.
 */
export function createHomes({ ledger, directory, publish, log }: Parts): Homes {
  const shown = new Map<string, string>();
  const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
  /** Members of groups, as Slack said last. */
  const known = new Map<string, readonly string[]>();
  let timer: NodeJS.Timeout | undefined;
  let again: NodeJS.Timeout | undefined;
  let waitMs = AGAIN_MS.first;
  let stopped = false;
  let drawing: Promise<void> = Promise.resolve();

  /** Where Slack can't say just now, its last answer is shown: nobody decides by it. */
  const membersNow = async (groups: string[]): Promise<{ members: GroupMembers; unsure: boolean }> => {
    const unsure = new Set<string>();
    const members = await membersOf(directory, groups, (group) => unsure.add(group));
    for (const group of groups) {
      const users = unsure.has(group) ? known.get(group) : members[group];
      if (users) known.set(group, users);
      else if (!unsure.has(group)) known.delete(group);
      members[group] = users ?? null;
    }
    return { members, unsure: unsure.size > 0 };
  };

  const draw = async (people: Person[]): Promise<void> => {
    if (people.length === 0) return;
    const { members, unsure } = await membersNow(await ledger.groups(ago(OLDEST_MS)));
    let missing = unsure;
    for (const person of people) {
      const key = `${person.team}/${person.user}`;
      const runs = await ledger.runsFor(person.user, namesOf(person, members));
      try {
        shown.set(key, await publish(person, boardFor(person, runs, members), shown.get(key)));
      } catch (error) {
        shown.delete(key);
        missing ||= error instanceof RemoteError && (error.retryable || error.operatorCanFix);
        log.warn({ err: error }, 'App Home could not be drawn');
      }
    }
    if (missing) drawAgain();
    else waitMs = AGAIN_MS.first;
  };

  const drawAll = async () => draw(await ledger.homesOpened(ago(OPENED_MS), MAX_HOMES));

  const drawAgain = () => {
    if (again || stopped) return;
    again = setTimeout(() => {
      again = undefined;
      void inTurn(drawAll);
    }, waitMs).unref();
    waitMs = Math.min(waitMs * 2, AGAIN_MS.most);
  };

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    drawing = drawing.then(work).catch((error: unknown) => {
      log.warn({ err: error }, 'App Home could not be drawn');
      drawAgain();
    });
    return drawing;
  };

  return {
    opened(person) {
      // Slack forgets what it shows when an app is installed anew.
      shown.delete(`${person.team}/${person.user}`);
      return inTurn(async () => {
        await ledger.homeOpened(person, new Date().toISOString());
        await draw([person]);
      });
    },
    changed(entries) {
      if (timer || !entries.some(isVisible)) return;
      timer = setTimeout(() => {
        timer = undefined;
        void inTurn(drawAll);
      }, GATHER_MS).unref();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(again);
      await drawing;
    },
  };
}
