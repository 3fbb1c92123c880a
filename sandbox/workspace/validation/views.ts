import { blockProblems } from './blocks.js';
import { LIMITS } from './limits.js';
import { type Fields, isFields, Problems } from './problems.js';

/** Errors of a view, in Slack's words; empty for a valid view. */
export function viewProblems(view: unknown, type: 'modal' | 'home'): string[] {
  const problems = new Problems();
  if (!isFields(view)) {
    problems.add('/view', 'must provide an object');
    return problems.messages;
  }
  if (view.type !== type) problems.add('/view/type', `must be ${type}`);
  if (type === 'modal') checkModal(view, problems);
  problems.optionalText(view, 'callback_id', '/view', LIMITS.id);
  problems.optionalText(
    { private_metadata: view.private_metadata || undefined },
    'private_metadata',
    '/view',
    LIMITS.privateMetadata,
  );
  if (JSON.stringify(view).length > LIMITS.viewBytes) problems.add('/view', 'must be less than 250kb');
  return [...problems.messages, ...blockProblems(view.blocks, type, '/view/blocks')];
}

function checkModal(view: Fields, problems: Problems): void {
  problems.textObject(view, 'title', '/view', LIMITS.viewTitle);
  problems.optionalTextObject(view, 'submit', '/view', LIMITS.viewSubmit);
  problems.optionalTextObject(view, 'close', '/view', LIMITS.viewClose);
  const hasInput = Array.isArray(view.blocks) && view.blocks.some((block: Fields) => block?.type === 'input');
  if (hasInput && !view.submit)
    problems.add('/view/submit', 'submit is required when an input block is within blocks');
}
