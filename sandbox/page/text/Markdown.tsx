import { lexer, type Token, type Tokens } from 'marked';
import { Fragment, type ReactNode } from 'react';
import { SafeLink } from '../blocks/SafeLink.js';

/** Markdown as React nodes. HTML in it stays text. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className="markdown">
      {lexer(text).map((token, index) => (
        <Block key={index} token={token} />
      ))}
    </div>
  );
}

function Block({ token }: { token: Token }): ReactNode {
  switch (token.type) {
    case 'space':
      return null;
    case 'hr':
      return <hr />;
    case 'heading':
      return token.depth > 2 ? <h5>{inline(token.tokens)}</h5> : <h4>{inline(token.tokens)}</h4>;
    case 'code':
      return <pre>{token.text}</pre>;
    case 'blockquote':
      return <blockquote>{blocks(token.tokens)}</blockquote>;
    case 'list':
      return <List list={token as Tokens.List} />;
    case 'table':
      return <Table table={token as Tokens.Table} />;
    case 'paragraph':
      return <p>{inline(token.tokens)}</p>;
    case 'text':
      return inline('tokens' in token && token.tokens ? token.tokens : [token]);
    default:
      return <p>{token.raw}</p>;
  }
}

const blocks = (tokens: Token[] = []) => tokens.map((token, index) => <Block key={index} token={token} />);

function List({ list }: { list: Tokens.List }) {
  const items = list.items.map((item, index) => (
    <li key={index}>
      {item.task && <input type="checkbox" checked={item.checked === true} readOnly disabled />}
      {blocks(item.tokens)}
    </li>
  ));
  return list.ordered ? <ol start={Number(list.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ table }: { table: Tokens.Table }) {
  const row = (cells: Tokens.TableCell[], Cell: 'th' | 'td') => (
    <tr>
      {cells.map((cell, index) => (
        <Cell key={index} className="wraps" style={{ textAlign: cell.align ?? 'left' }}>
          {inline(cell.tokens)}
        </Cell>
      ))}
    </tr>
  );
  return (
    <div className="table-frame">
      <table>
        <thead>{row(table.header, 'th')}</thead>
        <tbody>
          {table.rows.map((cells, index) => (
            <Fragment key={index}>{row(cells, 'td')}</Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inline(tokens: Token[] = []): ReactNode {
  return tokens.map((token, index) => <Fragment key={index}>{piece(token)}</Fragment>);
}

function piece(token: Token): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong>{inline(token.tokens)}</strong>;
    case 'em':
      return <em>{inline(token.tokens)}</em>;
    case 'del':
      return <s>{inline(token.tokens)}</s>;
    case 'codespan':
      return <code>{token.text}</code>;
    case 'br':
      return <br />;
    case 'link':
      return <SafeLink url={token.href}>{inline(token.tokens)}</SafeLink>;
    case 'text':
      return 'tokens' in token && token.tokens ? inline(token.tokens) : token.text;
    case 'escape':
      return token.text;
    default:
      return token.raw;
  }
}
