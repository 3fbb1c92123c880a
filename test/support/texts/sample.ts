import type { KnownBlock, ModalView } from '@slack/types';
import { plainLine, withBlocks } from '../../../src/slack/messages/kit/blocks.js';

/** One message, form or tab as a person sees it. `text` is the line on a lock screen; unset for what notifies nobody. */
export interface Sample {
  name: string;
  text?: string;
  blocks: readonly KnownBlock[];
  /** Words around the blocks of a form. */
  form?: { title: string; submit: string; close: string };
}

/** The samples of one surface. */
export interface Surface {
  title: string;
  samples: Sample[];
}

/** A message, or a text that gets its blocks as it is sent. */
export function message(name: string, sent: string | { text: string; blocks?: KnownBlock[] }): Sample {
  const { text, blocks } = withBlocks(typeof sent === 'string' ? { text: sent } : sent);
  return { name, text, blocks };
}

export function form(name: string, view: ModalView | undefined): Sample {
  if (!view) throw new Error(`The form "${name}" is too large`);
  const { title, submit, close, blocks } = view;
  return {
    ...{ name, blocks: blocks as KnownBlock[] },
    form: { title: title?.text ?? '', submit: submit?.text ?? '', close: close?.text ?? '' },
  };
}

/** The dialogs in which the buttons of a message ask for confirmation. */
export function confirmations(blocks: readonly KnownBlock[]): Sample[] {
  return blocks
    .flatMap((block) => (block.type === 'actions' ? block.elements : []))
    .flatMap((element) => {
      if (element.type !== 'button' || !element.confirm) return [];
      const { title, text, confirm, deny } = element.confirm;
      const words = { title: title?.text ?? '', submit: confirm?.text ?? 'Yes', close: deny?.text ?? 'No' };
      return [{ name: `confirm: ${element.text.text}`, blocks: [plainLine(text.text, 300)], form: words }];
    });
}

/** A message for each kind, in the order of the keys. A type of keys makes sure that none is missing. */
export function each<K extends string, T>(
  samples: Record<K, T>,
  draw: (sample: T, kind: K) => string | { text: string; blocks?: KnownBlock[] },
): Sample[] {
  return (Object.keys(samples) as K[]).map((kind) => message(kind, draw(samples[kind], kind)));
}
