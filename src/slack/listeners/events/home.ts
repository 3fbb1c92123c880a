import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import type { KnownBlock } from '@slack/types';
import { HELP } from '../../blocks/help.js';
import { line } from '../../blocks/lines.js';
import { listLines } from '../../blocks/listing.js';
import type { ListenerContext } from '../../ports.js';

type Args = SlackEventMiddlewareArgs<'app_home_opened'> & AllMiddlewareArgs;

/** The Home tab: how to use it, and the person's own runs. */
export function home({ runs }: ListenerContext) {
  return async ({ event, body, client }: Args): Promise<void> => {
    if (event.tab !== 'home') return;
    const { user } = event;
    const mine = await runs.list(
      (memo) => memo.requester.user === user && memo.requester.team === body.team_id,
      10,
    );
    const blocks: KnownBlock[] = [
      { type: 'header', text: { type: 'plain_text', text: 'Your runs' } },
      ...(mine.length > 0 ? listLines(mine) : ['Nothing yet. Type `/agent` and a goal in a channel.']).map(
        line,
      ),
      { type: 'divider' },
      line(HELP),
    ];
    await client.views.publish({ user_id: user, view: { type: 'home', blocks } });
  };
}
