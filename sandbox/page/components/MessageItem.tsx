import type { Message } from '../../workspace/protocol.js';
import { Blocks } from '../blocks/Blocks.js';
import { useSurface } from '../blocks/surface.js';
import { usePage } from '../live/page.js';
import { messageElementId } from '../live/permalink.js';
import { threadKey } from '../state/page-state.js';
import { displayName, isReply } from '../state/selectors.js';
import { clockOf } from '../text/date.js';
import { emojiOf } from '../text/emoji.js';
import { Mrkdwn } from '../text/Mrkdwn.js';
import { SessionBadge } from './AgentStatus.js';
import { Avatar } from './Avatar.js';
import { FileCard } from './FileCard.js';

/** One message. `follows`: the previous message has the same author, so the author is not repeated. */
export function MessageItem({
  message,
  follows,
  inThread,
}: {
  message: Message;
  follows: boolean;
  inThread?: boolean;
}) {
  const { workspace } = usePage();
  const surface = { kind: 'message', message } as const;
  const { failure } = useSurface(surface);
  if (message.subtype === 'tombstone') return <Tombstone message={message} inThread={inThread === true} />;
  const author = workspace.people[message.user];
  const name = message.fromSlackbot ? 'Slackbot' : displayName(author);
  const classes = ['message', follows && 'follows', message.onlyFor && 'ephemeral'].filter(Boolean).join(' ');
  return (
    <article
      id={inThread && !isReply(message) ? undefined : messageElementId(message.channel, message.ts)}
      className={classes}
      tabIndex={-1}
      aria-label={`${name}, ${clockOf(message.ts)}`}
    >
      <div className="gutter">
        {follows ? <time>{clockOf(message.ts)}</time> : <Avatar person={author} />}
      </div>
      <div className="content">
        {message.onlyFor && <p className="only-you">👁 Only visible to you</p>}
        {!follows && (
          <p className="byline">
            <strong>{name}</strong>
            {author?.isBot && <span className="badge">APP</span>}
            <time>{clockOf(message.ts)}</time>
          </p>
        )}
        <div className="body">
          {message.blocks ? (
            <Blocks blocks={message.blocks} surface={surface} />
          ) : (
            message.text !== '' && <Mrkdwn text={message.text} />
          )}
          {message.edited && !message.blocks && <span className="edited">(edited)</span>}
          {message.files?.map((file) => (
            <FileCard key={file.id} file={file} />
          ))}
        </div>
        {failure && (
          <p className="error" role="alert">
            {failure}
          </p>
        )}
        <Reactions message={message} />
        {!inThread && message.replyCount > 0 && <RepliesLink message={message} />}
        {!inThread && <SessionBadge thread={message} />}
      </div>
      {!inThread && !message.onlyFor && <ReplyButton message={message} />}
    </article>
  );
}

/** The place of a deleted message that has replies: no author, and the way into its thread. */
function Tombstone({ message, inThread }: { message: Message; inThread: boolean }) {
  return (
    <article
      id={inThread ? undefined : messageElementId(message.channel, message.ts)}
      className="message tombstone"
      tabIndex={-1}
      aria-label={`Deleted message, ${clockOf(message.ts)}`}
    >
      <div className="gutter" aria-hidden="true">
        🗑
      </div>
      <div className="content">
        <div className="body">{message.text}</div>
        {!inThread && <RepliesLink message={message} />}
      </div>
    </article>
  );
}

function Reactions({ message }: { message: Message }) {
  const { state, workspace, live } = usePage();
  if (message.reactions.length === 0) return null;
  return (
    <p className="reactions">
      {message.reactions.map(({ name, users }) => {
        const mine = users.includes(state.me);
        const { channel, ts } = message;
        return (
          <button
            key={name}
            type="button"
            aria-pressed={mine}
            title={users.map((user) => displayName(workspace.people[user])).join(', ')}
            onClick={() =>
              void live.request({ type: 'react', as: state.me, channel, ts, name, remove: mine })
            }
          >
            {emojiOf(name)} {users.length}
          </button>
        );
      })}
    </p>
  );
}

function RepliesLink({ message }: { message: Message }) {
  const { state, workspace, dispatch } = usePage();
  const { channel, ts, replyCount, replyUsers, latestReply } = message;
  const unread = (state.unreadReplies[state.me]?.[threadKey(channel, ts)] ?? 0) > 0;
  const open = () => dispatch({ type: 'openThread', thread: { channel, ts } });
  return (
    <button type="button" className={unread ? 'replies unread' : 'replies'} onClick={open}>
      {replyUsers.slice(0, 3).map((user) => (
        <Avatar key={user} person={workspace.people[user]} size="small" />
      ))}
      <span className="count">
        {replyCount} {replyCount === 1 ? 'reply' : 'replies'}
      </span>
      {latestReply && <span className="last">Last reply {clockOf(latestReply)}</span>}
    </button>
  );
}

function ReplyButton({ message }: { message: Message }) {
  const { dispatch } = usePage();
  const { channel, ts } = message;
  if (isReply(message)) return null;
  return (
    <button
      type="button"
      className="reply-button"
      aria-label="Reply in thread"
      title="Reply in thread"
      onClick={() => dispatch({ type: 'openThread', thread: { channel, ts } })}
    >
      💬
    </button>
  );
}
