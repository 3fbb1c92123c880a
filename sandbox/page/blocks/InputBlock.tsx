import type { InputBlock as Input } from '@slack/types';
import { type KeyboardEvent, useEffect, useId, useRef } from 'react';
import { usePage } from '../live/page.js';
import { type Element, type InputValue, initialValue, type TextInputType } from '../state/inputs.js';
import { Choice, isChoice } from './Choice.js';
import { type Surface, useSurface } from './surface.js';

/** A labelled input. Its text is kept until a click or a submission sends it. */
export function InputBlock({ block, surface }: { block: Input; surface: Surface }) {
  const { state } = usePage();
  const { value, type, act } = useSurface(surface);
  const id = useId();
  const element = block.element as unknown as Element;
  const blockId = block.block_id ?? '';
  const actionId = element.action_id ?? '';
  const error = surface.kind === 'view' ? state.viewErrors[surface.view.id]?.[blockId] : undefined;
  const change = (next: InputValue) => type(blockId, actionId, next);
  const described =
    [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return (
    <div className={error ? 'input has-error' : 'input'}>
      <label id={`${id}-label`} htmlFor={id}>
        {block.label.text} {block.optional && <span className="optional">(optional)</span>}
      </label>
      {isChoice(element) ? (
        <Choice
          element={element}
          value={value(blockId, actionId)}
          labelId={`${id}-label`}
          onChange={change}
        />
      ) : (
        <TextInput
          id={id}
          described={described}
          invalid={error !== undefined}
          element={element}
          value={value(blockId, actionId)}
          onChange={change}
          onEnter={
            block.dispatch_action && element.multiline !== true
              ? (typed) => void act(element, blockId, { value: typed })
              : undefined
          }
        />
      )}
      {error && (
        <p id={`${id}-error`} className="error" role="alert">
          {error}
        </p>
      )}
      {block.hint && (
        <p id={`${id}-hint`} className="hint">
          {block.hint.text}
        </p>
      )}
    </div>
  );
}

interface TextProps {
  id: string;
  described: string | undefined;
  invalid: boolean;
  element: Element;
  value: InputValue | undefined;
  onChange(value: InputValue): void;
  /** Set if the app wants an event for Enter. */
  onEnter: ((typed: string) => void) | undefined;
}

function TextInput({ id, described, invalid, element, value, onChange, onEnter }: TextProps) {
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const focused = element.focus_on_load === true;
  useEffect(() => {
    if (focused) field.current?.focus();
  }, [focused]);
  const current = value ?? initialValue(element);
  const type = element.type as TextInputType;
  const shared = {
    id,
    ref: field,
    value: (current && 'value' in current ? current.value : null) ?? '',
    placeholder: (element.placeholder as { text: string } | undefined)?.text,
    maxLength: element.max_length as number | undefined,
    'aria-describedby': described,
    'aria-invalid': invalid,
    onChange: ({ target }: { target: { value: string } }) =>
      onChange({ type, value: target.value === '' ? null : target.value }),
    onKeyDown: (event: KeyboardEvent<HTMLInputElement & HTMLTextAreaElement>) => {
      if (!onEnter || event.key !== 'Enter' || event.nativeEvent.isComposing) return;
      event.preventDefault();
      onEnter(event.currentTarget.value);
    },
  };
  if (element.multiline === true) return <textarea rows={4} {...shared} />;
  const kinds: Record<string, string> = {
    email_text_input: 'email',
    url_text_input: 'url',
    number_input: 'number',
  };
  return <input type={kinds[type] ?? 'text'} {...shared} />;
}
