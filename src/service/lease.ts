import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from '../ledger/index.js';
import { ConfigError } from '../platform/errors.js';
import type { Logger } from '../platform/log.js';
import { withTimeout } from '../platform/with-timeout.js';

/** Name of the lease whose holder does what one process must do. */
const LEADER = 'leader';

/** Time for which the lease is taken, and time between two renewals, in milliseconds. A killed leader is replaced after both at most. */
const LEASE_MS = 10_000;
const RENEW_MS = 3_000;

/** Longest waits of a stop, in milliseconds: for the duties, and for the database. Slack's events are drained after both. */
const END_WITHIN_MS = 2_000;
const RELEASE_WITHIN_MS = 1_000;

/** Time before the end of the lease at which the leader stops, in milliseconds. A call on its way ends before another process leads. */
const MARGIN_MS = 1_000;

/** Name of the lease whose holder is the Slack app that uses the database, and time for which the leader keeps it, in milliseconds. */
const APP = 'app';
const APP_LEASE_MS = 30_000;

type Leases = Pick<Ledger, 'takeLease' | 'releaseLease' | 'leaseHolder'>;

/** A term of the leader. `isOn`: false as soon as another process may lead. */
export interface Term {
  isOn(): boolean;
}

/** Duties of the leader. `begin` starts them, and `end` stops them. */
export interface Duties {
  begin(term: Term): void;
  end(): Promise<void>;
}

interface Parts {
  leases: Pick<Leases, 'takeLease' | 'releaseLease'>;
  /** Name of this process. */
  holder: string;
  duties: Duties;
  log: Logger;
}

/**
 * Takes the lease as soon as nobody else holds it, and does the leader's duties while it is held. The database's clock says when a lease ends.
 * This process counts from before it asked, so its own term is never longer.
 */
export function startLeading({ leases, holder, duties, log }: Parts) {
  const stopping = new AbortController();
  const lease = { endsAt: 0, isLeading: false, timer: undefined as NodeJS.Timeout | undefined };
  let ending: Promise<void> = Promise.resolve();

  const end = () => {
    clearTimeout(lease.timer);
    if (!lease.isLeading) return;
    lease.isLeading = false;
    log.info('This process leads no longer');
    ending = duties
      .end()
      .catch((err: unknown) => log.warn({ err }, 'A duty of the leader could not be ended'));
  };
  const begin = (endsAt: number) => {
    lease.endsAt = endsAt;
    clearTimeout(lease.timer);
    lease.timer = setTimeout(end, endsAt - performance.now()).unref();
    if (lease.isLeading) return;
    lease.isLeading = true;
    log.info('This process leads: it repairs cards, draws App Home and brings schedules up to date');
    duties.begin({ isOn: () => lease.isLeading && performance.now() < lease.endsAt });
  };
  const renew = async () => {
    const endsAt = performance.now() + LEASE_MS - MARGIN_MS;
    const ask = () => leases.takeLease(LEADER, holder, LEASE_MS);
    // Without an answer the lease holds until its end.
    const isHeld = await withTimeout(RENEW_MS, ask, () => undefined).catch((err: unknown) => {
      log.warn({ err }, 'The lease of the leader could not be renewed');
      return undefined;
    });
    if (stopping.signal.aborted) return;
    if (isHeld === false) end();
    await ending;
    if (isHeld && !stopping.signal.aborted && performance.now() < endsAt) begin(endsAt);
  };
  const renewing = (async () => {
    while (!stopping.signal.aborted) {
      await renew();
      await delay(RENEW_MS, undefined, { signal: stopping.signal }).catch(() => 'stopped');
    }
  })();

  return {
    isLeading: () => lease.isLeading,
    /** Ends the duties, and lets another process lead at once. */
    async stop(): Promise<void> {
      stopping.abort();
      end();
      const ended = () => Promise.all([renewing, ending]);
      await withTimeout(END_WITHIN_MS, ended, () => 'a duty cut off is done again by the next leader');
      const release = () => leases.releaseLease(LEADER, holder);
      await withTimeout(RELEASE_WITHIN_MS, release, () => 'it ends by itself');
    },
  };
}

/**
 * Takes the database for a Slack app. All processes of the app share it. With two apps on it, the leader of one would repair the other's cards.
 *
 * @throws ConfigError while another app has it.
 */
export async function takeDatabase(leases: Leases, app: string): Promise<void> {
  if (await leases.takeLease(APP, app, APP_LEASE_MS)) return;
  const other = (await leases.leaseHolder(APP)) ?? 'another one';
  throw new ConfigError(
    'DATABASE_URL',
    `DATABASE_URL: the Slack app ${other} uses this database now, and the tokens are those of ${app}. Give each app a database of its own. If this one replaces the other, stop all processes of the other, and start this one ${APP_LEASE_MS / 1_000} s later.`,
  );
}

/** Leases that an app takes only while the database is its own. Each renewal keeps the database, too. */
export function leasesOfApp(
  leases: Leases,
  app: string,
  log: Pick<Logger, 'error'>,
): Pick<Leases, 'takeLease' | 'releaseLease'> {
  let isOurs = true;
  return {
    releaseLease: leases.releaseLease,
    async takeLease(...lease) {
      const wasOurs = isOurs;
      isOurs = await leases.takeLease(APP, app, APP_LEASE_MS);
      if (wasOurs && !isOurs) log.error({ app }, OTHER_APP);
      return isOurs && (await leases.takeLease(...lease));
    },
  };
}

const OTHER_APP =
  'Another Slack app uses this database now, so no process of this one leads. Give each app a database of its own';
