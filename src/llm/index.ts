import Anthropic from '@anthropic-ai/sdk';
import { ConfigError, RemoteError } from '../platform/errors.js';
import type { ModelTurn, TurnRequest } from '../run/execution/conversation.js';
import type { ToolSpec } from '../run/execution/tools.js';
import type { Plan, PlanBrief, Research, Usage } from '../run/plan.js';
import type { ThreadContext } from '../run/thread.js';
import { type Answer, converse } from './converse.js';
import { invalid, isTooLong, toRemoteError } from './failures.js';
import { PLAN_FORMAT, readPlan } from './plan-format.js';
import { planPrompt, SYSTEM } from './prompts.js';
import { createTurnSender } from './send-turn.js';
import { readSources } from './sources.js';
import { threadBlocks } from './thread-blocks.js';
import { readTurn, unbegunTurn } from './turn-answer.js';

export interface ModelSettings {
  apiKey: string;
  /** Any endpoint that is compatible with the Messages API, without `/v1`. */
  baseURL?: string;
  model: string;
}

/** Time-out of the check at the start, in milliseconds. */
const CHECK_TIMEOUT_MS = 5_000;
const OWN_KNOWLEDGE = 'No web search was available; this is the model’s own knowledge.\n\n';
const SEARCH_TOOL = { type: 'web_search_20260318', name: 'web_search', max_uses: 5 } as const;

/** Client for Claude, or for an endpoint that speaks its Messages API. Errors are `RemoteError`s; an abort is passed on unchanged. */
export function createModel({ apiKey, baseURL, model }: ModelSettings) {
  // Temporal does the retries.
  const client = new Anthropic({ apiKey, authToken: null, maxRetries: 0, ...(baseURL && { baseURL }) });
  const sendTurn = createTurnSender(client, model);

  return {
    /** Researches the goal on the web. The result has a summary in Markdown, and its sources. */
    async searchWeb(
      goal: string,
      signal?: AbortSignal,
      thread?: ThreadContext,
    ): Promise<{ research: Research; usage: Usage }> {
      const prompt = `Research this goal: ${goal}`;
      const material = threadBlocks(thread);
      const question = {
        model,
        system: SYSTEM.search,
        prompt,
        material,
        maxTokens: 8_000,
        tools: [SEARCH_TOOL],
      };
      const answer = await converse(client, question, signal);
      const caveat = answer.leftOut.has('server_tools') ? OWN_KNOWLEDGE : '';
      const summary = caveat + readText(answer, 'the search');
      return { research: { summary, sources: readSources(answer.content) }, usage: answer.usage };
    },

    /** Writes a plan, or a new revision of one. `tools`: the tools for the plan's execution. */
    async writePlan(
      { thread, ...input }: PlanBrief & { tools: ToolSpec[]; thread?: ThreadContext },
      signal?: AbortSignal,
    ): Promise<{ plan: Plan; usage: Usage }> {
      const prompt = planPrompt(input);
      const material = threadBlocks(thread);
      const question = {
        model,
        system: SYSTEM.plan,
        prompt,
        material,
        maxTokens: 12_000,
        format: PLAN_FORMAT,
      };
      const answer = await converse(client, question, signal);
      const text = readText(answer, 'the plan');
      if (answer.cut)
        throw invalid('The plan was longer than the model may write. Make the goal smaller, or split it.');
      return { plan: readPlan(text, input.goal, input.research.sources), usage: answer.usage };
    },

    /** Takes one turn of an execution. Exchanges are sent unchanged, so that turns with the same tools read them from the prompt cache. */
    async takeTurn(input: TurnRequest, signal?: AbortSignal): Promise<ModelTurn> {
      try {
        const received = await sendTurn(input, signal);
        const refusedTools = [...received.refusedTools].map(([name, reason]) => ({ name, reason }));
        return { ...readTurn(model, received), ...(refusedTools.length > 0 && { refusedTools }) };
      } catch (error) {
        // Before the first exchange there is nothing that a summary could shorten.
        if (input.exchanges.length > 0 && isTooLong(error)) return unbegunTurn();
        throw error;
      }
    },

    /** Checks the key. An endpoint that is unreachable, or can't check keys, is no error. @throws ConfigError when the key is refused. */
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

/** Reads the text of an answer. @throws RemoteError when the model refused, or answered nothing (retryable). */
function readText({ content, refused }: Answer, what: string): string {
  const message = `The model refused to write ${what}. Rephrase the goal.`;
  if (refused) throw new RemoteError('Refused', message);
  const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  if (text.trim() !== '') return text.trim();
  throw toRemoteError(new Error(`The model returned an empty answer for ${what}`));
}
