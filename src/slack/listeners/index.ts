import type { App, BlockButtonAction } from '@slack/bolt';
import { ACTIONS, VIEWS } from '../blocks/ids.js';
import type { ListenerContext } from '../ports.js';
import { approve } from './actions/approve.js';
import { openModal } from './actions/open-modal.js';
import { retry } from './actions/retry.js';
import { agent } from './commands/agent.js';
import { CHANNEL_EVENTS, channelChanged } from './events/channel.js';
import { home } from './events/home.js';
import { submitAnswer } from './views/submit-answer.js';

export function registerListeners(app: App, context: ListenerContext): void {
  app.command('/agent', agent(context));
  app.action<BlockButtonAction>({ type: 'block_actions', action_id: ACTIONS.approve }, approve(context));
  app.action<BlockButtonAction>(
    { type: 'block_actions', action_id: ACTIONS.reject },
    openModal(context, 'reject'),
  );
  app.action<BlockButtonAction>(
    { type: 'block_actions', action_id: ACTIONS.changes },
    openModal(context, 'changes'),
  );
  app.action<BlockButtonAction>({ type: 'block_actions', action_id: ACTIONS.retry }, retry(context));
  app.view({ type: 'view_submission', callback_id: VIEWS.reject }, submitAnswer(context, 'reject'));
  app.view({ type: 'view_submission', callback_id: VIEWS.changes }, submitAnswer(context, 'changes'));
  app.event('app_home_opened', home(context));
  for (const event of CHANNEL_EVENTS) app.event(event, channelChanged(context));
}
