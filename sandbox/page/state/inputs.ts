import type { KnownBlock, Option } from '@slack/types';
import type { Block } from '../../workspace/protocol.js';

/** An input's value, as Slack puts it into `view.state.values`. */
export type InputValue =
  | { type: TextInputType; value: string | null }
  | { type: 'static_select' | 'external_select' | 'radio_buttons'; selected_option: Option | null }
  | { type: 'multi_static_select' | 'multi_external_select' | 'checkboxes'; selected_options: Option[] }
  | { type: 'users_select'; selected_user: string | null }
  | { type: 'multi_users_select'; selected_users: string[] }
  | { type: 'conversations_select'; selected_conversation: string | null }
  | { type: 'multi_conversations_select'; selected_conversations: string[] }
  | { type: 'channels_select'; selected_channel: string | null }
  | { type: 'multi_channels_select'; selected_channels: string[] }
  | { type: 'datepicker'; selected_date: string | null }
  | { type: 'timepicker'; selected_time: string | null }
  | { type: 'datetimepicker'; selected_date_time: number | null };

export type TextInputType = 'plain_text_input' | 'email_text_input' | 'url_text_input' | 'number_input';

/** block_id → action_id → value: the shape of `view.state.values`. */
export type Typed = Record<string, Record<string, InputValue>>;

/** Any element of Block Kit. Slack's own types differ by `type`. */
export type Element = { type: string; action_id?: string } & Record<string, unknown>;

/** Initial value of an element; undefined for one without a value, such as a button. */
export function initialValue(element: Element): InputValue | undefined {
  const initial = <T>(key: string) => (element[key] ?? null) as T | null;
  const several = <T>(key: string) => (element[key] ?? []) as T[];
  switch (element.type) {
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return { type: element.type, value: initial<string>('initial_value') };
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type: element.type, selected_option: initial<Option>('initial_option') };
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return { type: element.type, selected_options: several<Option>('initial_options') };
    case 'users_select':
      return { type: element.type, selected_user: initial<string>('initial_user') };
    case 'multi_users_select':
      return { type: element.type, selected_users: several<string>('initial_users') };
    case 'conversations_select':
      return { type: element.type, selected_conversation: initial<string>('initial_conversation') };
    case 'multi_conversations_select':
      return { type: element.type, selected_conversations: several<string>('initial_conversations') };
    case 'channels_select':
      return { type: element.type, selected_channel: initial<string>('initial_channel') };
    case 'multi_channels_select':
      return { type: element.type, selected_channels: several<string>('initial_channels') };
    case 'datepicker':
      return { type: element.type, selected_date: initial<string>('initial_date') };
    case 'timepicker':
      return { type: element.type, selected_time: initial<string>('initial_time') };
    case 'datetimepicker':
      return { type: element.type, selected_date_time: initial<number>('initial_date_time') };
    default:
      return undefined;
  }
}

/** Values of all inputs of a message or a view: typed, or else initial. */
export function collectState(blocks: readonly Block[], typed: Typed | undefined): Typed {
  const state: Typed = {};
  for (const { blockId, element } of inputsOf(blocks)) {
    const actionId = element.action_id ?? '';
    const value = typed?.[blockId]?.[actionId] ?? initialValue(element);
    if (value) state[blockId] = { ...state[blockId], [actionId]: value };
  }
  return state;
}

/** Drops typed values whose inputs an update removed; all others stay. */
export function keepTyped(blocks: readonly Block[], typed: Typed): Typed {
  const kept: Typed = {};
  for (const { blockId, element } of inputsOf(blocks)) {
    const actionId = element.action_id ?? '';
    const value = typed[blockId]?.[actionId];
    if (value && value.type === element.type) kept[blockId] = { ...kept[blockId], [actionId]: value };
  }
  return kept;
}

function inputsOf(blocks: readonly Block[]): { blockId: string; element: Element }[] {
  return blocks.flatMap((opaque) => {
    const block = opaque as unknown as KnownBlock;
    if (block.type === 'container') return inputsOf(block.child_blocks as unknown as Block[]);
    return elementsOf(block)
      .map((element) => element as unknown as Element)
      .filter((element) => initialValue(element) !== undefined)
      .map((element) => ({ blockId: block.block_id ?? '', element }));
  });
}

function elementsOf(block: KnownBlock): readonly unknown[] {
  if (block.type === 'actions') return block.elements;
  if (block.type === 'input') return [block.element];
  if (block.type === 'section' && block.accessory) return [block.accessory];
  return [];
}
