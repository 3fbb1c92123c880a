import type { Delivered, PayloadKind } from './delivery/delivery.js';
import { changeDirectMessage } from './delivery/direct-messages.js';
import { tellApp } from './delivery/events.js';
import {
  closedPayload,
  commandPayload,
  messageActionPayload,
  submissionPayload,
  viewActionPayload,
} from './delivery/payloads.js';
import { type Filled, type Found, findElement, missing, valuesOf } from './elements.js';
import type { StoredFile } from './files/stored-file.js';
import { inviteBot } from './membership.js';
import type { Channel, Message, Person, SharedFile } from './protocol.js';
import { say } from './say.js';
import type { StoredMessage, StoredView } from './state.js';
import { textOfTyped } from './typed-text.js';
import { type Fields, isFields } from './validation/problems.js';
import { ApiError } from './web-api/request.js';
import { checkView, pushView, updateView } from './web-api/views.js';
import type { World } from './world.js';

/** Result of a person's action. `errors`: of a refused modal, by block_id. */
export type Done = { ok: true } | { ok: false; error: string; errors?: Record<string, string> };

/** A file that a person puts into a message. */
export interface NewFile {
  name: string;
  content: string | Uint8Array;
}

/** A file of a message, with its content. */
export interface ReadFile extends SharedFile {
  content: Buffer;
  /** The content as UTF-8. */
  text: string;
}

interface Again {
  /** Number of redeliveries of the same payload. A fault: Slack repeats only events. Source: Slack's "The Events API", Retries. */
  redeliver?: number;
}

/** A command that Slack itself handles. */
export const INVITE = '/invite';

const NOT_ANSWERED = 'The app did not respond. Try again.';

/** A person in the workspace. Actions from the page and from tests take the same path. */
export class Actor {
  constructor(
    readonly world: World,
    readonly user: Person,
  ) {}

  async command(
    channelId: string,
    command: string,
    text: string,
    { redeliver = 0, threadTs }: Again & { threadTs?: string } = {},
  ): Promise<Done> {
    const { state, manifest, triggers, responseUrls, outbox } = this.world;
    const channel = this.#channel(channelId);
    if (command === INVITE && !threadTs) return this.#invite(channel);
    const app = manifest.commands.find((own) => own.command === command);
    if (!app && command !== INVITE) {
      this.#whisper(
        channel,
        `\`${command}\` is not a valid command. Slack commands start with a slash, such as \`/agent\`.`,
        threadTs,
      );
      return { ok: false, error: 'not_a_command' };
    }
    if (threadTs) {
      this.#whisper(channel, `${command} is not supported in threads. Sorry!`, threadTs);
      return { ok: false, error: 'not_supported_in_threads' };
    }
    const subject = { channel: channel.id, user: this.user.id };
    let payload: Fields | undefined;
    // The app knows a command that is delivered again by its ids.
    const draw = () => {
      payload ??= commandPayload(state, {
        user: this.user,
        channel,
        command,
        text: app?.escapes ? textOfTyped(text, state.data, { isNamed: true }) : text,
        triggerId: triggers.issue(this.user.id),
        responseUrl: responseUrls.issue(subject),
      });
      return payload;
    };
    const result = await outbox.keep({ ...subject, command, text }, () =>
      this.#deliver('slash_commands', draw, redeliver),
    );
    if (!result?.ok) {
      this.#whisper(channel, `\`${command}\` failed because the app did not respond. Try again in a moment.`);
      return { ok: false, error: result?.reason === 'timeout' ? 'operation_timeout' : 'dispatch_failed' };
    }
    const answer = typeof result.body === 'string' ? { text: result.body } : result.body;
    if (isFields(answer) && (answer.text || answer.blocks)) responseUrls.apply(subject, answer);
    return { ok: true };
  }

  /**
   * Clicks an element of a message, found by its `action_id` or label. `values`: values of the message's inputs. `stale`: an older copy
   * of the message, whose button is clicked.
   */
  async click(
    where: { channel: string; ts: string },
    actionIdOrLabel: string,
    options: Again & { values?: Filled; chosen?: Fields; blockId?: string; stale?: Message } = {},
  ): Promise<Done> {
    const { state, triggers, responseUrls } = this.world;
    const channel = this.#channel(where.channel);
    if (!state.message(channel.id, where.ts)) return { ok: false, error: 'message_not_found' };
    const draw = () => {
      const message = state.message(channel.id, where.ts);
      const found =
        message && findElement((options.stale ?? message).blocks ?? [], actionIdOrLabel, options.blockId);
      if (!found) return undefined;
      return messageActionPayload(state, {
        user: this.user,
        channel,
        message,
        action: this.#action(found, options.chosen ?? found.chosen),
        values: valuesOf(message.blocks ?? [], options.values),
        triggerId: triggers.issue(this.user.id),
        responseUrl: responseUrls.issue({ channel: channel.id, user: this.user.id, messageTs: message.ts }),
      });
    };
    const result = await this.#deliver('interactive', draw, options.redeliver);
    if (!result) return { ok: false, error: `There is no "${actionIdOrLabel}" here any more.` };
    return result.ok ? { ok: true } : { ok: false, error: NOT_ANSWERED };
  }

  /** Clicks an element of a modal or App Home. */
  async clickInView(
    viewId: string,
    actionIdOrLabel: string,
    options: { values?: Filled; chosen?: Fields; blockId?: string } = {},
  ): Promise<Done> {
    const { state, triggers } = this.world;
    const draw = () => {
      const view = this.#view(viewId);
      const found = view && findElement(view.blocks, actionIdOrLabel, options.blockId);
      if (!found) return undefined;
      return viewActionPayload(state, {
        user: this.user,
        view: { ...view, state: { values: valuesOf(view.blocks, options.values) } },
        action: this.#action(found, options.chosen ?? found.chosen),
        triggerId: triggers.issue(this.user.id),
      });
    };
    const result = await this.#deliver('interactive', draw);
    if (!result) return { ok: false, error: 'not_found' };
    return result.ok ? { ok: true } : { ok: false, error: NOT_ANSWERED };
  }

  /** Submits a modal. `values` is Slack's `state.values`, or a text by block_id. */
  async submit(viewId: string, values: Filled = {}, { redeliver = 0 }: Again = {}): Promise<Done> {
    const { state, triggers } = this.world;
    const view = this.#view(viewId);
    if (view?.type !== 'modal') return { ok: false, error: 'not_found' };
    const filled = { ...view, state: { values: valuesOf(view.blocks, values) } };
    const errors = missing(filled);
    if (errors) return { ok: false, error: 'Fill in what is missing.', errors };
    const draw = () =>
      submissionPayload(state, {
        user: this.user,
        view: filled,
        triggerId: triggers.issue(this.user.id),
      });
    const result = await this.#deliver('interactive', draw, redeliver);
    if (!result?.ok) return { ok: false, error: 'We had some trouble connecting. Try again?' };
    return this.#afterSubmit(view, isFields(result.body) ? result.body : {});
  }

  async closeView(viewId: string): Promise<void> {
    const view = this.#view(viewId);
    if (!view) return;
    this.world.state.closeView(this.user.id, view.id);
    if (!view.notify_on_close) return;
    await this.#deliver('interactive', () => closedPayload(this.world.state, { user: this.user, view }));
  }

  async openHome(): Promise<void> {
    const view = this.world.state.data.homes[this.user.id];
    await this.#open('home', view ? { view } : {});
  }

  /** Opens the app's Messages tab. Returns its channel. */
  async openMessages(): Promise<string> {
    await this.#open('messages');
    return this.#appChannel.id;
  }

  /** Clicks Slack's stop button, which a thread has while the app works in it. */
  async stopSession(channel: string, thread: string): Promise<Done> {
    const { sessions, manifest, state } = this.world;
    const isShown = manifest.events.includes('agent_session_stopped');
    if (!isShown || sessions.find(channel, thread)?.status !== 'processing') {
      return { ok: false, error: 'There is no stop button here.' };
    }
    await tellApp(this.world, 'agent_session_stopped', {
      type: 'agent_session_stopped',
      ...{ channel, user: this.user.id, thread_ts: thread },
      streaming_message_ts: [],
      event_ts: state.newTs(),
    });
    return { ok: true };
  }

  /** Posts a message. `text` is Slack's mrkdwn: a mention is `<@U…>`. */
  send(channelId: string, text: string, threadTs?: string, files: readonly NewFile[] = []): Promise<Message> {
    const added = files.map(({ name, content }) =>
      this.world.files.add({ name, content: Buffer.from(content), user: this.user.id }),
    );
    return this.#say(channelId, text, threadTs, added);
  }

  /** Posts a message to the app, in its Messages tab. `redeliver`: number of redeliveries of its event. */
  message(text: string, { threadTs, redeliver = 0 }: Again & { threadTs?: string } = {}): Promise<Message> {
    const about = { channel: this.#appChannel, text, redeliver, ...(threadTs && { threadTs }) };
    return say(this.world, this.user, about);
  }

  /** Edits an own message in a direct message with the app. */
  async edit({ channel, ts }: Pick<Message, 'channel' | 'ts'>, text: string): Promise<void> {
    await this.#change({ channel, ts }, (message) => {
      message.text = text;
      message.edited = { ts: this.world.state.newTs() };
      this.world.state.messageChanged(message);
    });
  }

  /** Deletes an own message in a direct message with the app. */
  async delete({ channel, ts }: Pick<Message, 'channel' | 'ts'>): Promise<void> {
    await this.#change({ channel, ts }, (message) => this.world.state.deleteMessage(message));
  }

  /** Posts a text from a composer: `@handle` becomes a mention, and `<` is escaped. */
  write(channelId: string, typed: string, threadTs?: string, fileIds: string[] = []): Promise<Message> {
    const { data } = this.world.state;
    const files = fileIds.flatMap((id) => data.files[id] ?? []).filter(({ user }) => user === this.user.id);
    return this.#say(channelId, textOfTyped(typed, data), threadTs, files);
  }

  reply(
    { channel, ts, threadTs }: Pick<Message, 'channel' | 'ts' | 'threadTs'>,
    text: string,
  ): Promise<Message> {
    return this.send(channel, text, threadTs ?? ts);
  }

  /** Posts `<@bot> text`. `redeliver`: number of redeliveries of the mention's event. */
  mention(
    channelId: string,
    text: string,
    { threadTs, redeliver = 0 }: Again & { threadTs?: string } = {},
  ): Promise<Message> {
    return say(this.world, this.user, {
      channel: this.#channel(channelId),
      text: `<@${this.world.state.data.app.botUser}> ${text}`,
      redeliver,
      ...(threadTs && { threadTs }),
    });
  }

  /** Files of a message, with their contents. */
  readFiles({ files = [] }: Pick<Message, 'files'>): ReadFile[] {
    return files.map((file) => {
      const content = this.world.contents.get(file.id);
      if (!content) throw new Error(`${file.name} is no longer stored`);
      return { ...file, content, text: content.toString('utf8') };
    });
  }

  #say(channelId: string, text: string, threadTs: string | undefined, files: StoredFile[]): Promise<Message> {
    const channel = this.#channel(channelId);
    return say(this.world, this.user, { channel, text, files, ...(threadTs && { threadTs }) });
  }

  async #change(
    { channel, ts }: Pick<Message, 'channel' | 'ts'>,
    change: (message: StoredMessage) => void,
  ): Promise<void> {
    const { state } = this.world;
    const message = state.message(channel, ts);
    if (message?.user !== this.user.id) throw new Error(`${this.user.name} has no message ${ts}`);
    const event = changeDirectMessage(state, message, () => change(message));
    if (event) await tellApp(this.world, 'message.im', event);
  }

  get #appChannel(): Channel {
    const { state } = this.world;
    return state.directMessage([this.user.id, state.data.app.botUser]);
  }

  async #open(tab: 'home' | 'messages', more: Fields = {}): Promise<void> {
    await tellApp(this.world, 'app_home_opened', {
      type: 'app_home_opened',
      user: this.user.id,
      channel: this.#appChannel.id,
      tab,
      event_ts: this.world.state.newTs(),
      ...more,
    });
  }

  /** Delivers the payload that `draw` makes. Undefined: there is nothing to deliver any more. */
  async #deliver(
    kind: PayloadKind,
    draw: () => Fields | undefined,
    redeliver = 0,
  ): Promise<Delivered | undefined> {
    const { state, transport, outbox } = this.world;
    let payload: Fields | undefined;
    // Whoever acts is active.
    state.presenceChanged(this.user.id, false);
    const first = await outbox.deliver(() => {
      payload = draw();
      return payload && transport().deliver(kind, payload);
    });
    for (let again = 0; payload && again < redeliver; again += 1) await transport().deliver(kind, payload);
    return first;
  }

  #afterSubmit(view: StoredView, body: Fields): Done {
    const { state } = this.world;
    try {
      switch (body.response_action) {
        case 'errors':
          return {
            ok: false,
            error: 'The form was not accepted.',
            errors: body.errors as Record<string, string>,
          };
        case 'update':
          updateView({ state }, this.user.id, view, checkView(body.view, 'modal'));
          return { ok: true };
        case 'push':
          pushView({ state }, this.user.id, checkView(body.view, 'modal'));
          return { ok: true };
        default:
          state.closeView(this.user.id, view.id, body.response_action === 'clear');
          return { ok: true };
      }
    } catch (error) {
      if (error instanceof ApiError)
        return { ok: false, error: 'The app answered with a form that Slack refuses.' };
      throw error;
    }
  }

  #action({ block, element }: Found, chosen: Fields = {}): Fields {
    const { confirm: _, options: _all, placeholder: _hint, ...shown } = element;
    const choice = Object.entries(chosen).filter(([key]) => key.startsWith('selected_') || key === 'value');
    const own = element.type === 'button' ? {} : Object.fromEntries(choice);
    return { ...shown, ...own, block_id: block.block_id, action_ts: this.world.state.newTs() };
  }

  #channel(id: string): Channel {
    const channel = this.world.state.channel(id);
    const mayBeHere = channel && (channel.kind === 'public' || channel.members.includes(this.user.id));
    if (!mayBeHere) throw new Error(`${this.user.name} sees no channel ${id}`);
    return channel;
  }

  #view(id: string): StoredView | undefined {
    const found = this.world.state.findView(id);
    return found?.user === this.user.id ? found.view : undefined;
  }

  /** Slack's `/invite`, only for the app: people are members of all channels. */
  async #invite(channel: Channel): Promise<Done> {
    const { botUser } = this.world.state.data.app;
    if (channel.kind === 'im' || channel.kind === 'mpim') {
      this.#whisper(channel, `\`${INVITE}\` adds somebody to a channel; this is a direct message.`);
      return { ok: false, error: 'not_a_command' };
    }
    const isNew = await inviteBot(this.world, channel, this.user.id);
    const here = isNew ? 'was added to' : 'is in';
    this.#whisper(channel, `<@${botUser}> ${here} <#${channel.id}|${channel.name}>.`);
    return { ok: true };
  }

  #whisper({ id }: Channel, text: string, threadTs?: string): void {
    const to = { channel: id, user: this.user.id, ...(threadTs && { threadTs }) };
    this.world.state.whisper(to, text);
  }
}
