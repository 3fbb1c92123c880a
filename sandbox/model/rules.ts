import { badRequest, isCustom, type MessagesRequest, type Part, partsOf } from './request.js';
import { checkThinking } from './thinking.js';
import { checkSchemas } from './validation/schemas.js';
import { checkToolSearch } from './validation/tool-search.js';

const MAX_MARKS = 4;

/**
 * Refuses invalid conversations with tools, with the API's texts. One rule is stricter: roles must alternate. The API would join messages
 * of one role, but other endpoints of its protocol don't.
 *
 * @throws RequestError
 */
export function checkRules(body: MessagesRequest): void {
  checkTools(body);
  checkSchemas(body);
  checkToolSearch(body);
  checkMarks(body);
  body.messages.forEach((message, index) => {
    checkRole(body, index);
    checkText(partsOf(message));
    checkImages(partsOf(message), index);
    if (message.role === 'user') checkResults(body, index);
    else checkCalls(body, index);
  });
  checkThinking(body);
}

function checkTools({ tools = [] }: MessagesRequest): void {
  tools.forEach((tool, index) => {
    if (!isCustom(tool)) return;
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(tool.name)) {
      throw badRequest(`tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    }
    if (!tool.input_schema) throw badRequest(`tools.${index}.custom.input_schema: Field required`);
  });
  if (new Set(tools.map(({ name }) => name)).size < tools.length) {
    throw badRequest('tools: Tool names must be unique.');
  }
}

function checkMarks({ tools = [], system, messages }: MessagesRequest): void {
  const parts = [...tools, ...(Array.isArray(system) ? system : []), ...messages.flatMap(partsOf)];
  const marks = parts.filter((part) => part.cache_control).length;
  if (marks <= MAX_MARKS) return;
  throw badRequest(`A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`);
}

function checkRole({ messages }: MessagesRequest, index: number): void {
  const role = messages[index]?.role;
  if (index === 0 && role !== 'user') throw badRequest('messages: first message must use the "user" role');
  if (messages[index - 1]?.role !== role) return;
  throw badRequest(
    `messages: roles must alternate between "user" and "assistant", but found multiple "${role}" roles in a row`,
  );
}

function checkText(parts: Part[]): void {
  const texts = parts.filter(({ type }) => type === 'text');
  if (parts.length === 0 || texts.some(({ text }) => !text)) {
    throw badRequest('messages: text content blocks must be non-empty');
  }
  if (texts.length === parts.length && texts.every(({ text }) => text?.trim() === '')) {
    throw badRequest('messages: text content blocks must contain non-whitespace text');
  }
}

/** First bytes of the images that the API takes, in hex. */
const IMAGES: Record<string, RegExp> = {
  'image/png': /^89504e47/,
  'image/jpeg': /^ffd8ff/,
  'image/gif': /^47494638/,
  'image/webp': /^52494646.{8}57454250/,
};

/** Checks a message's own images. Source: claude-code#16173 and the API's "Vision". */
function checkImages(parts: Part[], index: number): void {
  for (const { type, source } of parts as (Part & { source?: { media_type?: string; data?: string } })[]) {
    if (type !== 'image') continue;
    const { media_type = '', data = '' } = source ?? {};
    const start = Buffer.from(data.slice(0, 24), 'base64').toString('hex');
    if (IMAGES[media_type]?.test(start)) continue;
    throw badRequest(
      `messages.${index}: image was specified using the ${media_type} media type, but does not appear to be one`,
    );
  }
}

/** Checks a user's message: each result must belong to a call of the previous message. */
function checkResults({ messages }: MessagesRequest, index: number): void {
  const before = messages[index - 1];
  const called = before ? callsIn(partsOf(before)) : [];
  const message = messages[index];
  const results = (message ? partsOf(message) : []).filter(({ type }) => type === 'tool_result');
  const seen = new Set<string | undefined>();
  for (const { tool_use_id } of results) {
    if (seen.has(tool_use_id)) {
      throw badRequest(
        `messages.${index}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${tool_use_id}`,
      );
    }
    if (!called.includes(tool_use_id ?? '')) {
      throw badRequest(
        `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${tool_use_id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    }
    seen.add(tool_use_id);
  }
}

/** Checks the model's message: the next message must answer its calls, and only a paused message may be the last. */
function checkCalls({ messages }: MessagesRequest, index: number): void {
  const message = messages[index];
  const parts = message ? partsOf(message) : [];
  if (parts.at(-1)?.type === 'thinking') {
    throw badRequest(`messages.${index}: The final block in an assistant message cannot be \`thinking\`.`);
  }
  const next = messages[index + 1];
  const answered = new Set((next ? partsOf(next) : []).map(({ tool_use_id }) => tool_use_id));
  const missing = callsIn(parts).filter((id) => !answered.has(id));
  if (missing.length > 0) {
    throw badRequest(
      `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
  }
  if (!next && !parts.some(({ type }) => type === 'server_tool_use')) {
    throw badRequest(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    );
  }
  const pending = pendingSearch(parts);
  if (next && pending && callsIn(parts).length === 0) {
    throw badRequest(
      `messages.${index}: \`web_search\` tool use with id \`${pending.id}\` was found without a corresponding \`web_search_tool_result\` block`,
    );
  }
}

/** Finds a search of the model without a result, with which a paused turn continues. */
export function pendingSearch(parts: readonly Part[]): Part | undefined {
  const answered = new Set(parts.map(({ tool_use_id }) => tool_use_id));
  return parts.find(({ type, id }) => type === 'server_tool_use' && !answered.has(id));
}

function callsIn(parts: readonly Part[]): string[] {
  return parts.filter(({ type }) => type === 'tool_use').map(({ id = '' }) => id);
}
