import { useEffect } from 'react';
import type { Channel } from '../../workspace/protocol.js';
import { usePage } from '../live/page.js';
import {
  appHasSpoken,
  channelTitle,
  firstChannel,
  isAppChannel,
  rootMessages,
  takesMessages,
} from '../state/selectors.js';
import { Composer } from './Composer.js';
import { MessageList } from './MessageList.js';
import { Suggestions } from './Suggestions.js';
import { Welcome } from './Welcome.js';

/** A channel or a direct message. The composer comes first in keyboard order, and is drawn at the bottom. */
export function ChannelPane({ channel, hideHeader = false }: { channel: Channel; hideHeader?: boolean }) {
  const { state, workspace, dispatch } = usePage();
  const messages = rootMessages(workspace.messages[channel.id], state.me);
  const title = channelTitle(workspace, channel, state.me);
  useMarkRead(channel.id, messages.at(-1)?.ts);
  const isFirst = firstChannel(workspace)?.id === channel.id;
  const welcome =
    state.tour.status !== 'on' &&
    isFirst &&
    (state.welcome === 'open' || (state.welcome === 'auto' && !appHasSpoken(workspace)));
  const isOpen = takesMessages(workspace, channel);
  const botIsIn = channel.members.includes(workspace.app.botUser);
  return (
    <section className="pane" aria-label={hideHeader ? undefined : title}>
      {!hideHeader && (
        <header className="pane-header">
          <div>
            <h1>{title}</h1>
            <p>{channel.topic}</p>
          </div>
          <p className="members">
            {channel.members.length} members{!botIsIn && channel.kind !== 'im' && ' · the bot is not in here'}
          </p>
          {isFirst && !welcome && (
            <button
              type="button"
              className="quiet"
              onClick={() => dispatch({ type: 'welcome', welcome: 'open' })}
            >
              What is this?
            </button>
          )}
        </header>
      )}
      <div className="at-bottom">
        {channel.isArchived && <p className="archived">This channel is archived.</p>}
        {!channel.isArchived && !isOpen && (
          <p className="archived">Sending messages to this app has been turned off.</p>
        )}
        {!channel.isArchived && isOpen && <Composer channel={channel.id} title={title} />}
      </div>
      <MessageList key={`${channel.id}/${state.me}`} label={`Messages in ${title}`} messages={messages}>
        {isAppChannel(channel, workspace) && isOpen && <Suggestions channel={channel} />}
        {welcome ? (
          <Welcome channel={channel.id} />
        ) : (
          messages.length === 0 && <p className="empty">Nothing here yet.</p>
        )}
      </MessageList>
    </section>
  );
}

/** Marks the messages on the screen as read. */
function useMarkRead(channel: string, ts: string | undefined): void {
  const { state, workspace, live } = usePage();
  const read = workspace.read[state.me]?.[channel] ?? '';
  const { me } = state;
  useEffect(() => {
    if (ts !== undefined && ts > read) void live.request({ type: 'markRead', as: me, channel, ts });
  }, [channel, ts, read, me, live]);
}
