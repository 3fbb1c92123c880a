import type { Decision } from '../../../approval/judge.js';
import type { Person } from '../../../approval/person.js';
import type { ApprovalPolicy } from '../../../approval/policy.js';
import type { Budget } from '../../../run/budget.js';
import type { Usage } from '../../../run/plan.js';
import type { Checkpoint } from '../../../run/run.js';
import type { Answer, Asked } from '../../../run/thread.js';
import type { ToolCall } from '../../../run/tools.js';
import { clip, count, listed, mention, moment } from '../kit/text.js';
import { policyWords } from '../kit/who.js';
import { askedWords } from '../question/asked.js';
import { amountWords } from '../question/spent.js';
import { argumentsText, toolWords } from '../tool/call.js';

/** An entry of the ledger, told. */
export interface Told {
  /** Ours, in mrkdwn. */
  text: string;
  /** Somebody's own words. */
  words?: string;
}

/** What the entries of an execution may hold; which of it depends on their kind. */
export interface ExecutionData {
  turn: number;
  text: string;
  calls: string[];
  usage: Usage;
  call: ToolCall;
  policy: ApprovalPolicy;
  expiresAt: string;
  outcome: string;
  decision: Decision;
  votes: Decision[] | number;
  all: boolean;
  cut: boolean;
  asked: Asked;
  options: string[];
  answer: Answer;
  withdrawn: boolean;
  part: keyof Budget;
  budget: Budget;
  by: Person;
}

type Kind = Extract<
  Checkpoint['kind'],
  | 'turned'
  | 'tool-requested'
  | 'tool-decided'
  | 'tool-called'
  | 'questioned'
  | 'answered'
  | 'granted'
  | 'continued'
>;

/** So many calls of one turn are named. */
const MAX_CALLS = 10;

/** Tells an entry of the execution of a plan. */
export function tellExecution(kind: Kind, data: Partial<ExecutionData>): Told {
  switch (kind) {
    case 'turned':
      return turned(data);
    case 'tool-requested': {
      const until = data.expiresAt ? `; it expires ${moment(data.expiresAt)}` : '';
      const step = data.call?.step === undefined ? '' : `, for step ${data.call.step},`;
      return {
        text: `:ballot_box_with_ballot: ${toolOf(data)}${step} waits for ${policyWords(data.policy)}${until}`,
        ...(data.call && { words: argumentsText(data.call.input) }),
      };
    }
    case 'tool-decided':
      return decided(data);
    case 'tool-called': {
      const [icon, what] = CALLED[data.outcome ?? ''] ?? CALLED_OTHERWISE;
      const cut = data.cut ? ' (its answer was cut)' : '';
      return { text: `${icon} ${toolOf(data)} ${what}${cut}`, ...(data.text && { words: data.text }) };
    }
    case 'questioned':
      return questioned(data);
    case 'answered':
      if (data.answer) {
        return { text: `:speech_balloon: ${mention(data.answer.by.user)} answered`, words: data.answer.text };
      }
      return {
        text: data.withdrawn
          ? ':octagonal_sign: The question is no longer asked'
          : ':hourglass: Nobody answered in time',
      };
    case 'granted':
      return { text: `:white_check_mark: ${grant(data)}` };
    case 'continued':
      return { text: ':repeat: The run goes on in a new run of its workflow' };
  }
}

function turned({ turn, calls = [], usage, text }: Partial<ExecutionData>): Told {
  const named = calls.slice(0, MAX_CALLS).map(toolWords);
  const more = calls.length > named.length ? [`${calls.length - named.length} more`] : [];
  const wants = named.length > 0 ? ` wants ${[...named, ...more].join(', ')}` : ' calls no tool';
  const tokens = usage ? ` (${count(usage.inputTokens + usage.outputTokens, 'token')})` : '';
  return {
    text: `:robot_face: Turn ${turn ?? ''} of the model${wants}${tokens}`,
    ...(text && { words: text }),
  };
}

function decided({ outcome, decision, votes, all, ...data }: Partial<ExecutionData>): Told {
  const tool = toolOf(data);
  if (outcome === 'approved') {
    const by = Array.isArray(votes) ? votes : decision ? [decision] : [];
    const who = listed(by.map((vote) => mention(vote.by.user))) || 'those who had to';
    const notes = by.map(({ note }) => note).filter((note) => note !== '');
    const wider = all ? ', and every later call of it in this run' : '';
    return {
      text: `:white_check_mark: ${tool} was approved by ${who}${wider}`,
      ...(notes.length > 0 && { words: notes.join('\n') }),
    };
  }
  if (outcome === 'rejected' && decision) {
    return { text: `:no_entry: ${mention(decision.by.user)} rejected ${tool}`, words: decision.note };
  }
  if (outcome === 'expired') return { text: `:hourglass: ${tool} was not decided about in time` };
  return { text: `:octagonal_sign: ${tool} is no longer asked about` };
}

const CALLED_OTHERWISE = [':gear:', 'was called'] as const;
const CALLED: Record<string, readonly [string, string]> = {
  done: [':gear:', 'was called, and answered'],
  failed: [':warning:', 'was called, and failed'],
  denied: [':no_entry_sign:', 'was not called: the policy denies it'],
  rejected: [':no_entry:', 'was not called: it was not approved'],
  lost: [':question:', 'was called, and its answer was lost'],
  happened: [':gear:', 'was called, as a person found out: its answer was lost'],
  cancelled: [':octagonal_sign:', 'was broken off'],
};

function questioned({ asked, expiresAt, options = [] }: Partial<ExecutionData>): Told {
  const until = expiresAt ? `; it can be answered until ${moment(expiresAt)}` : '';
  if (asked?.what === 'ask-person') {
    const offered = options.map((option) => `• ${clip(option, 100)}`);
    return {
      text: `:question: The model asked a question${until}`,
      words: [asked.text, ...offered].join('\n'),
    };
  }
  const about = asked ? askedWords(asked) : 'a question';
  return {
    text: `:question: People were asked: ${about}${until}`,
    ...(asked?.what === 'lost-call' && { words: asked.why }),
  };
}

function grant({ part, budget, by }: Partial<ExecutionData>): string {
  const who = by ? mention(by.user) : 'Somebody who may';
  if (!part || !budget) return `${who} granted more of the budget`;
  return `${who} granted more: the budget is ${amountWords(part, budget[part])} now`;
}

/** The tool that an entry is about, as a sentence's subject. */
function toolOf({ call }: Partial<ExecutionData>): string {
  return call ? toolWords(call.name) : 'A tool';
}
