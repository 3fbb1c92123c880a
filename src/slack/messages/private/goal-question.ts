import { actions, blockList, button, context, line } from '../kit/blocks.js';
import { ACTIONS, type AskedGoal } from '../kit/ids.js';
import { clip, notificationLine, plain } from '../kit/text.js';
import { type Reply, unknownRunReply } from './run-replies.js';

/** Limit for a goal in a button's value, in characters. Slack's limit for the value is 2,000. */
const GOAL_IN_VALUE = 1_500;
/** Limit for a goal in the question, in characters. */
const SHOWN = 300;

/** Asks whether a text is meant as a goal. `why`: a line above the question. */
export function goalQuestion(asked: AskedGoal, why?: string): Reply {
  const question = `Start a run for “${clip(asked.goal, SHOWN)}”?`;
  const value = JSON.stringify(asked);
  return {
    text: [why, notificationLine(question, SHOWN + 50)].filter(Boolean).join(' '),
    blocks: blockList(
      why && line(why),
      { type: 'section', text: plain(question, SHOWN + 50) },
      context("I'd post a plan first. Nothing runs until it's approved. `/agent help` shows my commands."),
      actions(
        undefined,
        button(ACTIONS.startGoal, 'Start a run', { value, style: 'primary' }),
        button(ACTIONS.dismissGoal, 'No', { value: asked.id }),
      ),
    ),
  };
}

/** Says that a person sees no such run, and asks whether the words were meant as a goal. A run's id with a digit in it is none. `word` comes first. */
export function noSuchRunReply(word: string, shortId: string, asked: Omit<AskedGoal, 'goal'>): Reply {
  const text = unknownRunReply(word, shortId);
  if (shortId === '' || /^\S*\d\S*$/.test(shortId)) return { text };
  const goal = `${word} ${shortId}`;
  if (JSON.stringify(goal).length > GOAL_IN_VALUE) {
    return { text: `${text} If all of that is a goal, put it in quotes.` };
  }
  return goalQuestion({ ...asked, goal }, text);
}

export const GOAL_DISMISSED = 'I started nothing.';
export const GOAL_NOT_YOURS = 'I started nothing: only the person I asked can start this run.';
export const GOAL_MOVED = 'I started nothing. Give me the goal again in the channel where you want the plan.';
