import Anthropic from '@anthropic-ai/sdk';
import { toRemoteError } from './failures.js';
import { learnLimit, withinLimits } from './limits.js';
import { type Received, receive } from './receive.js';

export type Params = Anthropic.MessageCreateParamsStreaming;

/** Parts of a request that an endpoint may not know. The request is then repeated without them. */
export type OptionalPart = 'images' | 'thinking' | 'caching' | 'output_config' | 'server_tools';

/** A request, with its optional parts. */
export interface Draft {
  uses: readonly OptionalPart[];
  build(without: ReadonlySet<OptionalPart>): Params;
}

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
  // A custom tool is named `tools.3.custom…`; dropping server tools would not help.
  ['server_tools', /^(?!.*\btools\.\d+\.custom\b).*(?:\btools?\b|web_search|code_execution)/is],
];

/** Sends a request. When the endpoint refuses an optional part by name, the request is repeated without that part. @throws RemoteError */
export async function sendLeniently(
  client: Anthropic,
  draft: Draft,
  signal?: AbortSignal,
): Promise<Received & { without: ReadonlySet<OptionalPart> }> {
  const without = new Set<OptionalPart>();
  for (;;) {
    const params = withinLimits(client, draft.build(without));
    try {
      return { ...(await send(client, params, signal)), without };
    } catch (error) {
      const said = error instanceof Anthropic.BadRequestError ? (error.apiMessage ?? error.message) : '';
      if (learnLimit(client, params, said)) continue;
      const left = draft.uses.filter((part) => !without.has(part));
      const refused = REFUSED.find(([part, words]) => left.includes(part) && words.test(said));
      if (!refused) throw toRemoteError(error);
      without.add(refused[0]);
    }
  }
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
