import { randomUUID } from 'node:crypto';
import type { WorkspaceState } from '../state.js';
import type { Fields } from '../validation/problems.js';
import { contentOf } from '../web-api/chat.js';
import { ApiError, Args } from '../web-api/request.js';

/** Number of answers and lifetime of a `response_url`. Source: Slack's "Handling user interaction". */
const USES = 5;
const LIFE_MS = 30 * 60_000;

/** Subject of an answer at a `response_url`. */
interface Subject {
  channel: string;
  user: string;
  /** Message whose button was clicked. */
  messageTs?: string;
}

/** Addresses at which an app answers a command or a click. */
export class ResponseUrls {
  #issued = new Map<string, Subject & { at: number; uses: number }>();

  constructor(
    readonly state: WorkspaceState,
    readonly url: () => string,
  ) {}

  issue(subject: Subject): string {
    const id = randomUUID();
    this.#issued.set(id, { ...subject, at: Date.now(), uses: 0 });
    return `${this.url()}response/${id}`;
  }

  /** Takes an answer. Returns Slack's response. */
  answer(id: string, fields: Fields): { status: number; body: string } {
    const subject = this.#issued.get(id);
    if (!subject) return { status: 404, body: 'expired_url' };
    if (Date.now() - subject.at > LIFE_MS) return { status: 404, body: 'expired_url' };
    if (subject.uses >= USES) return { status: 404, body: 'used_url' };
    subject.uses += 1;
    try {
      this.apply(subject, fields);
      return { status: 200, body: 'ok' };
    } catch (error) {
      if (error instanceof ApiError) return { status: 400, body: error.code };
      throw error;
    }
  }

  /** Applies an answer, which may also have come with an acknowledgement. */
  apply(subject: Subject, fields: Fields): void {
    const { state } = this;
    const original = subject.messageTs ? state.message(subject.channel, subject.messageTs) : undefined;
    if (fields.delete_original === true) {
      if (original) state.deleteMessage(original);
      return;
    }
    const content = contentOf({ state }, new Args(fields));
    if (fields.replace_original === true && original) {
      delete original.blocks;
      Object.assign(original, content, { edited: { ts: state.newTs() } });
      state.messageChanged(original);
      return;
    }
    const message = { channel: subject.channel, user: state.data.app.botUser, ...content };
    if (fields.response_type !== 'in_channel') {
      // Slack takes `thread_ts` for answers in the channel only. Source: Slack's "Handling user interaction", Publishing responses in thread.
      state.addEphemeral({ ...message, onlyFor: subject.user });
      return;
    }
    const { thread_ts: threadTs } = fields;
    state.addMessage({ ...message, ...(typeof threadTs === 'string' && { threadTs }) });
  }
}
