import type { App, BlockButtonAction } from '@slack/bolt';
import { ACTIONS, OPTION, VIEWS } from '../messages/kit/ids.js';
import { answer } from './actions/answer.js';
import { changeSchedule } from './actions/change-schedule.js';
import { decide } from './actions/decide.js';
import { details } from './actions/details.js';
import { discardSchedule } from './actions/discard-schedule.js';
import { openModal } from './actions/open-modal.js';
import { retry } from './actions/retry.js';
import { saveSchedule } from './actions/save-schedule.js';
import { stop } from './actions/stop.js';
import { agent } from './commands/agent.js';
import type { ListenerContext } from './context.js';
import { CHANNEL_EVENTS, channelChanged } from './events/channel.js';
import { home } from './events/home.js';
import { mentioned } from './events/mention.js';
import { submitAnswer } from './views/submit-answer.js';
import { submitEdit } from './views/submit-edit.js';

export function registerListeners(app: App, context: ListenerContext): void {
  const onClick = (
    action: keyof typeof ACTIONS,
    ...listeners: Parameters<typeof app.action<BlockButtonAction>>[1][]
  ) => app.action<BlockButtonAction>({ type: 'block_actions', action_id: ACTIONS[action] }, ...listeners);
  app.command('/agent', agent(context));
  onClick('approve', decide(context, 'approve'));
  onClick('extend', decide(context, 'extend'));
  onClick('reject', openModal(context, 'reject'));
  onClick('changes', openModal(context, 'changes'));
  onClick('edit', openModal(context, 'edit'));
  onClick('approveTool', decide(context, 'approve'));
  onClick('rejectTool', decide(context, 'reject'));
  onClick('approveAllTool', decide(context, 'approve', { all: true }));
  onClick('answer', answer(context));
  app.action<BlockButtonAction>(
    { type: 'block_actions', action_id: new RegExp(`^${OPTION}\\d+$`) },
    answer(context),
  );
  onClick('stop', stop(context));
  onClick('details', details(context));
  onClick('retry', retry(context));
  onClick('saveSchedule', saveSchedule(context));
  onClick('discardSchedule', discardSchedule());
  onClick('pauseSchedule', changeSchedule(context, 'pause'));
  onClick('resumeSchedule', changeSchedule(context, 'resume'));
  onClick('runSchedule', changeSchedule(context, 'run'));
  onClick('deleteSchedule', changeSchedule(context, 'delete'));
  // A button that is a link opens in Slack; its click is only acknowledged.
  onClick('openCard', ({ ack }) => ack());
  app.view({ type: 'view_submission', callback_id: VIEWS.reject }, submitAnswer(context, 'reject'));
  app.view({ type: 'view_submission', callback_id: VIEWS.changes }, submitAnswer(context, 'changes'));
  app.view({ type: 'view_submission', callback_id: VIEWS.edit }, submitEdit(context));
  app.event('app_mention', mentioned(context));
  app.event('app_home_opened', home(context));
  for (const event of CHANNEL_EVENTS) app.event(event, channelChanged(context));
}
