import Anthropic from '@anthropic-ai/sdk';
import { cut } from '../../platform/cut.js';
import { findRefused, IMAGES } from '../content/refused-parts.js';
import { toSendable } from '../content/sendable.js';
import { observe } from '../observe.js';
import { CONTEXT_EDITING_BETA, type ContextManagement } from '../turn/context-editing.js';
import { isRefusal, toRemoteError } from './failures.js';
import { learnLimit, withinLimits } from './limits.js';
import { startPatience } from './patience.js';
import { type Received, receive } from './receive.js';
import { findNamedTool, isOurs, reasonFor } from './refused-tool.js';
import { findPassedOn, refusesServerTool, SEARCH_REFUSED, SERVER_TOOLS_REFUSED } from './server-tools.js';

export type Params = Anthropic.MessageCreateParamsStreaming & { context_management?: ContextManagement };

/** Parts of a request that an endpoint may not know. The request is then repeated without them. */
export type OptionalPart =
  | 'context_editing'
  | 'container'
  | 'thinking'
  | 'caching'
  | 'effort'
  | 'output_config'
  | 'tool_search'
  | 'newest_server_tools'
  | 'web_search'
  | 'server_tools';

/** Parts that a request went without, with the words by which each was refused. */
export type LeftOut = ReadonlyMap<OptionalPart, string>;

/** Our tools that the API refuses, by name, each with the reason. */
export type RefusedTools = ReadonlyMap<string, string>;

/** A request, with its optional parts. */
export interface Draft {
  uses: readonly OptionalPart[];
  /** Longest wait for the beginning of the answer, in milliseconds. */
  patienceMs: number;
  /** Keys of parts that the API refused in an earlier request. They are not sent again. */
  refused?: readonly string[];
  build(without: LeftOut, refusedTools?: RefusedTools): Params;
}

/** Limit for the refused tools of one request. An endpoint that refuses more takes no tools. */
const MAX_REFUSED_TOOLS = 20;

/**
 * Patterns by which a refusal names an optional part, in the order in which parts are dropped. A thinking block is bound to the text
 * before it; a new model, prompt or tool makes it invalid, so all are dropped.
 */
const REFUSED: readonly [OptionalPart, RegExp][] = [
  ['context_editing', /context_management|context-management|clear_tool_uses/i],
  ['container', /\bcontainer(?:_id)?\b/i],
  ['thinking', /thinking|signature/i],
  ['caching', /cache_control|ephemeral/i],
  // An endpoint that doesn't know the field as a whole names no part of it.
  ['effort', /\beffort\b|output_config(?!\.format)/i],
  ['output_config', /output_config|output_format/i],
  ['tool_search', /defer_loading|tool_reference|tool[_ ]search/i],
  ['newest_server_tools', SERVER_TOOLS_REFUSED],
  ['web_search', SEARCH_REFUSED],
  ['server_tools', SERVER_TOOLS_REFUSED],
];

/** A refused request is mended and sent again at most this often. */
const MAX_MENDS = 5;

/** An answer, with the optional parts and tools that the request went without, and the keys of all parts that were refused. */
export type Answered = Received & { without: LeftOut; refusedTools: RefusedTools; refused: string[] };

/**
 * Sends a request. When the endpoint refuses an optional part by name, one of our tools, or a part of the conversation, the request is
 * repeated without it. It is never repeated unchanged.
 *
 * @throws RemoteError
 */
export async function sendLeniently(
  client: Anthropic,
  draft: Draft,
  signal?: AbortSignal,
): Promise<Answered> {
  const without = new Map<OptionalPart, string>();
  const refusedTools = new Map<string, string>();
  const refused = new Set(draft.refused);
  let mends = 0;
  for (;;) {
    const params = withinLimits(client, toSendable(draft.build(without, refusedTools), refused));
    try {
      const received = await send(client, params, draft.patienceMs, signal);
      const passedOn = findPassedOn(received.message, params.tools);
      if (!passedOn) return { ...received, without, refusedTools, refused: [...refused] };
      for (const part of partsOf(passedOn)) without.set(part, 'the endpoint passes its own tools on as ours');
    } catch (error) {
      const said = refusalOf(error);
      if (learnLimit(client, params, said)) continue;
      const tool = findNamedTool(said, params.tools);
      if (tool && isOurs(tool) && 'name' in tool && refusedTools.size < MAX_REFUSED_TOOLS) {
        refusedTools.set(tool.name, reasonFor(said));
        continue;
      }
      const left = draft.uses.filter((part) => !without.has(part));
      const isLost = left.includes('container') && isContainerLost(error, params);
      const part = isLost ? 'container' : optionalPartIn(said, left, tool);
      const others = part || mends >= MAX_MENDS ? [] : findRefused(said, params, refused);
      if (!part && others.length === 0) throw toRemoteError(error);
      if (part) without.set(part, said);
      else mends += 1;
      for (const key of others) refused.add(key);
    }
  }
}

/** Limit for the words of a refusal, in characters: an endpoint may repeat the whole request in them. */
const MAX_REFUSAL_CHARS = 2_000;

/** Words of a refusal; empty for any other error. */
function refusalOf(error: unknown): string {
  if (!(error instanceof Anthropic.APIError)) return '';
  const said = cut(error.apiMessage ?? error.message, MAX_REFUSAL_CHARS);
  return isRefusal(error) || refusesServerTool(error.status, said) ? said : '';
}

/** Finds the optional part that a refusal names, by its words or by the place of a tool of the model's side. */
function optionalPartIn(
  said: string,
  left: readonly OptionalPart[],
  tool: Anthropic.ToolUnion | undefined,
): OptionalPart | undefined {
  if (tool && !isOurs(tool)) {
    const own = partsOf(tool).find((part) => left.includes(part));
    if (own) return own;
  }
  if (IMAGES.test(said)) return undefined;
  return REFUSED.find(([part, words]) => left.includes(part) && words.test(said))?.[0];
}

/** Parts of a request that hold a tool of the model's side, in the order in which they are dropped. */
function partsOf({ type }: Anthropic.ToolUnion): OptionalPart[] {
  if (type?.startsWith('tool_search')) return ['tool_search'];
  const search: OptionalPart[] = type?.startsWith('web_search') ? ['web_search'] : [];
  return ['newest_server_tools', ...search, 'server_tools'];
}

/** A container that the API no longer has gives a status 500 without a reason (pydantic-ai#7833). */
function isContainerLost(error: unknown, { container }: Params): boolean {
  return Boolean(container) && error instanceof Anthropic.InternalServerError && error.status === 500;
}

/** Streams, so that no proxy cuts a long answer. */
async function send(
  client: Anthropic,
  params: Params,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<Received> {
  const abort = new AbortController();
  const patience = startPatience(patienceMs, abort);
  const onAbort = () => abort.abort();
  if (signal?.aborted) abort.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const headers = params.context_management ? { 'anthropic-beta': CONTEXT_EDITING_BETA } : {};
    return await observe(client, params, async () => {
      const response = await client.messages.create(params, { signal: abort.signal, headers }).asResponse();
      return await receive(client, response, abort, patience.hear);
    });
  } catch (error) {
    if (signal?.aborted) patience.stop(signal);
    patience.check();
    throw error;
  } finally {
    patience.end();
    signal?.removeEventListener('abort', onAbort);
  }
}
