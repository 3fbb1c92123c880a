import type { Message } from '../../workspace/protocol.js';
import type { PageState, Workspace } from './page-state.js';
import { firstChannel, replies, rootMessages } from './selectors.js';

/** The guided tour: its newcomer, and how far it came. The browser keeps it, so that it can be taken up again. */
export interface Tour {
  status: 'off' | 'on' | 'left';
  person: string;
  channel: string;
  /** Later messages in the channel belong to the tour. */
  after: string;
  /** Number of tours before this one. Each adds another item to the to-do list. */
  round: number;
  reached: 'start' | 'call' | 'kill' | 'question';
}

export const NO_TOUR: Tour = {
  status: 'off',
  person: '',
  channel: '',
  after: '',
  round: 0,
  reached: 'start',
};

/** Beginnings of action_ids, by which the tour finds what it points at. Words on buttons change. */
export const TOUR_ACTIONS = {
  approve: 'plan_approve',
  approveCall: 'tool_approve',
  answer: 'question_option_',
  stop: 'run_stop',
} as const;

/**
 * Steps in order. `planning`, `working`, `restart` and `resumed` wait for the run; `missed` is a run that was over before anybody killed the service.
 */
export type TourStep =
  | 'goal'
  | 'planning'
  | 'approve'
  | 'working'
  | 'call'
  | 'kill'
  | 'restart'
  | 'question'
  | 'resumed'
  | 'over'
  | 'missed';

/** The tour's step, with the message and the action at which it points. */
export interface TourPlace {
  step: TourStep;
  message?: Message;
  action?: string;
}

/** False where the tour could not end with a kill in the middle of a call. */
export const offersTour = ({ whatIfs }: Workspace) =>
  whatIfs.includes('kill-service') && whatIfs.includes('slow-call');

/** A tour of the acting person that begins now. */
export function startTour({ workspace, me, tour }: PageState): Tour {
  const channel = (workspace && firstChannel(workspace)?.id) ?? '';
  const after = workspace?.messages[channel]?.at(-1)?.ts ?? '0';
  return { status: 'on', person: me, channel, after, round: tour.round + 1, reached: 'start' };
}

/** The goal that the tour types. An item that is on the list already would not be added again. */
export function tourGoal({ round }: Tour): string {
  const item = round > 1 ? `Buy batch ${round} of stickers` : 'Buy stickers';
  return `/agent add "${item}" to our to-do list`;
}

/** Finds the step of the tour by what the app has posted since the tour began. */
export function tourPlace({ workspace, tour, awaited }: PageState): TourPlace {
  const { person, channel, after, reached } = tour;
  const messages = workspace?.messages[channel];
  const card = rootMessages(messages, person).findLast(
    ({ ts, user, blocks, onlyFor }) =>
      ts > after && user === workspace?.app.botUser && blocks !== undefined && onlyFor === undefined,
  );
  const asked = awaited[person];
  const isQueued = workspace?.queued.some((queued) => queued.user === person);
  if (!card) {
    const isAsked = asked?.channel === channel && asked.since > Number(after);
    return { step: isAsked || isQueued ? 'planning' : 'goal' };
  }
  const at = (step: TourStep, message: Message, action: string) => ({ step, message, action });
  if (has(card, TOUR_ACTIONS.approve)) return at('approve', card, TOUR_ACTIONS.approve);
  const thread = replies(messages, card.ts, person);
  const question = thread.findLast((message) => has(message, TOUR_ACTIONS.answer));
  if (question) return at('question', question, TOUR_ACTIONS.answer);
  const call = thread.findLast((message) => has(message, TOUR_ACTIONS.approveCall));
  if (call) return at('call', call, TOUR_ACTIONS.approveCall);
  const isOver = !has(card, TOUR_ACTIONS.stop);
  if (isOver) return { step: reached === 'start' || reached === 'call' ? 'missed' : 'over', message: card };
  return { step: RUNNING[reached], message: card };
}

/** Steps of a run that works, by what was reached before. */
const RUNNING = { start: 'working', call: 'kill', kill: 'restart', question: 'resumed' } as const;

/** The tour after its step was seen: a call that asks, or a question about one. */
export function advanced(tour: Tour, step: TourStep): Tour {
  if (step === 'call' && tour.reached === 'start') return { ...tour, reached: 'call' };
  if (step === 'question' && tour.reached === 'kill') return { ...tour, reached: 'question' };
  return tour;
}

function has({ blocks = [] }: Message, action: string): boolean {
  return actionIds(blocks).some((id) => id.startsWith(action));
}

function actionIds(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(actionIds);
  if (typeof part !== 'object' || part === null) return [];
  const { action_id: id, elements, accessory, child_blocks: inner } = part as Record<string, unknown>;
  return [...(typeof id === 'string' ? [id] : []), ...[elements, accessory, inner].flatMap(actionIds)];
}
