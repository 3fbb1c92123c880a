import { Fragment, type ReactNode } from 'react';
import { type MarkdownNode, parseMarkdown } from '../../../src/slack/messages/kit/markdown/parse-markdown.js';
import { SafeLink } from '../blocks/SafeLink.js';
import { scrollable } from '../live/scrollable.js';

/** Draws Markdown as React nodes. HTML in it stays text; a text that is too long or too deep is shown as it is. */
export function drawMarkdown(text: string): ReactNode {
  const nodes = parseMarkdown(text);
  return nodes ? <div className="markdown">{draw(nodes)}</div> : <pre ref={scrollable}>{text}</pre>;
}

const draw = (nodes: MarkdownNode[]): ReactNode =>
  nodes.map((node, index) => <Fragment key={index}>{element(node)}</Fragment>);

const isEmpty = (nodes: MarkdownNode[]) => nodes.every(({ token }) => token.content.trim() === '');

function element({ type, token, children }: MarkdownNode): ReactNode {
  switch (type) {
    case 'hr':
      return <hr />;
    case 'heading':
      return <h2 className={token.tag > 'h2' ? 'lesser' : ''}>{draw(children)}</h2>;
    case 'fence':
    case 'code_block':
      return <pre ref={scrollable}>{token.content}</pre>;
    case 'blockquote':
      return <blockquote>{draw(children)}</blockquote>;
    case 'bullet_list':
      return <ul>{draw(children)}</ul>;
    case 'ordered_list':
      return <ol start={Number(token.attrGet('start') ?? 1)}>{draw(children)}</ol>;
    case 'list_item':
      return <li>{draw(children)}</li>;
    case 'table':
      return (
        <div className="table-frame" ref={scrollable}>
          <table>{draw(children)}</table>
        </div>
      );
    case 'thead':
      return <thead>{draw(children)}</thead>;
    case 'tbody':
      return <tbody>{draw(children)}</tbody>;
    case 'tr':
      return <tr>{draw(children)}</tr>;
    case 'th':
      return isEmpty(children) ? <td className="head" /> : <th className="wraps">{draw(children)}</th>;
    case 'td':
      return <td className="wraps">{draw(children)}</td>;
    case 'paragraph':
      return token.hidden ? draw(children) : <p>{draw(children)}</p>;
    case 'strong':
      return <strong>{draw(children)}</strong>;
    case 'em':
      return <em>{draw(children)}</em>;
    case 's':
      return <s>{draw(children)}</s>;
    case 'code_inline':
      return <code>{token.content}</code>;
    case 'softbreak':
      return '\n';
    case 'hardbreak':
      return <br />;
    case 'link':
      return <SafeLink url={String(token.attrGet('href'))}>{draw(children)}</SafeLink>;
    default:
      return children.length > 0 ? draw(children) : token.content;
  }
}
