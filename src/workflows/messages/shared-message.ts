import type { PostedItems } from '../../run/event.js';
import type { MessageRef } from '../../run/message.js';
import type { RequestItem, RequestMessage, RunRequest } from '../../run/request.js';
import type { ItemMessage } from '../requests/open-item.js';
import type { RunContext } from '../run.js';
import { MessageInThread } from './message-in-thread.js';

/** Most items in one message: Slack takes 50 blocks and some 13,000 characters, and each item must be read on a phone. */
export const ITEMS_IN_MESSAGE = 5;

/** Id of the first item in the message of this one. The items of one request are numbered from 1; a question has another id. */
export function firstInMessage(id: string): string {
  const number = Number(id);
  return Number.isInteger(number) ? String(number - ((number - 1) % ITEMS_IN_MESSAGE)) : id;
}

/** One message in the thread for some items of a request. Decided items stay in it. */
export class SharedMessage {
  readonly #message: MessageInThread<RequestMessage>;
  readonly #items: RequestItem[];
  #posting: Promise<MessageRef> | undefined;

  /** `name` tells the keys of a run's messages apart. */
  constructor(
    readonly context: RunContext,
    readonly request: RunRequest,
    readonly name: string,
  ) {
    this.#message = new MessageInThread(context, name, () => this.#draw());
    const decided = context.requests.decidedBefore(request.id);
    this.#items = decided.filter(({ id }) => `request/${request.id}/${firstInMessage(id)}` === name);
  }

  /** Adds an item, before the message is posted. Returns the message as that item knows it. */
  add(item: RequestItem): ItemMessage {
    this.#items.push(item);
    this.#items.sort((one, other) => Number(one.id) - Number(other.id));
    const message = this.#message;
    return {
      get at() {
        return message.at;
      },
      get posting() {
        return message.posting;
      },
      isAt: (ts) => message.isAt(ts),
      post: () => {
        // Each of its items waits for the one post.
        this.#posting ??= message.post(this.#ref);
        return this.#posting;
      },
      draw: () => this.#about(item),
      refresh: () => message.refresh(),
      replaceLost: (_, ts, reason) => message.replaceLost(this.#ref, ts, reason),
      takeOver: (at) => message.takeOver(at),
    };
  }

  get #ref(): PostedItems {
    const [item = '', ...also] = this.#items.map(({ id }) => id);
    return { request: this.request.id, item, ...(also.length > 0 && { also }) };
  }

  #draw(): RequestMessage {
    const items = this.#items.map((each) => ({ ...each }));
    const [first] = items;
    if (!first) throw new Error('A message of a request has an item');
    return { ...this.#about(first), ...(items.length > 1 && { items }) };
  }

  #about(item: RequestItem): RequestMessage {
    const { shortId, requester } = this.context.run.input;
    const { id: request, revision } = this.request;
    return { kind: 'request', shortId, requester, request, revision, item: { ...item } };
  }
}
