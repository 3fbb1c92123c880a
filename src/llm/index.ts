import Anthropic from '@anthropic-ai/sdk';
import { ConfigError } from '../platform/errors.js';
import type { ModelTurn, TurnRequest } from '../run/execution/conversation.js';
import type { ToolSpec } from '../run/execution/tools.js';
import type { Plan, PlanBrief, Research, Usage } from '../run/plan.js';
import type { ThreadContext } from '../run/thread.js';
import { ask } from './ask.js';
import { PLAN_FORMAT, readPlan } from './plan-format.js';
import { planPrompt, SYSTEM } from './prompts.js';
import type { OptionalPart } from './send.js';
import { readSources } from './sources.js';
import { type Models, takeTurn } from './take-turn.js';
import { threadBlocks } from './thread-blocks.js';

export interface ModelSettings {
  apiKey: string;
  /** Any endpoint that is compatible with the Messages API, without `/v1`. */
  baseURL?: string;
  model: string;
  /** Model that is asked when the first one refuses. */
  fallbackModel?: string;
}

/** Time-out of the check at the start, in milliseconds. */
const CHECK_TIMEOUT_MS = 5_000;
const OWN_KNOWLEDGE = 'No web search was available; this is the model’s own knowledge.\n\n';
const SEARCH_TOOL = { type: 'web_search_20260318', name: 'web_search', max_uses: 5 } as const;

/** Client for Claude, or for an endpoint that speaks its Messages API. Errors are `RemoteError`s; an abort is passed on unchanged. */
export function createModel({ apiKey, baseURL, model, fallbackModel }: ModelSettings) {
  // Temporal does the retries.
  const client = new Anthropic({ apiKey, authToken: null, maxRetries: 0, ...(baseURL && { baseURL }) });
  const models: Models = { model, fallbackModel, unknown: new Set<OptionalPart>() };

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
      const answer = await ask(client, question, { what: 'the search', fallbackModel }, signal);
      const caveat = answer.leftOut.has('server_tools') ? OWN_KNOWLEDGE : '';
      const summary = [caveat + answer.text, ...answer.notes].join('\n\n');
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
      const wish = { what: 'the plan', isWhole: true, fallbackModel };
      const { text, usage, notes } = await ask(client, question, wish, signal);
      const plan = readPlan(text, input.goal, input.research.sources);
      // Approvers should know that a model refused.
      return { plan: { ...plan, risks: [...plan.risks, ...notes] }, usage };
    },

    /** Takes one turn of an execution. Exchanges are sent unchanged, so that turns with the same tools read them from the prompt cache. */
    takeTurn(input: TurnRequest, signal?: AbortSignal): Promise<ModelTurn> {
      return takeTurn(client, models, input, signal);
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
