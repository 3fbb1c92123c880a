import { uuid4, workflowInfo } from '@temporalio/workflow';
import type { Outcome } from '../../approval/request.js';
import type { CardState } from '../../run/card.js';
import type { PlanRevision } from '../../run/plan.js';
import type { RequestItem } from '../../run/request.js';
import type { Cards } from '../messages/cards.js';
import { enterState, policyOfNextRequest, type Run, type RunContext } from '../run.js';
import { postCard } from '../runtime/activities.js';
import { tryStep } from '../try-step.js';
import { awaitOutcome } from './await-outcome.js';
import type { ItemMessage, OpenItem } from './open-item.js';

type Waiting = Extract<CardState, { kind: 'waiting' }>;

/** Posts the card of a revision and waits for its outcome. Decisions count from the moment the card is visible. */
export async function awaitPlanApproval(
  context: RunContext,
  planned: PlanRevision,
  previous?: PlanRevision,
): Promise<Outcome> {
  const { run, cards, requests } = context;
  run.planned = planned;
  const item = planItem(run, planned);
  const request = { id: uuid4(), revision: planned.revision, items: [item] };
  requests.record(request);
  const open = requests.open(request, item, cardMessage(cards, request.id, item));
  run.planItem = open;
  await postPlan(context, open, previous);
  enterState(run, 'waiting');
  return await awaitOutcome(context, open);
}

function planItem(run: Run, { digest, plan }: PlanRevision): RequestItem {
  const policy = policyOfNextRequest(run);
  const { editors } = run.resume;
  return {
    id: 'plan',
    subject: { kind: 'plan', title: plan.title },
    digest,
    takes: ['approve', 'reject', 'changes', 'edit', 'extend'],
    policy,
    votes: [],
    expiresAt: new Date(Date.now() + policy.expiresAfterMs).toISOString(),
    ...(editors && { editors }),
  };
}

async function postPlan(context: RunContext, open: OpenItem, previous?: PlanRevision): Promise<void> {
  const { run, cards, ledger } = context;
  const { runId, requester, channel, thread } = run.input;
  const { current: replaces, unreachable } = cards;
  const state = waitingState(open.request.id, open.item, unreachable);
  const to = unreachable ? requester.user : channel;
  const ref = await tryStep('post', () =>
    postCard({
      channel: to,
      key: `${runId}/${workflowInfo().runId}/card/${open.request.revision}`,
      card: cards.draw(state),
      ...(thread && to === channel && { thread }),
      ...(replaces && { replaces }),
      ...(previous && { previous }),
    }),
  );
  cards.setPosted(ref, state);
  ledger.record('posted', { message: ref, request: open.request.id, item: open.item.id });
  if (!unreachable) open.notices.send(cards.draw(state), ref, open.item.policy);
  open.setPosted();
}

function waitingState(request: string, item: RequestItem, unreachable: Waiting['unreachable']): Waiting {
  return {
    kind: 'waiting',
    request,
    item: { ...item },
    asOf: new Date().toISOString(),
    ...(unreachable && { unreachable }),
  };
}

function cardMessage(cards: Cards, request: string, item: RequestItem): ItemMessage {
  return {
    showsTimeLeft: true,
    showsOutcome: false,
    get at() {
      return cards.current;
    },
    draw: () => cards.draw(waitingState(request, item, cards.unreachable)),
    refresh: () => cards.refresh(),
  };
}
