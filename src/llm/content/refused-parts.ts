import { createHash } from 'node:crypto';
import type { ContentBlock } from '../../run/execution/tools.js';
import type { Params } from '../request/send.js';
import { blocksIn, imagesIn, innerBlocks, type SentMessage, toText } from './blocks.js';
import { isImage } from './messages.js';

/** Place of a block, as the API names it. */
const PLACE = /messages\.(\d+)(?:\.content\.(\d+)(?:\.tool_result\.content\.(\d+))?)?/;

/**
 * Finds the parts that a refusal names and that the request can do without. An image that is named goes alone at first; from the second
 * refusal on, all images go.
 *
 * @param known Keys of the parts that were refused before.
 * @returns Keys of further parts; none where the request can't be mended.
 */
export function findRefused(said: string, { messages }: Params, known: ReadonlySet<string>): string[] {
  const sent = messages as unknown as SentMessage[];
  const named = namedBlocks(said, sent);
  const keys = (blocks: ContentBlock[]) =>
    [...new Set(blocks.flatMap((block) => keyOf(block) ?? []))].filter((key) => !known.has(key));
  const isServerSide = named.length === 0 && SERVER_SIDE.test(said);
  if (isServerSide) return keys(blocksIn(sent).filter(({ type }) => SERVER_SIDE.test(type)));
  if (!IMAGES.test(said)) return keys(named);
  const images = named.flatMap((block) => [block, ...innerBlocks(block)]).filter(isImage);
  return keys(images.length > 0 && known.size === 0 ? images : imagesIn(sent));
}

/** Finds the block that a refusal names, or all of the message. The first block is the assignment, which no request can do without. */
function namedBlocks(said: string, messages: readonly SentMessage[]): ContentBlock[] {
  const [, message = '', index, inner] = PLACE.exec(said) ?? [];
  const { content = [] } = messages[Number(message || Number.NaN)] ?? {};
  if (typeof content === 'string') return [];
  const named = content.filter((_, at) => index === undefined || at === Number(index));
  const [block] = named;
  const part = block && inner !== undefined && innerBlocks(block)[Number(inner)];
  const assignment = messages[0]?.content[0];
  return part ? [part] : named.filter((each) => each !== assignment);
}

/** Types of blocks of tools that ran on the model's side: calls, and results of any such tool. */
const SERVER_SIDE = /\bserver_tool_use\b|\b\w+_tool_result\b/;

/** Words of a refusal that is about images. A tool's schema may have the word for a property. */
export const IMAGES = /^(?!.*\btools\.\d).*\b(?:images?|media|vision)\b/is;

/** Key by which a part is known in later requests; undefined for a part that can't be left out. */
function keyOf(block: ContentBlock): string | undefined {
  const { type, id, tool_use_id, cache_control: _, ...rest } = block;
  if (type === 'tool_use') return Object.keys(rest.input ?? {}).length > 0 ? `call ${id}` : undefined;
  if (type === 'tool_result') return `answer ${tool_use_id}`;
  // A call without its result would be refused, so both have one key.
  if (SERVER_SIDE.test(type)) return `server ${id ?? tool_use_id}`;
  if (type !== 'text' && type !== 'image') return undefined;
  return createHash('sha256')
    .update(JSON.stringify([type, rest]))
    .digest('hex')
    .slice(0, 16);
}

const REFUSED = "(This part was left out: the model's API refused it.)";

/** Words for an answer: the model must know what came of its call, or it makes a change again. */
const MADE = "(The call was made. Its answer was left out: the model's API refused it.)";
const FAILED = "(The call failed, or was refused. Its answer was left out: the model's API refused it.)";

/** Puts words in the place of a part that was refused. A call keeps its place, and loses its arguments. */
export function replaceRefused(block: ContentBlock, refused: ReadonlySet<string>): ContentBlock {
  if (refused.size === 0 || !refused.has(keyOf(block) ?? '')) return block;
  switch (block.type) {
    case 'tool_use':
      return { ...block, input: {} };
    case 'tool_result':
      return { ...block, content: [toText({ type: 'text' }, block.is_error ? FAILED : MADE)] };
    case 'image':
      return toText(block, "(The model can't see this image.)");
    default:
      return toText(block, REFUSED);
  }
}
