import { badRequest, isCustom, type MessagesRequest, type OfferedTool } from './request.js';

/** Versions of the tools that run on the model's side. Source: `ToolUnion` in the SDK's `messages.d.ts`. */
const VERSIONS = new Set([
  ...['web_search_20250305', 'web_search_20260209', 'web_search_20260318'],
  ...['tool_search_tool_bm25_20251119', 'tool_search_tool_regex_20251119'],
  ...[
    'code_execution_20250522',
    'code_execution_20250825',
    'code_execution_20260120',
    'code_execution_20260521',
  ],
]);

/** Versions that make calls from code, unless `allowed_callers` says otherwise. */
const FROM_CODE = /^web_search_2026/;

/** A model that makes no calls from code. Source: the refusals that users of Haiku 4.5 report. */
const DIRECT_ONLY = /haiku-4-5/;

/** Refuses tools of the model's side as the API does: unknown versions, and calls from code that the model can't make. */
export function checkServerTools({ model, tools = [] }: MessagesRequest): void {
  tools.forEach((tool, index) => {
    if (isCustom(tool) || VERSIONS.has(String(tool.type))) return;
    const known = ['custom', ...VERSIONS].map((version) => `'${version}'`).join(', ');
    throw badRequest(
      `tools.${index}: Input tag '${tool.type}' found using 'type' does not match any of the expected tags: ${known}`,
    );
  });
  if (!DIRECT_ONLY.test(model)) return;
  const names = tools.filter(needsCode).map(({ name }) => name);
  if (names.length === 0) return;
  throw badRequest(
    `'${model}' does not support programmatic tool calling. The following tools have \`allowed_callers\` that require it: ${names.join(', ')}`,
  );
}

function needsCode(tool: OfferedTool): boolean {
  if (isCustom(tool) || !FROM_CODE.test(String(tool.type))) return false;
  const { allowed_callers: callers } = tool;
  return !(Array.isArray(callers) && callers.every((caller) => caller === 'direct'));
}
