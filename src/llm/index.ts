import Anthropic from '@anthropic-ai/sdk';
import { ConfigError, RemoteError } from '../errors.js';
import type { Plan, Research, Usage } from '../run/plan.js';
import type { FollowUp } from '../run/run.js';
import type { ToolSpec } from '../run/tools.js';
import { type Answer, converse, type Request } from './converse.js';
import { isTooLong, toRemoteError } from './failures.js';
import { PLAN_FORMAT, readPlan } from './plan-format.js';
import { executePrompt, planPrompt, SYSTEM, searchPrompt } from './prompts.js';
import { sendLeniently } from './send.js';
import { readSources } from './sources.js';
import { fullTurn, type RawTurn, readTurn } from './turn-answer.js';
import { type TurnInput, turnRequest } from './turn-request.js';

export interface ModelSettings {
  apiKey: string;
  /** Any Messages-API-compatible endpoint, without `/v1`. */
  baseURL?: string;
  model: string;
}

interface CallContext {
  signal?: AbortSignal;
}

/** How long the check at the start may take, in milliseconds. */
const CHECK_TIMEOUT_MS = 5_000;
const SEARCH_TOOL = { type: 'web_search_20260318', name: 'web_search', max_uses: 5 } as const;
const CUT = '\n\n*The answer was cut off here: it reached the model’s limit.*';

/** Claude, or what speaks its Messages API. Errors are `RemoteError`s; an abort is passed on as it is. */
export function createModel({ apiKey, baseURL, model }: ModelSettings) {
  // Temporal owns the retries.
  const client = new Anthropic({ apiKey, authToken: null, maxRetries: 0, ...(baseURL && { baseURL }) });
  const ask = (request: Request, context?: CallContext) =>
    converse(client, { ...request, model }, context?.signal);

  return {
    /** Researches the goal on the web: a summary in Markdown, and the pages it rests on. */
    async searchWeb(goal: string, context?: CallContext): Promise<{ research: Research; usage: Usage }> {
      const request = {
        system: SYSTEM.search,
        prompt: searchPrompt(goal),
        maxTokens: 8_000,
        tools: [SEARCH_TOOL],
      };
      const answer = await ask(request, context);
      const text = textOf(answer, 'the search');
      const unsearched = answer.leftOut.has('server_tools');
      const summary = unsearched
        ? `No web search was available; this is the model’s own knowledge.\n\n${text}`
        : text;
      return { research: { summary, sources: readSources(answer.content) }, usage: answer.usage };
    },

    /** Writes a plan, or a new revision of one. `tools`: what it can be carried out with. */
    async writePlan(
      input: {
        goal: string;
        research: Research;
        previous?: { plan: Plan; feedback: string };
        followUp?: FollowUp;
        tools?: ToolSpec[];
      },
      context?: CallContext,
    ): Promise<{ plan: Plan; usage: Usage }> {
      const request = {
        system: SYSTEM.plan,
        prompt: planPrompt(input),
        maxTokens: 12_000,
        format: PLAN_FORMAT,
      };
      const answer = await ask(request, context);
      const text = textOf(answer, 'the plan');
      if (answer.cut) {
        throw new RemoteError(
          'InvalidRequestError',
          'The plan was longer than the model may write. Make the goal smaller, or split it.',
          { retryable: false },
        );
      }
      return { plan: readPlan(text, input.goal, input.research.sources), usage: answer.usage };
    },

    /** Carries an approved plan out in one go, without tools; the result is Markdown. */
    async carryOut(
      input: { goal: string; plan: Plan; approval: { by: string; note: string } },
      context?: CallContext,
    ): Promise<{ text: string; usage: Usage }> {
      const request = { system: SYSTEM.execute, prompt: executePrompt(input), maxTokens: 16_000 };
      const answer = await ask(request, context);
      const text = textOf(answer, 'the result');
      return { text: answer.cut ? text + CUT : text, usage: answer.usage };
    },

    /**
     * Takes one turn of an execution: the model does the next thing, or says what came of it. The exchanges are sent as they are, so the
     * same tools in the same order read them from the prompt cache.
     */
    async takeTurn(input: TurnInput, context?: CallContext): Promise<RawTurn> {
      try {
        const { message } = await sendLeniently(client, turnRequest(model, input), context?.signal);
        return readTurn(model, message);
      } catch (error) {
        // At the first turn there is nothing yet that a summary could save.
        if (input.exchanges.length > 0 && isTooLong(error)) return fullTurn();
        throw error;
      }
    },

    /**
     * Asks whether the key is good. An endpoint that can't say, or can't be reached just now, is no reason not to start.
     *
     * @throws ConfigError when the key is refused.
     */
    async check(): Promise<void> {
      try {
        await client.models.list({ limit: 1 }, { timeout: CHECK_TIMEOUT_MS });
      } catch (error) {
        if (!(error instanceof Anthropic.AuthenticationError)) return;
        throw new ConfigError(
          'ANTHROPIC_API_KEY',
          'ANTHROPIC_API_KEY: the key is refused (401). Create one in the Claude Console under API keys.',
          { cause: error },
        );
      }
    },
  };
}

function textOf(answer: Answer, what: string): string {
  if (answer.refused) {
    throw new RemoteError('Refused', `The model refused to write ${what}. Word the goal differently.`, {
      retryable: false,
    });
  }
  const text = answer.content
    .map((block) => (block.type === 'text' ? block.text : ''))
    .join('')
    .trim();
  if (text !== '') return text;
  throw toRemoteError(new Error(`The model answered nothing for ${what}`));
}
