import { usePage } from '../live/page.js';
import type { ThreadRef } from '../state/page-state.js';
import { displayName, sessionIn } from '../state/selectors.js';

/** Tells at the end of a thread that the app works in it, with Slack's stop button. */
export function AgentStatus({ thread }: { thread: ThreadRef }) {
  const { state, workspace, live } = usePage();
  const session = sessionIn(workspace, thread);
  if (session?.status !== 'processing') return null;
  const { botUser, canStop } = workspace.app;
  const stop = () =>
    void live.request({ type: 'stopSession', as: state.me, channel: thread.channel, thread: thread.ts });
  return (
    <div className="agent-status">
      <Dots />
      <p role="status">
        <strong>{displayName(workspace.people[botUser])}</strong> {session.words ?? 'is working…'}
      </p>
      {canStop && (
        <button type="button" className="stop" onClick={stop}>
          <span aria-hidden="true">■</span> Stop
        </button>
      )}
    </div>
  );
}

/** Tells in the list of messages how the session in a message's thread stands. */
export function SessionBadge({ thread }: { thread: ThreadRef }) {
  const { workspace } = usePage();
  const status = sessionIn(workspace, thread)?.status;
  if (status === 'processing') {
    return (
      <span className="session-badge">
        <Dots /> Working…
      </span>
    );
  }
  return status === 'suspended' ? <span className="session-badge waits">Needs your input</span> : null;
}

function Dots() {
  return (
    <span className="dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}
