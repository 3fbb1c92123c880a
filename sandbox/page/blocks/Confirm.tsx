import type { MrkdwnElement, PlainTextElement } from '@slack/types';
import { Dialog } from '../components/Dialog.js';
import { scrollable } from '../live/scrollable.js';
import { Text } from './Blocks.js';

export interface ConfirmWords {
  title: PlainTextElement;
  text: PlainTextElement | MrkdwnElement;
  confirm: PlainTextElement;
  deny: PlainTextElement;
  style?: 'primary' | 'danger';
}

/** Asks for confirmation of a click. */
export function Confirm({ words, onAnswer }: { words: ConfirmWords; onAnswer(yes: boolean): void }) {
  return (
    <Dialog title={words.title.text} onClose={() => onAnswer(false)}>
      <div className="dialog-body" ref={scrollable}>
        <Text text={words.text} />
      </div>
      <footer>
        <button type="button" className="action default" onClick={() => onAnswer(false)}>
          {words.deny.text}
        </button>
        <button type="button" className={`action ${words.style ?? 'primary'}`} onClick={() => onAnswer(true)}>
          {words.confirm.text}
        </button>
      </footer>
    </Dialog>
  );
}
