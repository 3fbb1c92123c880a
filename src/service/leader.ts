import { randomUUID } from 'node:crypto';
import { isPostgres } from '../ledger/database/database.js';
import { createReconciler } from '../ledger/reconcile/reconcile.js';
import { createUpkeep } from '../ledger/upkeep/upkeep.js';
import { createHomePublisher } from '../slack/client/home-publisher.js';
import { reportWaitingRuns } from '../telemetry/leader-gauges.js';
import { createHomes } from '../use-cases/home/draw-homes.js';
import { checkPolicy, checkSchedules } from './checks.js';
import { type Duties, leasesOfApp, startLeading } from './lease.js';
import type { Shared } from './shared.js';
import type { Stops } from './stops.js';

/** Name of the only process on a SQLite file. The next one takes its lease over at once, also after a crash. */
const ONLY_PROCESS = 'the only process';

/** Creates the parts of which one process does the regular work. A process without the lease draws only what it is asked for. */
export function createLeader(shared: Shared, stops: Stops) {
  const { config, identity, ledger, log, messenger, runs, useCases, web } = shared;
  const reconciler = createReconciler({ ledger, runs, messenger, log });
  const upkeep = createUpkeep({ ledger, retentionMs: config.retentionMs, log });
  const homes = createHomes({ ports: useCases, ledger, render: createHomePublisher(web, ledger) });
  stops.add(homes.stop);
  let isChecked = false;
  let waiting: ReturnType<typeof reportWaitingRuns> | undefined;
  const duties: Duties = {
    begin(term) {
      reconciler.start();
      upkeep.start();
      waiting = reportWaitingRuns(ledger);
      homes.follow(term);
      checkSchedules(shared);
      if (!isChecked) checkPolicy(shared);
      isChecked = true;
    },
    async end() {
      await Promise.all([reconciler.stop(), upkeep.stop(), homes.unfollow(), waiting?.stop()]);
    },
  };
  return {
    ...{ homeOpened: homes.opened, channelChanged: reconciler.lookAt },
    /** Leads as soon as nobody else does. */
    start() {
      const [holder, leases] = isPostgres(config.databaseUrl)
        ? [randomUUID(), leasesOfApp(ledger, identity.app, log)]
        : [ONLY_PROCESS, ledger];
      const leading = startLeading({ leases, holder, duties, log });
      stops.add(leading.stop);
      return leading;
    },
  };
}
