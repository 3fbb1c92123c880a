import type { Decision } from '../../../approval/decision.js';
import { missing } from '../../../telemetry/warnings.js';
import { refuseOutsider } from '../../../use-cases/act-on-run.js';
import { findCall, mayReadCall } from '../../../use-cases/find-call.js';
import { foreseeApprovers } from '../../../use-cases/foresee/foresee-approvers.js';
import { decodeButton } from '../../messages/kit/ids.js';
import {
  CALL_NOT_READ,
  CALL_TOO_LONG_TO_EDIT,
  DETAILS_NOT_ALLOWED,
  TOO_OFTEN,
} from '../../messages/refusals/refused-click.js';
import { refusedDecisionText } from '../../messages/refusals/refused-decision.js';
import { editCallModal, editorLeftOutText } from '../../messages/request/edit-form.js';
import { exactInputModal } from '../../messages/request/exact-input.js';
import type { Registration } from '../context.js';
import { button } from './button.js';

/** Buttons of a tool call that open a modal. */
export const callButtons: Registration[] = [
  button({
    action: 'exactInput',
    decode: decodeButton,
    run:
      async ({ value, by, body, client }, context) =>
      async () => {
        if (context.refusals.isTooOften(value.run, by)) return TOO_OFTEN;
        const call = await findCall(context.ledger, value);
        if (!call) return CALL_NOT_READ;
        if (!(await mayReadCall(context, value, by))) return DETAILS_NOT_ALLOWED;
        await client.views.open({ trigger_id: body.trigger_id, view: exactInputModal(call) });
        return undefined;
      },
  }),
  button({
    action: 'editTool',
    decode: decodeButton,
    run:
      async ({ value, by, clickedOn, body, client }, context) =>
      async () => {
        const { run, ...about } = value;
        if (context.refusals.isTooOften(run, by)) return TOO_OFTEN;
        const decision: Decision = { ...about, kind: 'edit', by, note: '', at: new Date().toISOString() };
        const [call, refused, foreseen] = await Promise.all([
          findCall(context.ledger, value),
          refuseOutsider(context, run, decision).catch(missing(undefined)),
          foreseeApprovers(context, value, by),
        ]);
        if (refused) {
          const isTold = context.refusals.early(run, decision, refused.refusal);
          return isTold ? refusedDecisionText({ decision, ...refused }) : undefined;
        }
        if (!call) return CALL_NOT_READ;
        if (!(await mayReadCall(context, value, by))) return DETAILS_NOT_ALLOWED;
        const warning = foreseen && editorLeftOutText(foreseen);
        const schema = await context.tools.schemaOf(call);
        const view = editCallModal({ button: value, clickedOn, warning }, call, schema);
        if (!view) return CALL_TOO_LONG_TO_EDIT;
        await client.views.open({ trigger_id: body.trigger_id, view });
        return undefined;
      },
  }),
];
