import { type KeyboardEvent, type RefObject, useLayoutEffect, useState } from 'react';
import { usePage } from '../live/page.js';
import { type Completion, completionsFor } from '../state/completions.js';

/** Suggestions for the text before the caret, and the keys that select one. */
export function useCompletions({
  field,
  text,
  setText,
  inThread,
}: {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  setText(text: string): void;
  inThread: boolean;
}) {
  const { workspace } = usePage();
  const [caret, setCaret] = useState(0);
  const [picked, setPicked] = useState(0);
  /** Text at which Escape closed the menu. */
  const [closedAt, setClosedAt] = useState<string>();
  /** Position of the caret after the completed text is drawn. */
  const [jump, setJump] = useState<number>();
  const { start, items: all } = completionsFor(workspace, text, caret, inThread);
  const items = closedAt === text ? [] : all;

  useLayoutEffect(() => {
    if (jump === undefined) return;
    field.current?.setSelectionRange(jump, jump);
    setJump(undefined);
  }, [jump, field]);

  const pick = (item: Completion | undefined) => {
    if (!item) return;
    const end = start + item.insert.length;
    setText(`${text.slice(0, start)}${item.insert}${text.slice(caret)}`);
    setCaret(end);
    setJump(end);
    setPicked(0);
  };

  return {
    items,
    picked: Math.min(picked, Math.max(0, items.length - 1)),
    pick,
    moved: setCaret,
    /** Returns true when the menu used the key. */
    onKeyDown(event: KeyboardEvent): boolean {
      if (items.length === 0 || event.nativeEvent.isComposing) return false;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        const step = event.key === 'ArrowDown' ? 1 : -1;
        setPicked((picked + step + items.length) % items.length);
      } else if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey)) pick(items[picked]);
      else if (event.key === 'Escape') {
        setClosedAt(text);
        event.stopPropagation();
      } else return false;
      event.preventDefault();
      return true;
    },
  };
}
