import { useLayoutEffect } from 'react';
import { keepFocus } from '../live/focus.js';
import { usePage } from '../live/page.js';
import { stackOf } from '../state/reduce-view.js';
import { currentChannel } from '../state/selectors.js';
import { AppPane } from './AppPane.js';
import { ChannelPane } from './ChannelPane.js';
import { Modal } from './Modal.js';
import { Sidebar } from './Sidebar.js';
import { ThreadPane } from './ThreadPane.js';
import { Tour } from './Tour.js';

export function App() {
  const { state, workspace } = usePage();
  useLayoutEffect(keepFocus);
  if (!workspace) return <Opening />;
  const channel = currentChannel(state);
  const view = stackOf(state, state.me).at(-1);
  return (
    <div className={state.thread ? 'layout with-thread' : 'layout'}>
      <div className="top">
        <Banner />
        {state.tour.status === 'on' && <Tour />}
      </div>
      <Sidebar />
      <main>
        {state.place.kind === 'app' ? (
          <AppPane tab={state.place.tab} />
        ) : (
          channel && <ChannelPane key={channel.id} channel={channel} />
        )}
      </main>
      {state.thread && <ThreadPane key={state.thread.ts} thread={state.thread} />}
      {view && <Modal key={view.id} view={view} />}
    </div>
  );
}

/** As index.html shows it before this code is loaded. */
function Opening() {
  return (
    <main className="loading">
      <h1>Countersign sandbox</h1>
      <p>Opening the workspace…</p>
    </main>
  );
}

function Banner() {
  const { state, workspace } = usePage();
  if (state.link === 'lost') {
    return (
      <p className="banner" role="status">
        The sandbox does not answer. This page connects again by itself, and keeps what you type. If you
        stopped the sandbox, start it with <code>npm run sandbox</code>.
      </p>
    );
  }
  if (workspace.connected) return null;
  return (
    <p className="banner" role="status">
      {state.wasConnected
        ? 'The service is down. It starts again by itself, and every run goes on where it was. What you send waits for it.'
        : 'The service is starting… What you send waits until it’s ready.'}
    </p>
  );
}
