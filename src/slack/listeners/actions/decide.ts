import type { WebClient } from '@slack/web-api';
import type { Decision } from '../../../approval/decision.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import { missing } from '../../../telemetry/warnings.js';
import { decide } from '../../../use-cases/act-on-run.js';
import { permalink } from '../../client/web/web.js';
import {
  ALWAYS_ALLOW,
  ANSWER,
  type ButtonValue,
  CHOICE,
  decodeButton,
  NOTE,
} from '../../messages/kit/ids.js';
import { ANSWER_IS_EMPTY, runIsOver, TOO_OFTEN } from '../../messages/refusals/refused-click.js';
import { refusedDecisionText } from '../../messages/refusals/refused-decision.js';
import type { ListenerContext, Registration } from '../context.js';
import { type Button, button, type Click } from './button.js';

/** Buttons of a request. The workflow judges the click. */
export const decisionButtons: Registration[] = [
  decisionButton('approve', 'approve'),
  decisionButton('approveTool', 'approve'),
  decisionButton('rejectTool', 'reject'),
  decisionButton('approveAllTool', 'approve'),
  decisionButton(new RegExp(`^${ALWAYS_ALLOW}\\d+$`), 'approve', { everyCall: true }),
  decisionButton('answer', 'answer'),
  decisionButton(new RegExp(`^${CHOICE}\\d+$`), 'answer'),
];

function decisionButton(
  action: Button<ButtonValue>['action'],
  kind: Decision['kind'],
  more: Pick<Decision, 'everyCall'> = {},
): Registration {
  return button({
    action,
    decode: decodeButton,
    async run(click, context) {
      const { run, ...about } = click.value;
      const note = readNote(click, kind);
      if (kind === 'answer' && about.choice === undefined && note === '') return ANSWER_IS_EMPTY;
      const clickedAt = Number(click.id);
      const decision = {
        ...{
          ...about,
          ...more,
          kind,
          note,
          by: click.by,
          clickedOn: click.clickedOn,
          at: new Date().toISOString(),
        },
        ...(clickedAt > 0 && { slackAt: new Date(clickedAt * 1000).toISOString() }),
      };
      const outcome = await decide(context, run, decision);
      if (outcome.kind === 'over') return runIsOver(await findCardLink(context, click.client, run));
      if (outcome.kind === 'too-often') return TOO_OFTEN;
      return outcome.kind === 'refused' && outcome.isTold
        ? refusedDecisionText({ decision, ...outcome })
        : undefined;
    },
  });
}

/** Reads the text that stands beside the button; also that beside the choices of a question. */
function readNote({ body }: Click<ButtonValue>, kind: Decision['kind']): string {
  const field = kind === 'answer' ? ANSWER : NOTE;
  const isField = (block: string) => block === field.block || block.startsWith(`${field.block} `);
  const [, fields] = Object.entries(body.state?.values ?? {}).find(([block]) => isField(block)) ?? [];
  const text = fields?.[field.action]?.value ?? '';
  return kind === 'answer' ? text.trim() : text;
}

/** Longest wait for the card's link, in milliseconds. Temporal, this look-up and the reply share Slack's 3 s. */
const LINK_WITHIN_MS = 200;

/** Finds the link to the run's newest card; undefined without one in time. */
async function findCardLink({ ledger }: ListenerContext, client: WebClient, shortId: string) {
  const look = async () => {
    const view = await ledger.view(shortId);
    return view?.card && (await permalink(client, view.card));
  };
  return await withTimeout(LINK_WITHIN_MS, look, () => undefined).catch(missing(undefined));
}
