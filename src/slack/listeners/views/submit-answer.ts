import { ANSWER } from '../../messages/kit/ids.js';
import type { ListenerContext } from '../context.js';
import { submission } from './submission.js';

/** A submitted reason or wish. */
export function submitAnswer(context: ListenerContext, kind: 'reject' | 'changes') {
  return submission(context, ANSWER.block, async (values) => {
    const note = values[ANSWER.block]?.[ANSWER.action]?.value?.trim() ?? '';
    return kind === 'changes' && note === '' ? 'Say what should change.' : { kind, note };
  });
}
