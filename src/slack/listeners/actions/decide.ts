import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { decodeRef, NOTE } from '../../messages/kit/ids.js';
import type { ListenerContext } from '../context.js';
import { personOf } from '../person.js';
import { CLICK_NOT_CONFIRMED, tellFirst } from '../refusals.js';
import { runIsOver } from '../run-is-over.js';

type Args = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

/**
 * `Approve` and `Extend`, and a tool call's `Reject` and `Approve all`: the click is in Temporal before it is acknowledged. What it
 * counts for, the workflow says.
 */
export function decide(
  context: ListenerContext,
  kind: 'approve' | 'extend' | 'reject',
  { all = false }: { all?: boolean } = {},
) {
  const { runs, log, homeTeam } = context;
  return async ({ ack, action, body, client, respond }: Args): Promise<void> => {
    const ref = decodeRef(action.value);
    if (!ref) {
      await ack();
      return;
    }
    const note = kind === 'extend' ? '' : (body.state?.values[NOTE.block]?.[NOTE.action]?.value ?? '');
    const clicked = Number(action.action_ts);
    const decision = {
      kind,
      request: ref.request,
      revision: ref.revision,
      digest: ref.digest,
      by: personOf(body, homeTeam),
      note,
      at: new Date().toISOString(),
      ...(all && { all }),
      ...(clicked > 0 && { slackAt: new Date(clicked * 1000).toISOString() }),
    };
    let answer: string | undefined;
    try {
      if (!(await runs.decide(ref.run, decision))) answer = await runIsOver(context, client, ref.run);
    } catch (error) {
      log.warn({ run: ref.run, err: error }, 'A click could not be confirmed');
      answer = CLICK_NOT_CONFIRMED;
    }
    if (answer) await tellFirst(respond, answer);
    await ack();
  };
}
