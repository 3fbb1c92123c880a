import { setTimeout as delay } from 'node:timers/promises';
import type { Filled } from '../../sandbox/workspace/elements.js';
import type { Message } from '../../sandbox/workspace/index.js';
import type { DecisionKind } from '../../src/approval/decision.js';
import { EDIT, EXTENSION, NOTE } from '../../src/slack/messages/kit/ids.js';
import type { Scene } from '../../test/support/product/scene.js';
import { buttonsOf } from '../../test/support/slack/people.js';
import { type Acknowledged, readButton, runOf, type ShownButton, shownButtons } from './acknowledged.js';
import { answerQuestion } from './answers.js';
import type { Random } from './random.js';

/** A person who sees no effect clicks again after this long, in milliseconds. */
const PATIENCE_MS = 6_000;

/** Most clicks at once. While the service is away, each waits three seconds for an answer. */
const CLICKS_AT_ONCE = 6;

/** Longest wait for a modal to open, in milliseconds. */
const FORM_MS = 500;

/** Buttons for a plan; a repeated label is more likely. */
const TO_PLAN = [
  'Approve',
  'Approve',
  'Approve',
  'Approve',
  'Approve',
  'Reject',
  'Request changes',
  'Edit plan',
  'Extend',
];
/** Buttons for the actions of a turn, by the beginnings of their labels. */
const TO_CALL = [
  'Approve',
  'Approve',
  'Approve',
  'Approve',
  'Reject',
  'Reject',
  'Approve all',
  'Always allow',
];

const FORMS = new Set(['Reject', 'Request changes', 'Edit plan', 'Extend']);

type Kind = Exclude<DecisionKind, 'answer'>;

const KINDS: Record<string, Kind> = {
  Approve: 'approve',
  'Approve all': 'approve',
  'Always allow': 'approve',
  Reject: 'reject',
  reject_plan: 'reject',
  change_plan: 'changes',
  edit_plan: 'edit',
  extend_plan: 'extend',
};

/** Words for the modals, by `callback_id`. The others take a reason. */
const WORDS: Record<string, Record<string, string>> = {
  edit_plan: { [EDIT.more]: 'Look at it once more\nBy hand.' },
  extend_plan: { [EXTENSION.block]: '1 more day' },
};

/** Text of a private message about a click that had no effect, or whose effect is unknown. */
const DOUBT = /couldn't confirm|run is over|is already over/;

/** A person who decides, and their way to click. */
export interface Hand {
  scene: Scene;
  random: Random;
  /** Clicks a button. Resolves with true when the click was acknowledged, without a private warning. */
  click(message: Message, label: string, values?: Filled, block?: string): Promise<boolean>;
}

/** Decides all requests and retries failed runs until the signal aborts. Returns the acknowledged clicks. */
export async function decide(scene: Scene, random: Random, until: AbortSignal): Promise<Acknowledged[]> {
  const { workspace } = scene;
  const approver = workspace.people.ana;
  const ana = workspace.as(approver);
  const touched = new Map<string, number>();
  const acknowledged: Acknowledged[] = [];
  const clicks = new Set<Promise<void>>();
  const hand: Hand = {
    scene,
    random,
    async click(message, label, values = {}, blockId) {
      // A question of the model's is for whoever asked for the run; everything else is for the one approver.
      const user = /Waiting for <@(\w+)>/.exec(JSON.stringify(message.blocks))?.[1] ?? approver;
      const before = workspace.privateWords(user).length;
      const { ok } = await workspace.as(user).click(message, label, { values, ...(blockId && { blockId }) });
      return (
        ok &&
        !workspace
          .privateWords(user)
          .slice(before)
          .some(({ text }) => DOUBT.test(text))
      );
    },
  };
  while (!until.aborted) {
    for (const message of workspace.messages(workspace.channels.general)) {
      const buttons = buttonsOf(message);
      const last = touched.get(message.ts) ?? 0;
      if (buttons.length === 0 || message.onlyFor || Date.now() - last < PATIENCE_MS) continue;
      touched.set(message.ts, Date.now());
      const click = act(message, buttons).then((done) => {
        clicks.delete(click);
        if (done) acknowledged.push(done);
      });
      clicks.add(click);
      if (clicks.size >= CLICKS_AT_ONCE) await Promise.race(clicks);
    }
    await delay(100);
  }
  await Promise.all(clicks);
  return acknowledged;

  async function act(message: Message, buttons: string[]): Promise<Acknowledged | undefined> {
    // A person now and then stops a run during its execution.
    const stops = buttons.join() === 'Stop' && random.between(0, 25) < 1;
    if (buttons.includes('Retry')) await ana.click(message, 'Retry');
    else if (stops) return await stopRun(message);
    else if (buttons.includes('Approve') && buttons.includes('Exact input'))
      return await decideAs(message, random.pick(TO_CALL));
    else if (buttons.includes('Request changes')) {
      const label = random.pick(TO_PLAN);
      return await (FORMS.has(label) ? fillIn(message, label) : decideAs(message, label));
    } else if (buttons.join() !== 'Stop') return await answerQuestion(hand, message);
    return undefined;
  }

  async function decideAs(message: Message, label: string): Promise<Acknowledged | undefined> {
    const kind = KINDS[label];
    // The button is read before the click, because the click may change the message.
    const isIt = (button: ShownButton) =>
      button.label === label || (label.includes(' ') && button.label.startsWith(`${label} `));
    const found = shownButtons(message).filter(isIt);
    const button = found.length > 0 ? random.pick(found) : undefined;
    const about = readButton(button?.value);
    if (!kind || !button || !about) return undefined;
    const { run, request, items } = about;
    const at = Date.now();
    const field = message.blocks?.find(
      ({ type, block_id: id }) => type === 'input' && id?.startsWith(NOTE.block),
    );
    const note = { type: 'plain_text_input', value: random.pick([null, 'as discussed']) };
    const values = field?.block_id ? { [field.block_id]: { [NOTE.action]: note } } : {};
    return (await hand.click(message, button.action, values, button.block))
      ? { kind, run, request, items, at }
      : undefined;
  }

  async function stopRun(message: Message): Promise<Acknowledged | undefined> {
    const run = runOf(message);
    const at = Date.now();
    if (run === undefined || !(await hand.click(message, 'Stop'))) return undefined;
    return { kind: 'stop', run, at };
  }

  /** Fills in the modal for a reason, a change, an edit or an extension. */
  async function fillIn(message: Message, label: string): Promise<Acknowledged | undefined> {
    const at = Date.now();
    await ana.click(message, label);
    const open = () => workspace.openViews(approver)[0];
    const modal = await workspace.waitFor(open, { timeoutMs: FORM_MS }).catch(() => undefined);
    if (!modal) return undefined;
    const { ok } = await ana.submit(modal.id, WORDS[modal.callbackId ?? ''] ?? { answer: 'because' });
    await ana.closeView(modal.id);
    // The open modal may belong to an earlier click, so its own metadata counts.
    const kind = KINDS[modal.callbackId ?? ''];
    const about = readButton(JSON.parse(modal.privateMetadata ?? '{}').value);
    if (!ok || !kind || !about) return undefined;
    const { run, request, items } = about;
    return { kind, run, request, items, at };
  }
}
