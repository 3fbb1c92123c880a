import type { RichTextBlock, RichTextBlockElement, RichTextElement, RichTextSection } from '@slack/types';
import type { ReactNode } from 'react';
import { scrollable } from '../live/scrollable.js';
import { emojiOf } from '../text/emoji.js';
import { DateText, Mention } from '../text/Mrkdwn.js';
import { SafeLink } from './SafeLink.js';

export function RichText({ block }: { block: RichTextBlock }) {
  return block.elements.map((element, index) =>
    element.type !== 'rich_text_section' && element.border === 1 ? (
      <blockquote key={index}>
        <Container element={element} />
      </blockquote>
    ) : (
      <Container key={index} element={element} />
    ),
  );
}

function Container({ element }: { element: RichTextBlockElement }) {
  switch (element.type) {
    case 'rich_text_section':
      return <div className="paragraph">{inline(element.elements)}</div>;
    case 'rich_text_quote':
      return <blockquote>{inline(element.elements)}</blockquote>;
    case 'rich_text_preformatted':
      return <pre ref={scrollable}>{inline(element.elements)}</pre>;
    case 'rich_text_list': {
      const items = element.elements.map((item, index) => (
        <li key={index}>{inline((item as RichTextSection).elements)}</li>
      ));
      const indent = `indent-${element.indent ?? 0}`;
      if (element.style === 'bullet') return <ul className={indent}>{items}</ul>;
      return (
        <ol className={indent} start={offsetOf(element) + 1}>
          {items}
        </ol>
      );
    }
  }
}

/** Number of items before this list. Slack has the field, but its types don't. */
const offsetOf = (list: object) => ('offset' in list && typeof list.offset === 'number' ? list.offset : 0);

function inline(elements: readonly RichTextElement[]): ReactNode {
  return elements.map((element, index) => (
    <Styled key={index} style={'style' in element ? element.style : undefined}>
      <Inline element={element} />
    </Styled>
  ));
}

function Inline({ element }: { element: RichTextElement }): ReactNode {
  switch (element.type) {
    case 'text':
      return element.text;
    case 'link':
      return <SafeLink url={element.url}>{element.text || element.url}</SafeLink>;
    case 'user':
      return <Mention kind="user" id={element.user_id} />;
    case 'channel':
      return <Mention kind="channel" id={element.channel_id} />;
    case 'usergroup':
      return <Mention kind="group" id={element.usergroup_id} />;
    case 'broadcast':
      return <span className="mention">@{element.range}</span>;
    case 'emoji':
      return <span className="emoji">{emojiOf(element.name)}</span>;
    case 'date':
      return <DateText seconds={element.timestamp} format={element.format} fallback={element.fallback} />;
    default:
      return null;
  }
}

type Style = { bold?: boolean; italic?: boolean; strike?: boolean; code?: boolean } | undefined;

function Styled({ style, children }: { style: Style; children: ReactNode }): ReactNode {
  let styled = children;
  if (style?.code) styled = <code>{styled}</code>;
  if (style?.strike) styled = <s>{styled}</s>;
  if (style?.italic) styled = <em>{styled}</em>;
  if (style?.bold) styled = <strong>{styled}</strong>;
  return styled;
}
