import { Fragment } from 'react';
import { SafeLink } from '../blocks/SafeLink.js';
import { usePage } from '../live/page.js';
import { scrollable } from '../live/scrollable.js';
import { channelTitle, displayName } from '../state/selectors.js';
import { formatDate } from './date.js';
import { emojiOf } from './emoji.js';
import { type Inline, linkBare, type Paragraph, parseMrkdwn } from './parse-mrkdwn.js';

/** Slack's mrkdwn as React nodes. HTML in it stays text. Unless it is `verbatim`, bare addresses and names of channels become links. */
export function Mrkdwn({ text, verbatim = false }: { text: string; verbatim?: boolean | undefined }) {
  const { workspace } = usePage();
  const channelId = (name: string) =>
    Object.values(workspace.channels).find((channel) => channel.name === name)?.id;
  return parseMrkdwn(verbatim ? text : linkBare(text, channelId)).map((paragraph, index) => (
    <Part key={index} paragraph={paragraph} />
  ));
}

function Part({ paragraph }: { paragraph: Paragraph }) {
  if (paragraph.type === 'pre') return <pre ref={scrollable}>{paragraph.text}</pre>;
  if (paragraph.type === 'quote') return <blockquote>{lines(paragraph.lines)}</blockquote>;
  if (paragraph.type === 'bullet') {
    return (
      <ul>
        {paragraph.lines.map((line, index) => (
          <li key={index}>{inline(line)}</li>
        ))}
      </ul>
    );
  }
  return <div className="paragraph">{lines(paragraph.lines)}</div>;
}

function lines(all: Inline[][]) {
  return all.map((line, index) => (
    <Fragment key={index}>
      {index > 0 && <br />}
      {inline(line)}
    </Fragment>
  ));
}

function inline(nodes: Inline[]) {
  return nodes.map((node, index) => <Node key={index} node={node} />);
}

function Node({ node }: { node: Inline }) {
  switch (node.type) {
    case 'text':
      return node.text;
    case 'code':
      return <code>{node.text}</code>;
    case 'bold':
      return <strong>{inline(node.children)}</strong>;
    case 'italic':
      return <em>{inline(node.children)}</em>;
    case 'strike':
      return <s>{inline(node.children)}</s>;
    case 'link':
      return <SafeLink url={node.url}>{node.label}</SafeLink>;
    case 'user':
    case 'channel':
    case 'group':
      return <Mention kind={node.type} id={node.id} />;
    case 'broadcast':
      return <span className="mention">@{node.name}</span>;
    case 'date':
      return <DateText {...node} />;
    case 'emoji':
      return <span className="emoji">{emojiOf(node.name)}</span>;
  }
}

export function DateText({
  seconds,
  format,
  fallback,
}: {
  seconds: number;
  format: string;
  fallback?: string | undefined;
}) {
  const date = new Date(seconds * 1000);
  // JavaScript has no date that far away.
  if (Number.isNaN(date.getTime())) return fallback || format;
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString('en')}>
      {formatDate(seconds, format)}
    </time>
  );
}

/** Name of a person, a channel or a group. */
export function Mention({ kind, id }: { kind: 'user' | 'channel' | 'group'; id: string }) {
  const { workspace, state, dispatch } = usePage();
  if (kind === 'user') {
    const own = id === state.me ? ' mention-me' : '';
    return <span className={`mention${own}`}>@{displayName(workspace.people[id])}</span>;
  }
  if (kind === 'group') {
    return (
      <span className="mention">@{workspace.userGroups.find((group) => group.id === id)?.handle ?? id}</span>
    );
  }
  const channel = workspace.channels[id];
  if (!channel) return <span className="mention">#{id}</span>;
  const go = () => dispatch({ type: 'go', place: { kind: 'channel', channel: id } });
  return (
    <button type="button" className="mention" onClick={go}>
      {channelTitle(workspace, channel, state.me)}
    </button>
  );
}
