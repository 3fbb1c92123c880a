import type Anthropic from '@anthropic-ai/sdk';
import { showHidden } from '../approval/hidden-text.js';
import type { Research } from '../run/plan.js';
import { excerpt } from './content/excerpt.js';
import { readSources } from './content/sources.js';
import type { Answer } from './request/converse.js';

/** Limit for a reason, in characters: an endpoint may repeat the whole request in its refusal. */
const REASON = 200;
const OWN_KNOWLEDGE = "The web was not searched; this is the model's own knowledge.\n\n";

/** Makes the research of an answer. `text` is the answer's. `lack`: the reason why no search was offered. */
export function readResearch({ content, leftOut }: Answer, text: string, lack?: string): Research {
  const sources = readSources(content);
  const reason = lack ?? leftOut.get('server_tools') ?? failureOf(content);
  if (reason === undefined) return { summary: text, sources };
  const unsearched = showHidden(excerpt(reason, REASON));
  return { summary: `${OWN_KNOWLEDGE}${text}`, sources, unsearched };
}

/** Reason why every search of an answer failed. Undefined where one succeeded, or none was made. */
function failureOf(content: Anthropic.ContentBlock[]): string | undefined {
  const results = content.flatMap((block) =>
    block.type === 'web_search_tool_result' ? [block.content] : [],
  );
  const errors = results.flatMap((result) => (Array.isArray(result) ? [] : [result.error_code]));
  const [code] = errors;
  return code !== undefined && errors.length === results.length ? `the search failed (${code})` : undefined;
}
