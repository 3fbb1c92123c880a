import { uuid4 } from '@temporalio/workflow';
import type { Outcome } from '../../approval/request.js';
import type { RunInput } from '../../run/input.js';
import type { MessageRef } from '../../run/message-ref.js';
import type { RequestItem, RequestMessage, RunRequest } from '../../run/request.js';
import { MessageInThread } from '../messages/message-in-thread.js';
import type { RunContext } from '../run.js';
import { awaitOutcome } from './await-outcome.js';
import type { ItemMessage, OpenItem } from './open-item.js';

/** An item that people are asked about in the thread of the run's card. */
export interface ThreadItem {
  readonly open: OpenItem;
  /** Posts its message and waits for its outcome. Throws when the run is cancelled, or the message can't be posted. */
  ask(): Promise<Outcome>;
}

/** Opens a request whose items each get a message in the thread. */
export function openInThread(context: RunContext, items: RequestItem[]): ThreadItem[] {
  const { run, requests } = context;
  const request = { id: uuid4(), revision: run.planned?.revision ?? 0, items };
  requests.record(request);
  return items.map((item) => {
    const message = new ItemInThread(context, request, item);
    const open = requests.open(request, item, message);
    return { open, ask: () => ask(context, open, message) };
  });
}

async function ask(context: RunContext, open: OpenItem, message: ItemInThread): Promise<Outcome> {
  const { item, notices, ref } = open;
  try {
    const at = await message.post.post(message.draw(), { orDirectly: true });
    context.ledger.record('posted', { ...ref, message: at });
    // It may have been decided by the approval of another call meanwhile.
    if (item.outcome) message.refresh();
    else notices.send(message.draw(), at, item.policy);
    open.setPosted();
    return await awaitOutcome(context, open);
  } catch (error) {
    context.requests.close(open, { kind: 'withdrawn' }, { reason: 'over', state: 'cancelled' });
    throw error;
  }
}

/** The message of one item in the thread. */
class ItemInThread implements ItemMessage {
  readonly showsTimeLeft = false;
  readonly showsOutcome = true;
  readonly input: RunInput;
  readonly post: MessageInThread;

  constructor(
    { run, cards, background }: RunContext,
    readonly request: RunRequest,
    readonly item: RequestItem,
  ) {
    this.input = run.input;
    this.post = new MessageInThread(`request/${request.id}/${item.id}`, run.input, cards, background);
  }

  get at(): MessageRef | undefined {
    return this.post.at;
  }

  draw(): RequestMessage {
    const { runId, requester } = this.input;
    const { id: request, revision } = this.request;
    return { kind: 'request', runId, requester, request, revision, item: { ...this.item } };
  }

  refresh(): void {
    this.post.update(this.draw());
  }
}
