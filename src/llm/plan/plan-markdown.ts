import type { Plan } from '../../run/plan.js';
import { tidy } from './plan-parts.js';

/** Beginnings of a refusal, and the end of a question. Their lists are no steps. */
const NO_PLAN =
  /^(?:i['’]?m (?:sorry|unable|not able)|i (?:am (?:sorry|unable|not able)|can['’]?t|cannot|won['’]?t|will not|need)|(?:i )?apologi[sz]e|sorry|unfortunately|as an ai)\b|\?$/i;
const HEADING = /^#+\s+(.*)$/;
const ITEM = /^(?:\d+[.)]|[-*•]|(?:#+ )?step \d+[.:)])\s+(.*)$/is;

/** Reads a plan whose steps are items of a list. Undefined for a text without such a list, and for a refusal or a question in words. */
export function planInMarkdown(text: string): Omit<Plan, 'sources'> | undefined {
  const plan: Omit<Plan, 'sources'> = { title: '', summary: '', steps: [], risks: [] };
  const prose: string[] = [];
  let section = '';
  for (const raw of text.split('\n')) {
    const line = raw.replaceAll(/\*\*|__/g, '').trim();
    const item = ITEM.exec(line)?.[1]?.trim();
    const heading = HEADING.exec(line)?.[1]?.trim();
    if (item !== undefined) addItem(plan, section, item);
    else if (heading !== undefined) {
      plan.title ||= heading;
      section = heading;
    } else if (line !== '') prose.push(line);
  }
  if (plan.steps.length === 0 || prose.slice(0, 2).some((line) => NO_PLAN.test(line))) return undefined;
  return { ...plan, summary: prose[0] ?? '' };
}

/** Adds an item to what its heading names. */
function addItem({ steps, risks }: Omit<Plan, 'sources'>, section: string, item: string): void {
  if (item === '' || /^[{["]/.test(item) || /^(?:sources|references)/i.test(section)) return;
  if (/^risks?\b/i.test(section)) {
    risks.push(item);
    return;
  }
  const [, title = item, detail = ''] = /^(.{3,80}?):\s+(.+)$/s.exec(item) ?? [];
  steps.push({ title: tidy(title), detail: detail.trim() });
}
