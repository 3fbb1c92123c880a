import { badRequest, type MessagesRequest, partsOf } from '../request.js';
import { referencesIn } from '../tool-search.js';

/** Refuses invalid uses of the tool search, with the API's texts. Source: the API's "Tool search tool", CLIProxyAPI#4561. @throws RequestError */
export function checkToolSearch({ tools = [], messages }: MessagesRequest): void {
  const deferred = tools.filter(({ defer_loading }) => defer_loading === true);
  const marked = deferred.find(({ cache_control }) => cache_control);
  if (marked) {
    throw badRequest(
      `Tool '${marked.name}' cannot have both defer_loading=true and cache_control set. Tools with defer_loading cannot use prompt caching.`,
    );
  }
  if (deferred.length > 0 && deferred.length === tools.length)
    throw badRequest('At least one tool must have defer_loading=false. All tools cannot be deferred.');
  const names = new Set(tools.map(({ name }) => name));
  const lost = messages
    .flatMap(partsOf)
    .flatMap(referencesIn)
    .find((name) => !names.has(name));
  if (lost !== undefined) throw badRequest(`Tool reference '${lost}' not found in available tools`);
}

/** Refuses the search itself, as an endpoint that lacks it. @throws RequestError */
export function refuseToolSearch({ tools = [] }: MessagesRequest): void {
  const index = tools.findIndex(({ type }) => type?.startsWith('tool_search'));
  if (index < 0) return;
  throw badRequest(
    `tools.${index}: Input tag '${tools[index]?.type}' found using 'type' does not match any of the expected tags: 'custom', 'web_search_20250305'`,
  );
}
