import type { App } from '@slack/bolt';
import { decisionButtons } from './actions/decide.js';
import { modalButtons } from './actions/open-modal.js';
import { details, openCard, retry, stop } from './actions/run.js';
import { scheduleButtons } from './actions/schedule.js';
import { agent } from './commands/agent.js';
import type { ListenerContext, Registration } from './context.js';
import { channelChanges } from './events/channel.js';
import { home } from './events/home.js';
import { mention } from './events/mention.js';
import { planModals } from './views/plan-modals.js';

const LISTENERS: Registration[] = [
  agent,
  ...decisionButtons,
  ...modalButtons,
  ...planModals,
  ...[stop, retry, details, openCard],
  ...scheduleButtons,
  ...[mention, home, channelChanges],
];

export function registerListeners(app: App, context: ListenerContext): void {
  for (const register of LISTENERS) register(app, context);
}
