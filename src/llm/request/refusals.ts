import { showHidden } from '../../approval/hidden-text.js';
import { RemoteError } from '../../platform/errors.js';
import { excerpt } from '../content/excerpt.js';
import type { Message } from './receive.js';

/** Limit for the API's explanation, in characters: it is shown to people, and stays in the run. */
const MAX_EXPLANATION = 500;

/** Words of a refusal: the category and the explanation, where the API gives them. Undefined if the answer is none. */
export function readRefusal({ stop_reason, stop_details }: Message): string | undefined {
  if (stop_reason !== 'refusal') return undefined;
  const { category, explanation } = stop_details ?? {};
  const show = (text: string) => showHidden(excerpt(text, MAX_EXPLANATION));
  const about = category ? ` (category ${show(String(category))})` : '';
  return `refused${about}${explanation ? `: “${show(explanation)}”` : ''}`;
}

/** Makes the error of an answer that every model refused. `refusals`: what each of them said, by its name. */
export function refused(what: string, refusals: ReadonlyMap<string, string>): RemoteError {
  return new RemoteError('Refused', refusedText(what, refusals));
}

/** Says who refused, why, and what helps. */
export function refusedText(what: string, refusals: ReadonlyMap<string, string>): string {
  const said = [...refusals].map(([model, words]) => `${model} ${words}`).join('; ');
  const other =
    refusals.size > 1
      ? ''
      : ' Or set ANTHROPIC_FALLBACK_MODEL: that model is asked when the first one refuses.';
  return `The model refused to ${what}. ${said}${/[.”]$/.test(said) ? '' : '.'} Word the goal differently.${other}`;
}
