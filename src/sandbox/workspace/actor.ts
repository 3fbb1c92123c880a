import type { Delivered, PayloadKind, Transport } from './delivery/delivery.js';
import { tellApp } from './delivery/events.js';
import {
  closedPayload,
  commandPayload,
  messageActionPayload,
  submissionPayload,
  viewActionPayload,
} from './delivery/payloads.js';
import type { ResponseUrls } from './delivery/response-urls.js';
import type { Manifest } from './manifest.js';
import type { Block, Channel, Json, Message, Person } from './protocol.js';
import type { StoredMessage, StoredView, WorkspaceState } from './state.js';
import type { Triggers } from './triggers.js';
import { type Fields, isFields } from './validation/problems.js';
import { ApiError } from './web-api/request.js';
import { checkView, pushView, updateView } from './web-api/views.js';

/** What came of something that a person did. `errors` are a refused form's, by block_id. */
export type Done = { ok: true } | { ok: false; error: string; errors?: Record<string, string> };

export interface World {
  state: WorkspaceState;
  manifest: Manifest;
  triggers: Triggers;
  responseUrls: ResponseUrls;
  transport(): Transport;
}

/** block_id → action_id → value, as Slack's `state.values`. */
export type Values = Record<string, Record<string, Json>>;

interface Again {
  /** Deliver the same payload this many times more, as Slack does when an answer was lost. */
  redeliver?: number;
}

const NOT_ANSWERED = 'The app did not respond. Try again.';

/** Somebody in the workspace: what they do takes the same way whether the page or a test asks for it. */
export class Actor {
  constructor(
    readonly world: World,
    readonly user: Person,
  ) {}

  async command(
    channelId: string,
    command: string,
    text: string,
    { redeliver = 0 }: Again = {},
  ): Promise<Done> {
    const { state, manifest, triggers, responseUrls } = this.world;
    const channel = this.#channel(channelId);
    if (!manifest.commands.some((known) => known.command === command)) {
      this.#whisper(
        channel,
        `\`${command}\` is not a valid command. Slack commands start with a slash, such as \`/agent\`.`,
      );
      return { ok: false, error: 'not_a_command' };
    }
    const subject = { channel: channel.id, user: this.user.id };
    const payload = commandPayload(state, {
      user: this.user,
      channel,
      command,
      text,
      triggerId: triggers.issue(this.user.id),
      responseUrl: responseUrls.issue(subject),
    });
    const result = await this.#deliver('slash_commands', payload, redeliver);
    if (!result.ok) {
      this.#whisper(channel, `\`${command}\` failed because the app did not respond. Try again in a moment.`);
      return { ok: false, error: result.reason === 'timeout' ? 'operation_timeout' : 'dispatch_failed' };
    }
    const answer = typeof result.body === 'string' ? { text: result.body } : result.body;
    if (isFields(answer) && (answer.text || answer.blocks)) responseUrls.apply(subject, answer);
    return { ok: true };
  }

  /** Clicks an element of a message, found by its `action_id` or label. `stale` is an older copy whose button is clicked. */
  async click(
    where: { channel: string; ts: string },
    actionIdOrLabel: string,
    options: Again & { values?: Values; chosen?: Fields; blockId?: string; stale?: Message } = {},
  ): Promise<Done> {
    const { state, triggers, responseUrls } = this.world;
    const channel = this.#channel(where.channel);
    const message = state.message(channel.id, where.ts);
    if (!message) return { ok: false, error: 'message_not_found' };
    const found = findElement((options.stale ?? message).blocks ?? [], actionIdOrLabel, options.blockId);
    if (!found) return { ok: false, error: `There is no "${actionIdOrLabel}" here any more.` };
    const payload = messageActionPayload(state, {
      user: this.user,
      channel,
      message,
      action: this.#action(found, options.chosen),
      values: withDefaults(message.blocks ?? [], options.values),
      triggerId: triggers.issue(this.user.id),
      responseUrl: responseUrls.issue(subjectOf(message, this.user.id)),
    });
    const result = await this.#deliver('interactive', payload, options.redeliver);
    return result.ok ? { ok: true } : { ok: false, error: NOT_ANSWERED };
  }

  /** Clicks an element of a modal or of App Home. */
  async clickInView(
    viewId: string,
    actionIdOrLabel: string,
    options: { values?: Values; chosen?: Fields; blockId?: string } = {},
  ): Promise<Done> {
    const { state, triggers } = this.world;
    const view = this.#view(viewId);
    const found = view && findElement(view.blocks, actionIdOrLabel, options.blockId);
    if (!view || !found) return { ok: false, error: 'not_found' };
    const current = { ...view, state: { values: withDefaults(view.blocks, options.values) } };
    const payload = viewActionPayload(state, {
      user: this.user,
      view: current,
      action: this.#action(found, options.chosen),
      triggerId: triggers.issue(this.user.id),
    });
    const result = await this.#deliver('interactive', payload);
    return result.ok ? { ok: true } : { ok: false, error: NOT_ANSWERED };
  }

  /** Submits a modal. `values` is Slack's `state.values`, or, for short, a text by block_id. */
  async submit(
    viewId: string,
    values: Values | Record<string, string> = {},
    { redeliver = 0 }: Again = {},
  ): Promise<Done> {
    const { state, triggers } = this.world;
    const view = this.#view(viewId);
    if (view?.type !== 'modal') return { ok: false, error: 'not_found' };
    const filled = { ...view, state: { values: withDefaults(view.blocks, fullValues(view.blocks, values)) } };
    const errors = missing(filled);
    if (errors) return { ok: false, error: 'Fill in what is missing.', errors };
    const payload = submissionPayload(state, {
      user: this.user,
      view: filled,
      triggerId: triggers.issue(this.user.id),
    });
    const result = await this.#deliver('interactive', payload, redeliver);
    if (!result.ok) return { ok: false, error: 'We had some trouble connecting. Try again?' };
    return this.#afterSubmit(view, isFields(result.body) ? result.body : {});
  }

  async closeView(viewId: string): Promise<void> {
    const view = this.#view(viewId);
    if (!view) return;
    this.world.state.closeView(this.user.id, view.id);
    if (!view.notify_on_close) return;
    await this.#deliver('interactive', closedPayload(this.world.state, { user: this.user, view }));
  }

  async openHome(): Promise<void> {
    const view = this.world.state.data.homes[this.user.id];
    await tellApp(this.world, 'app_home_opened', {
      type: 'app_home_opened',
      user: this.user.id,
      channel: this.world.state.directMessage([this.user.id, this.world.state.data.app.botUser]).id,
      tab: 'home',
      event_ts: this.world.state.newTs(),
      ...(view && { view }),
    });
  }

  async send(channelId: string, text: string, threadTs?: string): Promise<Message> {
    const { state } = this.world;
    const channel = this.#channel(channelId);
    const message = state.addMessage({
      channel: channel.id,
      user: this.user.id,
      text,
      ...(threadTs && { threadTs }),
    });
    state.markRead(this.user.id, channel.id, message.ts);
    const about = {
      user: this.user.id,
      text,
      ts: message.ts,
      channel: channel.id,
      event_ts: message.ts,
      ...(threadTs && { thread_ts: threadTs }),
    };
    const { botUser } = state.data.app;
    if (channel.members.includes(botUser)) {
      const kinds = { public: 'channel', private: 'group', im: 'im', mpim: 'mpim' } as const;
      const kind = kinds[channel.kind];
      await tellApp(
        this.world,
        `message.${kind === 'channel' ? 'channels' : kind === 'group' ? 'groups' : kind}`,
        {
          type: 'message',
          channel_type: kind,
          ...about,
        },
      );
      if (text.includes(`<@${botUser}>`))
        await tellApp(this.world, 'app_mention', { type: 'app_mention', ...about });
    }
    return message;
  }

  async #deliver(kind: PayloadKind, payload: Fields, redeliver = 0): Promise<Delivered> {
    const transport = this.world.transport();
    const first = await transport.deliver(kind, payload);
    for (let again = 0; again < redeliver; again += 1) await transport.deliver(kind, payload);
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

  #whisper(channel: Channel, text: string): void {
    const { state } = this.world;
    state.addMessage({
      channel: channel.id,
      user: 'USLACKBOT',
      text,
      onlyFor: this.user.id,
      fromSlackbot: true,
    });
  }
}

interface Found {
  block: Block;
  element: Fields;
}

function subjectOf(message: StoredMessage, user: string) {
  const { channel, ts, threadTs } = message;
  return { channel, user, messageTs: ts, ...(threadTs && { threadTs }) };
}

function findElement(blocks: Block[], actionIdOrLabel: string, blockId?: string): Found | undefined {
  for (const block of blocks) {
    if (blockId !== undefined && block.block_id !== blockId) continue;
    for (const element of elementsOf(block)) {
      const label = isFields(element.text) ? element.text.text : undefined;
      if (element.action_id === actionIdOrLabel || label === actionIdOrLabel) return { block, element };
    }
  }
  return undefined;
}

function elementsOf(block: Block): Fields[] {
  const elements = Array.isArray(block.elements) ? block.elements : [];
  return [...elements, block.element, block.accessory].filter(isFields);
}

/** Every input has a value in the state, `null` where nobody typed anything. */
function withDefaults(blocks: Block[], values: Values = {}): Values {
  const all: Values = {};
  for (const block of blocks) {
    for (const element of elementsOf(block)) {
      if (!/input|select|picker|checkboxes|radio/.test(String(element.type))) continue;
      const id = block.block_id ?? '';
      const action = String(element.action_id);
      const given = values[id]?.[action];
      const empty = { type: String(element.type), value: (element.initial_value ?? null) as Json };
      all[id] = { ...all[id], [action]: given ?? empty };
    }
  }
  return all;
}

function fullValues(blocks: Block[], values: Values | Record<string, string>): Values {
  return Object.fromEntries(
    Object.entries(values).map(([blockId, value]) => {
      if (typeof value !== 'string') return [blockId, value];
      const element = blocks.find((block) => block.block_id === blockId)?.element;
      const action = isFields(element) ? String(element.action_id) : '';
      return [blockId, { [action]: { type: 'plain_text_input', value: value === '' ? null : value } }];
    }),
  );
}

/** Slack itself refuses a form in which a required input is empty. */
function missing(view: StoredView): Record<string, string> | undefined {
  const empty = view.blocks.filter((block) => {
    if (block.type !== 'input' || block.optional === true || !isFields(block.element)) return false;
    const values = view.state.values[block.block_id ?? ''] as Record<string, Fields> | undefined;
    const value = values?.[String(block.element.action_id)];
    return Object.entries(value ?? {}).every(([key, part]) => key === 'type' || part === null || part === '');
  });
  if (empty.length === 0) return undefined;
  return Object.fromEntries(
    empty.map((block) => [block.block_id ?? '', 'Please complete this required field.']),
  );
}
