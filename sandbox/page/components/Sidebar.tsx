import type { Channel, Person } from '../../workspace/protocol.js';
import { usePage } from '../live/page.js';
import {
  canSee,
  channelTitle,
  currentChannel,
  directMessage,
  displayName,
  unreadIn,
} from '../state/selectors.js';
import { offersTour, startTour } from '../state/tour.js';
import { Avatar } from './Avatar.js';
import { Notices } from './Notices.js';
import { WhatIf } from './WhatIf.js';

/** The workspace, the acting person, and the channels. */
export function Sidebar() {
  const { state, workspace } = usePage();
  const channels = Object.values(workspace.channels).filter((channel) => canSee(channel, state.me));
  const named = channels.filter(({ kind }) => kind === 'public' || kind === 'private');
  const groups = channels.filter(({ kind }) => kind === 'mpim');
  const others = Object.values(workspace.people).filter((person) => !person.isBot && person.id !== state.me);
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
      <h2>Direct messages</h2>
      <ul>
        {others.map((person) => (
          <Colleague key={person.id} person={person} />
        ))}
        {groups.map((channel) => (
          <Place key={channel.id} channel={channel} />
        ))}
      </ul>
      <h2>Apps</h2>
      <ul>
        <AppPlace />
      </ul>
      <TourLink />
      <WhatIf />
    </nav>
  );
}

/** Starts the tour, or takes up one that was left. */
function TourLink() {
  const { state, workspace, dispatch } = usePage();
  const { tour } = state;
  if (tour.status === 'on' || !offersTour(workspace)) return null;
  const isLeft = tour.status === 'left';
  const go = () => dispatch({ type: 'tour', tour: isLeft ? { ...tour, status: 'on' } : startTour(state) });
  return (
    <button type="button" className="tour-link" onClick={go}>
      {isLeft ? 'Take up the tour' : 'Guided tour'}
    </button>
  );
}

function PersonSwitcher() {
  const { state, workspace, dispatch, live } = usePage();
  const isAway = workspace.away.includes(state.me);
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
          title={`Act as ${displayName(person)}${workspace.away.includes(person.id) ? ', who is away' : ''}`}
          className={workspace.away.includes(person.id) ? 'away' : ''}
          onClick={() => dispatch({ type: 'actAs', person: person.id })}
        >
          <Avatar person={person} />
        </button>
      ))}
      <button
        type="button"
        className="presence"
        aria-pressed={isAway}
        title="Somebody who is away is shown no message that only they can see. Whoever acts is active again."
        onClick={() => void live.request({ type: 'setAway', as: state.me, isAway: !isAway })}
      >
        Away
      </button>
    </fieldset>
  );
}

/** A person to write to. The first click opens the direct message. */
function Colleague({ person }: { person: Person }) {
  const { state, workspace, dispatch, live } = usePage();
  const channel = directMessage(workspace, state.me, person.id);
  if (channel) return <Place channel={channel} />;
  const open = async () => {
    const answer = await live.request({ type: 'openDm', as: state.me, user: person.id });
    if (answer.ok && answer.channel)
      dispatch({ type: 'go', place: { kind: 'channel', channel: answer.channel } });
  };
  return (
    <li>
      <button type="button" onClick={() => void open()}>
        {displayName(person)}
      </button>
    </li>
  );
}

/** The app. Its direct messages are unread until its Messages tab was opened, which is where the click then leads. */
function AppPlace() {
  const { state, workspace, dispatch } = usePage();
  const bot = workspace.people[workspace.app.botUser];
  const channel = directMessage(workspace, state.me, workspace.app.botUser);
  const count = channel ? unreadIn(state, channel).count : 0;
  const isHere = state.place.kind === 'app';
  const isUnread = count > 0 && !(state.place.kind === 'app' && state.place.tab === 'messages');
  const tab = isUnread ? 'messages' : 'home';
  return (
    <li>
      <button
        type="button"
        className={isUnread ? 'unread' : ''}
        aria-current={isHere ? 'page' : undefined}
        onClick={() => dispatch({ type: 'go', place: { kind: 'app', tab } })}
      >
        <Avatar person={bot} size="small" /> {displayName(bot)}
        {isUnread && (
          <span className="count" role="img" aria-label={`${count} unread`}>
            {count}
          </span>
        )}
      </button>
    </li>
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
