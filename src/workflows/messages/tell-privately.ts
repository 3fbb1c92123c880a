import type { Person } from '../../approval/person.js';
import type { RunInput } from '../../run/input.js';
import type { PrivateMessage } from '../../run/message.js';
import { sendPrivately } from '../runtime/activities.js';
import { type Background, bestEffort } from '../runtime/best-effort.js';

/** Tells one person something that only they see, beside the story. */
export function tellPrivately(
  { runId, origin }: RunInput,
  background: Background,
  to: Person,
  message: PrivateMessage,
): void {
  background.track(bestEffort(() => sendPrivately({ to, runId, origin, message })));
}
