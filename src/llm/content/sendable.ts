import { wellFormedData } from '../../platform/well-formed.js';
import type { ContentBlock } from '../../run/execution/tools.js';
import type { Params } from '../request/send.js';
import { changeBlocks, imagesIn, innerBlocks, type SentMessage, toText } from './blocks.js';
import { matchAnswers } from './match-answers.js';
import { isBlankText, isImage, isThinking, NOTHING, withoutThinking } from './messages.js';
import { replaceRefused } from './refused-parts.js';

/** Limits for the images of a request: their number, and Base64 characters. Over 20, the API refuses each that is larger than 2,000 pixels. */
const MAX_IMAGES = 20;
const MAX_IMAGE_CHARS = 15_000_000;

/**
 * Makes a request acceptable to the API, whatever people, tools and the model wrote: the API refuses the whole of it for one bad part. Every
 * request goes through here. The same content gives the same request, which the prompt cache needs.
 *
 * @param refused Keys of the parts that the API refused before.
 */
export function toSendable({ messages, ...rest }: Params, refused: ReadonlySet<string>): Params {
  const given = matchAnswers(wellFormedData(messages) as unknown as SentMessage[]).map(fillContent);
  const left = changeAll(given, (block) => replaceRefused(block, refused));
  const kept = newestImages(left);
  const limited = changeAll(left, (block) => (isImage(block) && !kept.has(block) ? older(block) : block));
  // A thinking block is bound to the content before it.
  const isChanged = imagesIn(limited).length < imagesIn(given).length || refused.size > 0;
  const sent = isChanged ? withoutThinking(limited) : limited;
  return { ...wellFormedData(rest), messages: sent as unknown as Params['messages'] };
}

function changeAll(messages: SentMessage[], change: (block: ContentBlock) => ContentBlock): SentMessage[] {
  return messages.map(({ role, content }) => ({
    role,
    content: typeof content === 'string' ? content : changeBlocks(content, change),
  }));
}

/** Drops blank texts, and puts words where nothing is left. */
function fillContent({ role, content }: SentMessage): SentMessage {
  if (typeof content === 'string') return { role, content };
  const blocks = content.filter((block) => !isBlankText(block)).map(fillResult);
  return { role, content: blocks.every(isThinking) ? [...blocks, NOTHING] : blocks };
}

/** Fills a tool's answer. The API takes no image in an error. */
function fillResult(block: ContentBlock): ContentBlock {
  if (block.type !== 'tool_result' || !Array.isArray(block.content)) return block;
  const parts = innerBlocks(block).filter((part) => !isBlankText(part));
  const shown = block.is_error ? parts.map((part) => (isImage(part) ? toText(part, IN_ERROR) : part)) : parts;
  return { ...block, content: shown.length > 0 ? shown : [NOTHING] };
}

const IN_ERROR = "(An image, which can't be shown in an error.)";

/** The newest images that a request may hold. */
function newestImages(messages: SentMessage[]): Set<ContentBlock> {
  const kept = new Set<ContentBlock>();
  let chars = 0;
  for (const image of imagesIn(messages).reverse()) {
    chars += sourceOf(image).data?.length ?? 0;
    if (kept.size === MAX_IMAGES || chars > MAX_IMAGE_CHARS) break;
    kept.add(image);
  }
  return kept;
}

function older(image: ContentBlock): ContentBlock {
  const { media_type = 'image' } = sourceOf(image);
  const why = `left out, because only the newest ${MAX_IMAGES} are sent`;
  return toText(image, `(An older image, ${media_type}: ${why}.)`);
}

function sourceOf({ source }: ContentBlock): { media_type?: string; data?: string } {
  return { ...(source as object) };
}
