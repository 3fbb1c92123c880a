import Anthropic from '@anthropic-ai/sdk';
import { toRemoteError } from './failures.js';
import { type Received, receive } from './receive.js';
import { callsServerTool, refusesServerTool, SEARCH_REFUSED, SERVER_TOOLS_REFUSED } from './server-tools.js';

export type Params = Anthropic.MessageCreateParamsStreaming;

/** Parts of a request that an endpoint may not know. The request is then repeated without them. */
export type OptionalPart =
  | 'images'
  | 'thinking'
  | 'caching'
  | 'output_config'
  | 'newest_server_tools'
  | 'web_search'
  | 'server_tools';

/** Parts that a request went without, with the words by which each was refused. */
export type LeftOut = ReadonlyMap<OptionalPart, string>;

/** A request, with its optional parts. */
export interface Draft {
  uses: readonly OptionalPart[];
  build(without: LeftOut): Params;
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
  ['newest_server_tools', SERVER_TOOLS_REFUSED],
  ['web_search', SEARCH_REFUSED],
  ['server_tools', SERVER_TOOLS_REFUSED],
];

/** Sends a request. When the endpoint refuses an optional part by name, the request is repeated without that part. @throws RemoteError */
export async function sendLeniently(
  client: Anthropic,
  draft: Draft,
  signal?: AbortSignal,
): Promise<Received & { without: LeftOut }> {
  const without = new Map<OptionalPart, string>();
  for (;;) {
    try {
      const params = draft.build(without);
      const received = await send(client, params, signal);
      if (!callsServerTool(received.message, params.tools)) return { ...received, without };
      without.set('server_tools', 'the endpoint passes its own tools on as ours');
    } catch (error) {
      const said = refusalIn(error);
      const left = draft.uses.filter((part) => !without.has(part));
      const refused = REFUSED.find(([part, words]) => left.includes(part) && words.test(said));
      if (!refused) throw toRemoteError(error);
      without.set(refused[0], said);
    }
  }
}

/** Words of an error that may be about an optional part; empty for any other. */
function refusalIn(error: unknown): string {
  if (!(error instanceof Anthropic.APIError)) return '';
  const said = error.apiMessage ?? error.message;
  return error instanceof Anthropic.BadRequestError || refusesServerTool(error.status, said) ? said : '';
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
