import type { Channel } from '../../workspace/protocol.js';
import { usePage } from '../live/page.js';
import { canSee, channelTitle, currentChannel, displayName, partner, unreadIn } from '../state/selectors.js';
import { Avatar } from './Avatar.js';
import { WhatIf } from './WhatIf.js';

/** The workspace, who acts, and the places to go. */
export function Sidebar() {
  const { state, workspace, dispatch } = usePage();
  const channels = Object.values(workspace.channels).filter((channel) => canSee(channel, state.me));
  const named = channels.filter(({ kind }) => kind === 'public' || kind === 'private');
  const direct = channels.filter(
    (channel) =>
      (channel.kind === 'im' && partner(channel, state.me) !== workspace.app.botUser) ||
      channel.kind === 'mpim',
  );
  const inApp = state.place.kind === 'app';
  const bot = workspace.people[workspace.app.botUser];
  return (
    <nav className="sidebar" aria-label="Workspace">
      <header>
        <strong>{workspace.team.name}</strong>
        <Notices />
      </header>
      <PersonSwitcher />
      <h2>Channels</h2>
      <ul>
        {named.map((channel) => (
          <Place key={channel.id} channel={channel} />
        ))}
      </ul>
      {direct.length > 0 && <h2>Direct messages</h2>}
      <ul>
        {direct.map((channel) => (
          <Place key={channel.id} channel={channel} />
        ))}
      </ul>
      <h2>Apps</h2>
      <ul>
        <li>
          <button
            type="button"
            aria-current={inApp ? 'page' : undefined}
            onClick={() => dispatch({ type: 'go', place: { kind: 'app', tab: 'home' } })}
          >
            <Avatar person={bot} size="small" /> {displayName(bot)}
          </button>
        </li>
      </ul>
      <WhatIf />
    </nav>
  );
}

function Notices() {
  const { workspace } = usePage();
  const { model, temporalUrl } = workspace.notices;
  return (
    <p className="notices">
      <span className={`model ${model}`}>{model === 'simulated' ? 'Simulated model' : 'Claude'}</span>
      {temporalUrl && (
        <a href={temporalUrl} target="_blank" rel="noreferrer">
          Temporal Web UI ↗
        </a>
      )}
    </p>
  );
}

function PersonSwitcher() {
  const { state, workspace, dispatch } = usePage();
  const people = Object.values(workspace.people).filter((person) => !person.isBot);
  return (
    <fieldset className="people" aria-label="Act as">
      <h2>You are {displayName(workspace.people[state.me])}</h2>
      {people.map((person) => (
        <button
          key={person.id}
          type="button"
          aria-pressed={person.id === state.me}
          aria-label={`Act as ${displayName(person)}`}
          title={`Act as ${displayName(person)}`}
          onClick={() => dispatch({ type: 'actAs', person: person.id })}
        >
          <Avatar person={person} />
        </button>
      ))}
    </fieldset>
  );
}

function Place({ channel }: { channel: Channel }) {
  const { state, workspace, dispatch } = usePage();
  const current = currentChannel(state)?.id === channel.id && state.place.kind === 'channel';
  const unread = unreadIn(state, channel);
  const title = channelTitle(workspace, channel, state.me);
  const label = channel.kind === 'private' ? `🔒 ${channel.name}` : title;
  return (
    <li>
      <button
        type="button"
        className={unread.any && !current ? 'unread' : ''}
        aria-current={current ? 'page' : undefined}
        onClick={() => dispatch({ type: 'go', place: { kind: 'channel', channel: channel.id } })}
      >
        {label}
        {channel.isArchived && <span className="tag">archived</span>}
        {unread.count > 0 && !current && (
          <span className="count" role="img" aria-label={`${unread.count} unread`}>
            {unread.count}
          </span>
        )}
      </button>
    </li>
  );
}
