import type { Option } from '@slack/types';
import { usePage } from '../live/page.js';
import { type Element, type InputValue, initialValue } from '../state/inputs.js';
import { channelTitle, displayName } from '../state/selectors.js';

const TYPES = ['select', 'checkboxes', 'radio_buttons', 'picker'];

export const isChoice = (element: Element) => TYPES.some((type) => element.type.includes(type));

interface Props {
  element: Element;
  value: InputValue | undefined;
  labelId?: string;
  onChange(value: InputValue): void;
}

/** Menus, check boxes, radio buttons and pickers, drawn as the browser's controls. */
export function Choice(props: Props) {
  const { element } = props;
  if (element.type === 'checkboxes' || element.type === 'radio_buttons') return <Boxes {...props} />;
  if (element.type.includes('picker')) return <Picker {...props} />;
  return <Menu {...props} />;
}

function optionsOf(element: Element): Option[] {
  const groups = (element.option_groups as { options: Option[] }[] | undefined) ?? [];
  return [...((element.options as Option[] | undefined) ?? []), ...groups.flatMap((group) => group.options)];
}

function Boxes({ element, value, labelId, onChange }: Props) {
  const many = element.type === 'checkboxes';
  const current = value ?? initialValue(element);
  const chosen = current && 'selected_options' in current ? current.selected_options : [];
  const one = current && 'selected_option' in current ? current.selected_option : null;
  const toggle = (option: Option) => {
    const has = chosen.some((other) => other.value === option.value);
    const next = has ? chosen.filter((other) => other.value !== option.value) : [...chosen, option];
    onChange(
      many
        ? { type: 'checkboxes', selected_options: next }
        : { type: 'radio_buttons', selected_option: option },
    );
  };
  return (
    <fieldset aria-labelledby={labelId}>
      {optionsOf(element).map((option) => (
        <label key={option.value} className="box">
          <input
            type={many ? 'checkbox' : 'radio'}
            checked={
              many ? chosen.some(({ value: other }) => other === option.value) : one?.value === option.value
            }
            onChange={() => toggle(option)}
          />
          {option.text.text}
        </label>
      ))}
    </fieldset>
  );
}

const PICKERS = {
  datepicker: { input: 'date', key: 'selected_date' },
  timepicker: { input: 'time', key: 'selected_time' },
  datetimepicker: { input: 'datetime-local', key: 'selected_date_time' },
} as const;

const PICKER_LABELS = { date: 'Date', time: 'Time', 'datetime-local': 'Date and time' };

function Picker({ element, value, labelId, onChange }: Props) {
  const { input, key } = PICKERS[element.type as keyof typeof PICKERS];
  const current = (value ?? initialValue(element)) as Record<string, unknown> | undefined;
  const shown = current?.[key];
  const change = (text: string) => {
    const picked = key === 'selected_date_time' ? Math.floor(Date.parse(text) / 1000) : text;
    onChange({ type: element.type, [key]: text === '' ? null : picked } as InputValue);
  };
  const moment = typeof shown === 'number' ? new Date(shown * 1000) : undefined;
  const text =
    moment && !Number.isNaN(moment.getTime()) ? moment.toISOString().slice(0, 16) : String(shown ?? '');
  return (
    <input
      type={input}
      aria-labelledby={labelId}
      aria-label={labelId ? undefined : placeholderOf(element, PICKER_LABELS[input])}
      value={text}
      onChange={({ target }) => change(target.value)}
    />
  );
}

function Menu({ element, value, labelId, onChange }: Props) {
  const entries = useEntries(element);
  const many = element.type.startsWith('multi_');
  const current = (value ?? initialValue(element)) as Record<string, unknown> | undefined;
  const key = keyOf(element.type);
  const selected = [current?.[key]]
    .flat()
    .map((item) => (typeof item === 'string' ? item : ((item as Option)?.value ?? '')));
  const change = (ids: string[]) => {
    const picked = entries.filter(({ id }) => ids.includes(id)).map(({ id, option }) => option ?? id);
    onChange({ type: element.type, [key]: many ? picked : (picked[0] ?? null) } as unknown as InputValue);
  };
  const placeholder = placeholderOf(element, 'Choose…');
  return (
    <select
      multiple={many}
      aria-labelledby={labelId}
      aria-label={labelId ? undefined : placeholder}
      value={many ? selected : (selected[0] ?? '')}
      onChange={({ target }) => change([...target.selectedOptions].map((option) => option.value))}
    >
      {!many && <option value="">{placeholder}</option>}
      {entries.map(({ id, label }) => (
        <option key={id} value={id}>
          {label}
        </option>
      ))}
    </select>
  );
}

function placeholderOf(element: Element, otherwise: string): string {
  return (element.placeholder as { text: string } | undefined)?.text ?? otherwise;
}

function keyOf(type: string): string {
  const what = /users/.test(type)
    ? 'user'
    : /conversations/.test(type)
      ? 'conversation'
      : /channels/.test(type)
        ? 'channel'
        : 'option';
  return `selected_${what}${type.startsWith('multi_') ? 's' : ''}`;
}

function useEntries(element: Element): { id: string; label: string; option?: Option }[] {
  const { workspace, state } = usePage();
  if (element.type.includes('users')) {
    const people = Object.values(workspace.people).filter((person) => !person.isBot);
    return people.map((person) => ({ id: person.id, label: displayName(person) }));
  }
  if (element.type.includes('channels') || element.type.includes('conversations')) {
    const channels = Object.values(workspace.channels).filter(({ kind }) => kind === 'public');
    return channels.map((channel) => ({ id: channel.id, label: channelTitle(workspace, channel, state.me) }));
  }
  return optionsOf(element).map((option) => ({ id: option.value ?? '', label: option.text.text, option }));
}
