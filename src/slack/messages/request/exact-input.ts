import type { KnownBlock, ModalView } from '@slack/types';
import type { ToolCall } from '../../../run/execution/tools.js';
import { blockList, context } from '../kit/blocks.js';
import { LIMITS } from '../kit/limits.js';
import { preformatted, quoteBlocks } from '../kit/rich-text.js';
import { code, digits, plain } from '../kit/text.js';
import { argumentsText } from './call-fields.js';
import { toolText } from './subject.js';

/** Limits for the shown arguments and the agent's words, in characters: a view takes 100 blocks and 250 KB. */
const INPUT_CHARS = 60_000;
const WORDS_CHARS = 5_000;

/** Modal with all of a tool call: its exact arguments as JSON, the agent's words in full, and the digest that buttons carry. */
export function exactInputModal(call: ToolCall): ModalView {
  const { name, input, sentence, reason, digest } = call;
  const json = argumentsText(input);
  const shown = json.slice(0, INPUT_CHARS);
  return {
    type: 'modal',
    title: plain('Exact input', LIMITS.viewTitle),
    close: plain('Close', LIMITS.viewClose),
    blocks: blockList(
      context(`What ${toolText(name)} gets, exactly:`),
      preformatted(shown),
      shown.length < json.length &&
        context(
          `Cut here: ${digits(shown.length)} of ${digits(json.length)} characters. All of it is a file in the thread.`,
        ),
      wordsBlocks("What it does, in the agent's words:", sentence),
      wordsBlocks("Why, in the agent's words:", reason),
      context(`SHA-256 of all this: ${code(digest)}`),
    ),
  };
}

function wordsBlocks(title: string, words: string | undefined): KnownBlock[] {
  return words === undefined ? [] : [context(title), ...quoteBlocks(words.slice(0, WORDS_CHARS))];
}
