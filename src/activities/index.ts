import { RemoteError } from '../platform/errors.js';
import { sealCard } from '../run/card.js';
import { appendBeside, appendEntries } from './append-entries.js';
import { createAttempts } from './attempts.js';
import { beforeTimeout } from './before-timeout.js';
import { createCallLlm, digestPlanUnder, policyNow } from './call-llm.js';
import { createCallTool } from './call-tool.js';
import { createEditCall } from './edit-call.js';
import { inSession } from './in-session.js';
import { inSpans } from './in-spans.js';
import type {
  AdmitRun,
  AgentSessions,
  Directory,
  FindPolicy,
  Ledger,
  Messenger,
  Model,
  ReadThread,
  Toolbox,
} from './ports.js';
import { runActivity } from './run-activity.js';
import { createSlackActivities, showCard } from './slack.js';
import type { Activities } from './types.js';

/** The outside world, as the activities need it. */
export interface World {
  model: Model;
  messenger: Messenger;
  directory: Directory;
  sessions: AgentSessions;
  ledger: Ledger;
  toolbox: Toolbox;
  policyFor: FindPolicy;
  admitRun: AdmitRun;
  readThread: ReadThread;
}

/** The activities, bound to the outside world they are given. */
export function createActivities(world: World): Activities {
  const { model, messenger, directory, sessions, ledger, toolbox, policyFor } = world;
  return inSpans({
    admitRun: admitRunBy(world.admitRun),
    readThread: (mention) => runActivity((signal) => world.readThread(mention, signal)),
    searchWeb: ({ goal, session }, thread) =>
      runActivity((signal) =>
        inSession(sessions, session, 'is researching…', () =>
          beforeTimeout(signal, (own) => model.searchWeb(goal, own, thread)),
        ),
      ),
    callLlm: createCallLlm({ model, toolbox, policyFor, sessions }),
    callTool: createCallTool(toolbox, ledger, policyFor),
    editCall: createEditCall(toolbox, policyFor),
    digestPlan: digestPlanUnder(policyFor),
    readPolicy: ({ channel }) => runActivity(async () => policyNow(policyFor, channel).policy),
    lookUpMembership: lookUpMembershipIn(directory),
    persistCheckpoint: persistCheckpointIn(ledger, messenger),
    ...createSlackActivities(messenger, ledger),
  });
}

/** A run that waits is admitted, or refused, as soon as Slack can say whether its requester may ask. */
function admitRunBy(admit: AdmitRun): Activities['admitRun'] {
  return ({ waits, ...run }) =>
    runActivity(async () => {
      const admission = await admit(run);
      if (!waits || admission.kind !== 'unsure') return admission;
      const message = 'Slack could not say whether the requester may ask.';
      throw new RemoteError('MembershipUnsure', message, { retryable: true });
    });
}

/** Asks Slack about the people behind a click. One group that can't be read leaves the others readable. */
function lookUpMembershipIn(directory: Directory): Activities['lookUpMembership'] {
  return ({ groups, person, fresh, releasing }) =>
    runActivity(async () => {
      const ask = (options: { fresh: boolean }) =>
        Promise.all(groups.map((group) => directory.members(group, options)));
      let members = await ask({ fresh });
      // A click of somebody outside the groups costs no request to Slack.
      if (releasing && !fresh && members.some((list) => list?.includes(releasing))) {
        members = await ask({ fresh: true });
      }
      const known = person && (await directory.person(person));
      return {
        groups: Object.fromEntries(groups.map((group, index) => [group, members[index] ?? null])),
        ...(known && { person: known }),
      };
    });
}

function persistCheckpointIn(ledger: Ledger, messenger: Messenger): Activities['persistCheckpoint'] {
  const inTurn = createAttempts();
  return ({ entries, show }) =>
    runActivity(async () => {
      if (!show) return { head: await appendEntries(ledger, entries) };
      const work = async () => {
        const sealed = await appendBeside(ledger, entries);
        await showCard(messenger, { ...show, card: sealCard(show.card, sealed) });
        return sealed;
      };
      return await (show.notice ? inTurn(work) : work());
    });
}
