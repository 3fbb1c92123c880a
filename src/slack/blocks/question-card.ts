import type { ActionsBlock, Button, KnownBlock } from '@slack/types';
import { askedOf } from '../../core/asks.js';
import type { QuestionCard } from '../../core/thread.js';
import { LIMITS } from '../limits.js';
import { askedBlocks } from './asked.js';
import { ACTIONS, ANSWER, OPTION, type QuestionRef } from './ids.js';
import { context, line } from './lines.js';
import type { ThreadWords } from './long-text.js';
import { dealItems, list, quote, richText } from './rich-text.js';
import { clip, code, mention, moment, plain, verbatim } from './text.js';
import { approverWords } from './who.js';

/** So many options get a button; a question with more is answered in words. */
const MAX_OPTIONS = 4 * LIMITS.actionsElements;

/** All the options that are too long for their buttons together, in characters. */
const OPTIONS_ROOM = 4_000;

/** Draws a question to people. It can be answered only while it waits. */
export function questionMessage(card: QuestionCard): ThreadWords {
  const { state, runId } = card;
  const { title, blocks, attachments } = askedBlocks(card);
  return {
    text: `${SUMMARIES[state.kind]} (run ${code(runId)})`,
    blocks: [
      line(title),
      ...blocks,
      ...longOptions(card.options),
      context(`Run ${code(runId)}`),
      { type: 'divider' },
      ...outcomeBlocks(card),
    ],
    attachments,
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

/** Options that are longer than their buttons, in full and numbered as those are. */
function longOptions(options: string[]): KnownBlock[] {
  if (!options.some(isLong)) return [];
  const room = Math.max(Math.floor(OPTIONS_ROOM / options.length), LIMITS.buttonText);
  const items = options.slice(0, MAX_OPTIONS).map((option) => [verbatim(clip(option, room))]);
  let offset = 0;
  return dealItems(items).map((part) => {
    const block = richText(list('ordered', part, { offset }));
    offset += part.length;
    return block;
  });
}

function answerBlocks(card: QuestionCard): KnownBlock[] {
  const { options, freeText } = card;
  const shown = options.slice(0, MAX_OPTIONS).map((option, at) => optionButton(card, option, at));
  const buttons = freeText ? [...shown, answerButton(card)] : shown;
  const left = options.length - shown.length;
  return [
    ...(freeText ? [answerInput()] : []),
    ...dealButtons(buttons),
    ...(left > 0 ? [context(`${left} more options have no button here.`)] : []),
  ];
}

function optionButton(card: QuestionCard, option: string, at: number): Button {
  const { asked, options } = card;
  const label = option.trim() === '' ? `Option ${at + 1}` : option;
  const numbered = options.some(isLong) ? `${at + 1}. ${label}` : label;
  return {
    type: 'button',
    action_id: `${OPTION}${at}`,
    text: plain(numbered, LIMITS.buttonText),
    value: encode(card, at),
    ...(asked.what !== 'ask-person' && option === 'Stop' && { style: 'danger' }),
  };
}

function answerButton(card: QuestionCard): Button {
  const text = plain('Answer', LIMITS.buttonText);
  return { type: 'button', action_id: ACTIONS.answer, style: 'primary', text, value: encode(card) };
}

function answerInput(): KnownBlock {
  return {
    type: 'input',
    block_id: ANSWER.block,
    optional: true,
    label: plain('Your answer', LIMITS.inputLabel),
    element: {
      type: 'plain_text_input',
      action_id: ANSWER.action,
      multiline: true,
      max_length: LIMITS.plainTextInputMax,
    },
  };
}

function dealButtons(buttons: Button[]): ActionsBlock[] {
  const blocks: ActionsBlock[] = [];
  for (let from = 0; from < buttons.length; from += LIMITS.actionsElements) {
    const elements = buttons.slice(from, from + LIMITS.actionsElements);
    blocks.push({ type: 'actions', block_id: `answers ${from}`, elements });
  }
  return blocks;
}

function encode({ runId, questionId }: QuestionCard, option?: number): string {
  const ref: QuestionRef = { run: runId, question: questionId, ...(option !== undefined && { option }) };
  return JSON.stringify(ref);
}

function isLong(option: string): boolean {
  return option.length > LIMITS.buttonText;
}
