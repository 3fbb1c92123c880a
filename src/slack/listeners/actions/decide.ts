import type { WebClient } from '@slack/web-api';
import type { Decision } from '../../../approval/decision.js';
import { decide } from '../../../use-cases/decide.js';
import { withTimeout } from '../../../with-timeout.js';
import { permalink } from '../../client/web.js';
import { ANSWER, type ButtonValue, CHOICE, decodeButton, NOTE } from '../../messages/kit/ids.js';
import { ANSWER_IS_EMPTY, runIsOver } from '../../messages/refusals/refused-click.js';
import type { ListenerContext, Registration } from '../context.js';
import { type Button, button, type Click, refusal } from './button.js';

/** The buttons of a request. The workflow judges the click. */
export const decisionButtons: Registration[] = [
  decisionButton('approve', { kind: 'approve' }),
  decisionButton('extend', { kind: 'extend' }),
  decisionButton('approveTool', { kind: 'approve' }),
  decisionButton('rejectTool', { kind: 'reject' }),
  decisionButton('approveAllTool', { kind: 'approve', everyCall: true }),
  decisionButton('answer', { kind: 'answer' }),
  decisionButton(new RegExp(`^${CHOICE}\\d+$`), { kind: 'answer' }),
];

function decisionButton(
  action: Button<ButtonValue>['action'],
  { kind, everyCall }: Pick<Decision, 'kind' | 'everyCall'>,
): Registration {
  return button({
    action,
    decode: decodeButton,
    async run(click, context) {
      const { run, choice } = click.value;
      const note = readNote(click, kind);
      if (kind === 'answer' && choice === undefined && note === '') return refusal(ANSWER_IS_EMPTY);
      const decision = { ...readDecision(click), kind, note, ...(everyCall && { everyCall }) };
      if (await decide(context, run, decision)) return undefined;
      return refusal(runIsOver(await findCardLink(context, click.client, run)));
    },
  });
}

function readDecision({ value, by, id }: Click<ButtonValue>): Omit<Decision, 'kind' | 'note'> {
  const { request, revision, items, choice } = value;
  const clickedAt = Number(id);
  return {
    ...{ request, revision, items, by, at: new Date().toISOString() },
    ...(clickedAt > 0 && { slackAt: new Date(clickedAt * 1000).toISOString() }),
    ...(choice !== undefined && { choice }),
  };
}

/** Text of the field beside the button. */
function readNote({ value, body }: Click<ButtonValue>, kind: Decision['kind']): string {
  if (kind === 'extend' || value.choice !== undefined) return '';
  const field = kind === 'answer' ? ANSWER : NOTE;
  const text = body.state?.values[field.block]?.[field.action]?.value ?? '';
  return kind === 'answer' ? text.trim() : text;
}

/** The click must be acknowledged within Slack's 3 s, and Temporal had two of them. In milliseconds. */
const LINK_WITHIN_MS = 400;

/** Address of the run's newest card; undefined where it isn't known in time. */
async function findCardLink({ ledger }: ListenerContext, client: WebClient, runId: string) {
  const look = async () => {
    const view = await ledger.view(runId);
    return view?.card && (await permalink(client, view.card));
  };
  return await withTimeout(LINK_WITHIN_MS, look, () => undefined).catch(() => undefined);
}
