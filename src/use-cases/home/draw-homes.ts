import { randomUUID } from 'node:crypto';
import type { Person } from '../../approval/person.js';
import type { Ledger, OpenedHome } from '../../ledger/index.js';
import { RemoteError } from '../../platform/errors.js';
import { type Board, boardFor, namesOf } from '../../run/board.js';
import type { ScheduleSummary } from '../../schedule/schedule.js';
import type { HomeDrawing } from '../../slack/client/home-publisher.js';
import { membersOf } from '../../slack/permissions/directory.js';
import { warnOf } from '../../telemetry/warnings.js';
import type { UseCasePorts } from '../ports.js';
import { AGAIN, followHomes, IN_DRAWING } from './follow-homes.js';
import { rememberSchedules } from './remember-schedules.js';

/** Groups that have a say only in older runs are not looked up, in milliseconds. */
const OLDEST_MS = 90 * 86_400_000;

export interface HomeParts {
  ports: UseCasePorts;
  ledger: Pick<Ledger, 'groups' | 'runsFor' | 'homeOpened' | 'homesOpened' | 'setShown' | 'newest'>;
  /** Draws a person's board and schedules. */
  render(person: Person, content: { board: Board; schedules?: ScheduleSummary[] }): Promise<HomeDrawing>;
}

export type Homes = ReturnType<typeof createHomes>;

/**
 * Keeps App Home up to date for people who opened it recently. The process that hears of an opening draws that Home; all else is drawn by the leader.
 * The ledger says what each Home shows, because several processes draw it.
 */
export function createHomes({ ports, ledger, render }: HomeParts) {
  const { directory, log } = ports;
  const schedules = rememberSchedules(ports);
  /** Last known members of groups. */
  const known = new Map<string, readonly string[] | null>();
  let drawing: Promise<void> = Promise.resolve();

  const readMembers = async () => {
    const since = new Date(Date.now() - OLDEST_MS).toISOString();
    const { members, failures } = await membersOf(directory, await ledger.groups(since));
    for (const [group, users] of Object.entries(members)) {
      // If Slack can't answer at the moment, the last known members are used; no decision depends on them.
      if (failures.has(group)) members[group] = known.get(group) ?? null;
      else known.set(group, users);
    }
    return { members, isComplete: failures.size === 0 };
  };

  /** Draws a Home, unless it shows the same. `shown`: undefined where it must be drawn. Returns false when another process drew it meanwhile. */
  const show = async (person: Person, drawn: HomeDrawing, shown: string | undefined): Promise<boolean> => {
    if (drawn.digest === shown) return true;
    const mark = `${IN_DRAWING} ${randomUUID()}`;
    await ledger.setShown(person, mark);
    await drawn.publish();
    return await ledger.setShown(person, drawn.digest, mark);
  };

  /** Draws Homes. Returns false when one must be drawn again, because Slack gave no answer. */
  const draw = async (
    homes: { person: Person; shown?: string }[],
    mayDraw: () => boolean = () => true,
  ): Promise<boolean> => {
    if (homes.length === 0) return true;
    let { members, isComplete } = await readMembers();
    for (const { person, shown } of homes) {
      if (!mayDraw()) return true;
      try {
        const runs = await ledger.runsFor(person.user, namesOf(person, members));
        const board = boardFor(person, runs, members);
        const own = await schedules.of(person);
        const drawn = await render(person, { board, ...(own && { schedules: own }) });
        if (!mayDraw()) return true;
        // Slack may have taken the two drawings in either order.
        if (!(await show(person, drawn, shown))) await ledger.setShown(person, AGAIN);
      } catch (error) {
        isComplete &&= error instanceof RemoteError && !error.retryable && !error.operatorCanFix;
        warnOf('home', error, 'App Home could not be drawn');
      }
    }
    return isComplete;
  };

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = drawing.then(work);
    drawing = turn.then(
      () => {},
      () => {},
    );
    return turn;
  };

  const follower = followHomes({
    ...{ ledger, log },
    draw: (homes: OpenedHome[], mayDraw) => inTurn(() => draw(homes, mayDraw)),
    scheduleRan: schedules.forget,
    openedElsewhere: schedules.lookForAWhile,
  });

  return {
    /** Called when a person opens App Home, or changes a schedule there. */
    async opened(person: Person, changedSchedule?: string): Promise<void> {
      schedules.look(person, changedSchedule);
      const drawn = inTurn(async () => {
        const at = new Date().toISOString();
        follower.openedHere(person, at);
        await ledger.homeOpened(person, at);
        // Slack forgets a Home tab when the app is reinstalled, so it is drawn also where it shows the same.
        if (!(await draw([{ person }]))) await ledger.setShown(person, AGAIN);
      });
      await drawn.catch((err: unknown) => log.warn({ err }, 'App Home could not be drawn'));
    },
    /** Draws each Home that changes, until `unfollow`. One process does so, as long as `term` is on. */
    follow: follower.start,
    unfollow: follower.stop,
    async stop(): Promise<void> {
      await follower.stop();
      await drawing;
    },
  };
}
