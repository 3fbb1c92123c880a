import type { Block, Json } from './protocol.js';
import type { StoredView } from './state.js';
import { type Fields, isFields } from './validation/problems.js';

/** block_id → action_id → value, as in Slack's `state.values`. */
export type Values = Record<string, Record<string, Json>>;

/** {@link Values}, or a text or an option's label by block_id. */
export type Filled = Values | Record<string, string>;

export interface Found {
  block: Block;
  element: Fields;
  /** Entry of a menu behind an ellipsis. */
  chosen?: Fields;
}

/** Finds an element by its `action_id` or label, or an entry of a menu behind an ellipsis by its label. */
export function findElement(blocks: Block[], actionIdOrLabel: string, blockId?: string): Found | undefined {
  for (const block of blocks) {
    if (blockId !== undefined && block.block_id !== blockId) continue;
    for (const element of elementsOf(block)) {
      if (element.action_id === actionIdOrLabel || labelOf(element) === actionIdOrLabel)
        return { block, element };
      const entries = element.type === 'overflow' ? element.options : [];
      const entry = Array.isArray(entries) && entries.find((each) => labelOf(each) === actionIdOrLabel);
      if (isFields(entry)) return { block, element, chosen: { selected_option: entry } };
    }
  }
  return undefined;
}

function labelOf({ text }: Fields): unknown {
  return isFields(text) ? text.text : undefined;
}

function elementsOf(block: Block): Fields[] {
  const elements = Array.isArray(block.elements) ? block.elements : [];
  return [...elements, block.element, block.accessory].filter(isFields);
}

/** Values of all inputs: the filled value, or the initial one, or `null`. */
export function valuesOf(blocks: Block[], filled: Filled = {}): Values {
  const given = fullValues(blocks, filled);
  const all: Values = {};
  for (const block of blocks) {
    for (const element of elementsOf(block)) {
      if (!/input|select|picker|checkboxes|radio/.test(String(element.type))) continue;
      const id = block.block_id ?? '';
      const action = String(element.action_id);
      const type = String(element.type);
      const empty: Json = isSingleChoice(type)
        ? { type, selected_option: (element.initial_option ?? null) as Json }
        : { type, value: (element.initial_value ?? null) as Json };
      all[id] = { ...all[id], [action]: given[id]?.[action] ?? empty };
    }
  }
  return all;
}

/** True for an element whose value is one option. */
function isSingleChoice(type: string): boolean {
  return type === 'radio_buttons' || type === 'static_select';
}

function fullValues(blocks: Block[], filled: Filled): Values {
  return Object.fromEntries(
    Object.entries(filled).map(([blockId, value]) => {
      if (typeof value !== 'string') return [blockId, value];
      const element = blocks.find((block) => block.block_id === blockId)?.element;
      if (!isFields(element)) throw new Error(`There is no input with the block_id ${blockId}`);
      const type = String(element.type);
      const options = Array.isArray(element.options) ? element.options : [];
      const full: Json = isSingleChoice(type)
        ? { type, selected_option: options.find((each) => labelOf(each) === value) ?? null }
        : { type, value: value === '' ? null : value };
      return [blockId, { [String(element.action_id)]: full }];
    }),
  );
}

/** Errors for empty required inputs, by block_id. Slack refuses such a modal itself. */
export function missing(view: StoredView): Record<string, string> | undefined {
  const empty = view.blocks.filter((block) => {
    if (block.type !== 'input' || block.optional === true || !isFields(block.element)) return false;
    const values = view.state.values[block.block_id ?? ''] as Record<string, Fields> | undefined;
    const value = values?.[String(block.element.action_id)];
    return Object.entries(value ?? {}).every(([key, part]) => key === 'type' || part === null || part === '');
  });
  if (empty.length === 0) return undefined;
  return Object.fromEntries(
    empty.map((block) => [block.block_id ?? '', 'Please complete this required field.']),
  );
}
