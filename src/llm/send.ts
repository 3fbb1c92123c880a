import Anthropic from '@anthropic-ai/sdk';
import { toRemoteError } from './failures.js';
import { type Received, receive } from './receive.js';
import { findNamedTool, isOurs, reasonFor, refusalIn } from './refused-tool.js';

export type Params = Anthropic.MessageCreateParamsStreaming;

/** Parts of a request that an endpoint may not know. The request is then repeated without them. */
export type OptionalPart =
  | 'images'
  | 'thinking'
  | 'caching'
  | 'output_config'
  | 'tool_search'
  | 'server_tools';

/** Our tools that the API refuses, by name, each with the reason. */
export type RefusedTools = ReadonlyMap<string, string>;

/** A request, with its optional parts. */
export interface Draft {
  uses: readonly OptionalPart[];
  build(without: ReadonlySet<OptionalPart>, refused?: RefusedTools): Params;
}

/** Limit for the refused tools of one request. An endpoint that refuses more takes no tools. */
const MAX_REFUSED_TOOLS = 20;

/**
 * Patterns by which a refusal names an optional part, in the order in which parts are dropped. A thinking block is bound to the text
 * before it; a new model, prompt or tool makes it invalid, so all are dropped.
 */
const REFUSED: readonly [OptionalPart, RegExp][] = [
  // A model without vision, or a file that only begins as an image does.
  ['images', /\bimages?\b/i],
  ['thinking', /thinking|signature/i],
  ['caching', /cache_control|ephemeral/i],
  ['output_config', /output_config|output_format/i],
  ['tool_search', /defer_loading|tool_reference|tool[_ ]search/i],
  // A custom tool is named `tools.3.custom…`; dropping server tools would not help.
  ['server_tools', /^(?!.*\btools\.\d+\.custom\b).*(?:\btools?\b|web_search|code_execution)/is],
];

/** Sends a request. When the endpoint refuses an optional part, or one of our tools, the request is repeated without it. @throws RemoteError */
export async function sendLeniently(
  client: Anthropic,
  draft: Draft,
  signal?: AbortSignal,
): Promise<Received & { without: ReadonlySet<OptionalPart>; refusedTools: RefusedTools }> {
  const without = new Set<OptionalPart>();
  const refusedTools = new Map<string, string>();
  for (;;) {
    const params = draft.build(without, refusedTools);
    try {
      return { ...(await send(client, params, signal)), without, refusedTools };
    } catch (error) {
      const said = refusalIn(error);
      const tool = findNamedTool(said, params.tools);
      if (tool && isOurs(tool) && 'name' in tool && refusedTools.size < MAX_REFUSED_TOOLS) {
        refusedTools.set(tool.name, reasonFor(said));
        continue;
      }
      const left = draft.uses.filter((part) => !without.has(part));
      const own = tool && !isOurs(tool) ? partOf(tool) : undefined;
      const refused = REFUSED.find(([part, words]) =>
        own && left.includes(own) ? part === own : left.includes(part) && words.test(said),
      );
      if (!refused) throw toRemoteError(error);
      without.add(refused[0]);
    }
  }
}

/** The part of a request that holds a tool of the model's side. */
function partOf({ type }: Anthropic.ToolUnion): OptionalPart {
  return type?.startsWith('tool_search') ? 'tool_search' : 'server_tools';
}

/** Streams, so that no proxy cuts a long answer. */
async function send(client: Anthropic, params: Params, signal?: AbortSignal): Promise<Received> {
  const abort = new AbortController();
  const onAbort = () => abort.abort();
  if (signal?.aborted) abort.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await client.messages.create(params, { signal: abort.signal }).asResponse();
    return await receive(client, response, abort);
  } catch (error) {
    if (signal?.aborted) throw new Anthropic.APIUserAbortError();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
