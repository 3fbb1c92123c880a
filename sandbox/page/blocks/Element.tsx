import type { Button, Option, Overflow } from '@slack/types';
import { useState } from 'react';
import { usePage } from '../live/page.js';
import { openPermalink } from '../live/permalink.js';
import type { Element as AnyElement } from '../state/inputs.js';
import { Choice, isChoice } from './Choice.js';
import { Confirm, type ConfirmWords } from './Confirm.js';
import { type Surface, useSurface } from './surface.js';

/** An element with an immediate action: a button, a menu, or a choice in an actions block or a section. */
export function Element({
  element,
  blockId,
  surface,
}: {
  element: AnyElement;
  blockId: string;
  surface: Surface;
}) {
  if (element.type === 'button')
    return <ActionButton element={element} blockId={blockId} surface={surface} />;
  if (element.type === 'overflow')
    return <OverflowMenu element={element} blockId={blockId} surface={surface} />;
  if (element.type === 'image') return <img src={String(element.image_url)} alt={String(element.alt_text)} />;
  if (isChoice(element)) return <ActingChoice element={element} blockId={blockId} surface={surface} />;
  return null;
}

interface Props {
  element: AnyElement;
  blockId: string;
  surface: Surface;
}

function ActionButton({ element, blockId, surface }: Props) {
  const page = usePage();
  const { act, isPending } = useSurface(surface);
  const [asking, setAsking] = useState(false);
  const button = element as unknown as Button;
  const pending = isPending(blockId, element.action_id ?? '');
  const words = button.confirm as ConfirmWords | undefined;
  const click = () => {
    if (button.url && !openPermalink(page, button.url)) window.open(button.url, '_blank', 'noreferrer');
    void act(element, blockId);
  };
  return (
    <>
      <button
        type="button"
        className={`action ${button.style ?? 'default'}`}
        aria-label={button.accessibility_label}
        data-action={element.action_id}
        aria-busy={pending}
        aria-disabled={pending}
        onClick={() => {
          // A disabled button would lose the focus.
          if (pending) return;
          if (words) setAsking(true);
          else click();
        }}
      >
        {button.text.text}
      </button>
      {asking && words && (
        <Confirm
          words={words}
          onAnswer={(yes) => {
            setAsking(false);
            if (yes) click();
          }}
        />
      )}
    </>
  );
}

function OverflowMenu({ element, blockId, surface }: Props) {
  const { act } = useSurface(surface);
  const { options } = element as unknown as Overflow;
  return (
    <select
      className="overflow"
      aria-label="More actions"
      data-action={element.action_id}
      value=""
      onChange={({ target }) => {
        const option = options.find(({ value }) => value === target.value);
        if (option) void act(element, blockId, { selected_option: option });
      }}
    >
      <option value="" disabled>
        ⋯
      </option>
      {options.map((option: Option) => (
        <option key={option.value} value={option.value}>
          {option.text.text}
        </option>
      ))}
    </select>
  );
}

/** A choice outside an input block, which the app gets at once. */
function ActingChoice({ element, blockId, surface }: Props) {
  const { act, value, type } = useSurface(surface);
  const actionId = element.action_id ?? '';
  return (
    <Choice
      element={element}
      value={value(blockId, actionId)}
      onChange={(next) => {
        type(blockId, actionId, next);
        const { type: _, ...chosen } = next;
        void act(element, blockId, chosen);
      }}
    />
  );
}
