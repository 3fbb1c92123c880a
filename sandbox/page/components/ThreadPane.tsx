import { useEffect } from 'react';
import { usePage } from '../live/page.js';
import { messageElementId } from '../live/permalink.js';
import type { ThreadRef } from '../state/page-state.js';
import { channelTitle, replies, takesMessages } from '../state/selectors.js';
import { AgentStatus } from './AgentStatus.js';
import { Composer } from './Composer.js';
import { MessageList } from './MessageList.js';

/** A thread, next to its channel. */
export function ThreadPane({ thread }: { thread: ThreadRef }) {
  const { state, workspace, dispatch } = usePage();
  const messages = workspace.messages[thread.channel];
  const root = messages?.find((message) => message.ts === thread.ts);
  const channel = workspace.channels[thread.channel];
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector('dialog[open]'))
        dispatch({ type: 'closeThread' });
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [dispatch]);
  if (!root || !channel) return null;
  const all = [root, ...replies(messages, thread.ts, state.me)];
  const title = channelTitle(workspace, channel, state.me);
  return (
    <aside className="thread" aria-label="Thread" data-root={messageElementId(thread.channel, thread.ts)}>
      <header className="pane-header">
        <div>
          <h1>Thread</h1>
          <p>{title}</p>
        </div>
        <button
          type="button"
          className="quiet"
          aria-label="Close the thread"
          onClick={() => dispatch({ type: 'closeThread' })}
        >
          ✕
        </button>
      </header>
      <div className="at-bottom">
        <AgentStatus thread={thread} />
        {takesMessages(workspace, channel) && (
          <Composer channel={channel.id} title={title} threadTs={thread.ts} />
        )}
      </div>
      <MessageList key={`${thread.ts}/${state.me}`} label="Thread" messages={all} inThread />
    </aside>
  );
}
