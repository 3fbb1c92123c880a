import type { KnownBlock } from '@slack/types';
import { askedOf } from '../../../run/asks.js';
import type { QuestionCard } from '../../../run/thread.js';
import { context, line } from '../kit/lines.js';
import type { ThreadWords } from '../kit/long-text.js';
import { quote, richText } from '../kit/rich-text.js';
import { clip, code, mention, moment, verbatim } from '../kit/text.js';
import { approverWords } from '../kit/who.js';
import { answerBlocks, longOptions } from '../plan/options.js';
import { askedBlocks } from './asked.js';

/** Draws a question to people. It can be answered only while it waits. */
export function questionMessage(card: QuestionCard): ThreadWords {
  const { state, runId } = card;
  const { title, blocks, attachments } = askedBlocks(card);
  const options = longOptions(card);
  return {
    text: `${SUMMARIES[state.kind]} (run ${code(runId)})`,
    blocks: [
      line(title),
      ...blocks,
      ...options.blocks,
      context(`Run ${code(runId)}`),
      { type: 'divider' },
      ...outcomeBlocks(card),
    ],
    attachments: [...attachments, ...options.attachments],
  };
}

const SUMMARIES: Record<QuestionCard['state']['kind'], string> = {
  waiting: 'A question waits for an answer',
  answered: 'A question was answered',
  expired: 'Nobody answered a question in time',
  withdrawn: 'A question is no longer asked',
};

/** Who may answer a question, in words. */
export function answererWords({ asked, policy, requester, editors }: QuestionCard): string {
  return approverWords(askedOf(policy, asked), requester.user, editors);
}

function outcomeBlocks(card: QuestionCard): KnownBlock[] {
  const { state, options, asked } = card;
  switch (state.kind) {
    case 'waiting': {
      const no = asked.what === 'ask-person' ? ' · An answer is no approval.' : '';
      const until = `can be answered until ${moment(state.expiresAt)}`;
      return [context(`Waiting for ${answererWords(card)} · ${until}${no}`), ...answerBlocks(card)];
    }
    case 'answered': {
      const { by, at, option, text } = state.answer;
      const answer = option === undefined ? text : (options[option] ?? text);
      return [
        line(`:speech_balloon: Answered by ${mention(by.user)} · ${moment(at)}`),
        richText(quote(verbatim(clip(answer, 3_000)))),
      ];
    }
    case 'expired':
      return [line(`:hourglass: Nobody answered in time: it could be answered until ${moment(state.at)}.`)];
    case 'withdrawn':
      return [line(':octagonal_sign: The run ended before anybody answered.')];
  }
}
