import type { KnownBlock, MrkdwnElement, PlainTextElement } from '@slack/types';
import type { Block } from '../../workspace/protocol.js';
import { emojiOf } from '../text/emoji.js';
import { Markdown } from '../text/Markdown.js';
import { Mrkdwn } from '../text/Mrkdwn.js';
import { Element } from './Element.js';
import { InputBlock } from './InputBlock.js';
import { RichText } from './RichText.js';
import type { Surface } from './surface.js';
import { Table } from './Table.js';
import { Plan, TaskCard } from './Tasks.js';

/** Draws the blocks of a message or a view like Slack. */
export function Blocks({ blocks, surface }: { blocks: readonly Block[]; surface: Surface }) {
  const keyOf = keys();
  return blocks.map((block) => (
    <div key={keyOf(block)} className={`block block-${block.type}`}>
      <OneBlock block={block as unknown as KnownBlock} surface={surface} />
    </div>
  ));
}

const ACTING = ['input', 'actions', 'section'];

/**
 * Makes React keys for blocks. Inputs and actions keep their block_id. Slack gives other blocks a new id with every update, so their keys
 * are type and position. A closed plan then stays closed, and no animation restarts.
 */
function keys(): (block: Block) => string {
  const counts: Record<string, number> = {};
  return ({ type, block_id: id }) => {
    const count = (counts[type] ?? 0) + 1;
    counts[type] = count;
    return id !== undefined && ACTING.includes(type) ? id : `${type} ${count}`;
  };
}

function OneBlock({ block, surface }: { block: KnownBlock; surface: Surface }) {
  const blockId = block.block_id ?? '';
  switch (block.type) {
    case 'header':
      return <h2>{block.text.text}</h2>;
    case 'divider':
      return <hr />;
    case 'section':
      return (
        <>
          <div className="section-text">
            {block.text && <Text text={block.text} />}
            {block.fields && (
              <div className="fields">
                {block.fields.map((field, index) => (
                  <div key={index}>
                    <Text text={field} />
                  </div>
                ))}
              </div>
            )}
          </div>
          {block.accessory && (
            <Element
              key={elementKey(block.accessory, 0)}
              element={block.accessory as never}
              blockId={blockId}
              surface={surface}
            />
          )}
        </>
      );
    case 'context':
      return block.elements.map((element, index) =>
        element.type === 'image' ? (
          <img key={index} src={'image_url' in element ? element.image_url : ''} alt={element.alt_text} />
        ) : (
          <span key={index}>
            <Text text={element} />
          </span>
        ),
      );
    case 'actions':
      return block.elements.map((element, index) => (
        <Element
          key={elementKey(element, index)}
          element={element as never}
          blockId={blockId}
          surface={surface}
        />
      ));
    case 'input':
      return <InputBlock block={block} surface={surface} />;
    case 'rich_text':
      return <RichText block={block} />;
    case 'markdown':
      return <Markdown text={block.text} />;
    case 'table':
      return <Table block={block} />;
    case 'plan':
      return <Plan block={block} />;
    case 'task_card':
      return <TaskCard block={block} />;
    case 'image':
      return <img src={'image_url' in block ? block.image_url : ''} alt={block.alt_text} />;
    default:
      return <p className="unknown-block">This page does not draw “{block.type}” blocks.</p>;
  }
}

/** React key of an element. A new action is a new element: whoever has the focus on `Approve` must not have it on `Stop` after an update. */
const elementKey = (element: object, index: number) =>
  `${'action_id' in element ? element.action_id : ''} ${index}`;

export function Text({ text }: { text: PlainTextElement | MrkdwnElement }) {
  if (text.type === 'mrkdwn') return <Mrkdwn text={text.text} verbatim={text.verbatim} />;
  return text.emoji === false
    ? text.text
    : text.text.replaceAll(/:([a-z0-9_+-]+):/g, (_, name: string) => emojiOf(name));
}
