import type { App } from '@slack/bolt';
import { callButtons } from './actions/call-buttons.js';
import { decisionButtons } from './actions/decide.js';
import { goalButtons } from './actions/goal.js';
import { modalButtons } from './actions/open-modal.js';
import { runButtons } from './actions/run.js';
import { scheduleButtons } from './actions/schedule.js';
import { agent } from './commands/agent.js';
import type { ListenerContext } from './context.js';
import { directMessage, suggestedPrompts } from './events/direct-message.js';
import { mention } from './events/mention.js';
import { stopButton } from './events/stop-button.js';
import { channelChanges, home } from './events/workspace.js';
import { editCallForm } from './views/edit-call.js';
import { planModals } from './views/plan-modals.js';

export function registerListeners(app: App, context: ListenerContext): void {
  const buttons = [
    ...decisionButtons,
    ...callButtons,
    ...modalButtons,
    ...runButtons,
    ...goalButtons,
    ...scheduleButtons,
  ];
  const messages = [mention, directMessage, suggestedPrompts, stopButton];
  for (const register of [agent, ...buttons, ...planModals, editCallForm, ...messages, home, channelChanges])
    register(app, context);
}
