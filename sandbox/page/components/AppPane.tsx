import { useEffect, useState } from 'react';
import { Blocks } from '../blocks/Blocks.js';
import { usePage } from '../live/page.js';
import { scrollable } from '../live/scrollable.js';
import { currentChannel, displayName } from '../state/selectors.js';
import { ChannelPane } from './ChannelPane.js';
import { ErrorBoundary } from './ErrorBoundary.js';

/** The app's pane: its Home tab, and its direct messages. */
export function AppPane({ tab }: { tab: 'home' | 'messages' }) {
  const { state, workspace, dispatch, live } = usePage();
  const { me } = state;
  const [failure, setFailure] = useState('');
  const { botUser } = workspace.app;
  const channel = currentChannel(state);
  const home = state.homes[me];
  const go = (next: 'home' | 'messages') => dispatch({ type: 'go', place: { kind: 'app', tab: next } });
  useEffect(() => {
    if (tab === 'home') {
      void live
        .request({ type: 'openHome', as: me })
        .then((answer) => setFailure(answer.ok ? '' : answer.error));
    } else void live.request({ type: 'openMessages', as: me });
  }, [tab, me, live]);
  return (
    <section className="pane" aria-label={workspace.app.name}>
      <header className="pane-header">
        <h1>{displayName(workspace.people[botUser])}</h1>
        <div className="tabs" role="tablist" aria-label={workspace.app.name}>
          <button type="button" role="tab" aria-selected={tab === 'home'} onClick={() => go('home')}>
            Home
          </button>
          <button type="button" role="tab" aria-selected={tab === 'messages'} onClick={() => go('messages')}>
            Messages
          </button>
        </div>
      </header>
      {tab === 'messages' && channel && <ChannelPane channel={channel} hideHeader />}
      {tab === 'home' && (
        <div className="home" ref={scrollable}>
          {failure && <p className="error">{failure}</p>}
          {home ? (
            <ErrorBoundary instead="The sandbox can't show this Home." content={home}>
              <Blocks blocks={home.blocks} surface={{ kind: 'view', view: home }} />
            </ErrorBoundary>
          ) : (
            <p className="empty">The app has not published anything here yet.</p>
          )}
        </div>
      )}
    </section>
  );
}
