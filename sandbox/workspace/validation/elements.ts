import { isDeepStrictEqual } from 'node:util';
import { LIMITS } from './limits.js';
import { type Fields, isFields, type Problems } from './problems.js';

type Check = (element: Fields, at: string, problems: Problems) => void;

/** Menus take plain text only; check boxes and radio buttons also mrkdwn. Source: Slack's "Option object". */
const option =
  (problems: Problems, plain: boolean): ((item: Fields, at: string) => void) =>
  (item, at) => {
    problems.textObject(item, 'text', at, LIMITS.optionText, plain);
    problems.text(item, 'value', at, LIMITS.optionValue);
    problems.optionalTextObject(item, 'description', at, LIMITS.optionText, plain);
  };

const options =
  (max: number, { plain = true } = {}): Check =>
  (element, at, problems) => {
    if (element.option_groups !== undefined) return;
    problems.list(element, 'options', at, [1, max], option(problems, plain));
    const { initial_option: initial, options: all } = element;
    const isOne = Array.isArray(all) && all.some((item) => isDeepStrictEqual(item, initial));
    if (initial !== undefined && !isOne) problems.add(`${at}/initial_option`, 'must be one of the options');
  };

const menu: Check = (element, at, problems) => {
  problems.optionalTextObject(element, 'placeholder', at, LIMITS.placeholder);
};

const optionMenu: Check = (element, at, problems) => {
  menu(element, at, problems);
  options(LIMITS.selectOptions)(element, at, problems);
};

const input: Check = (element, at, problems) => {
  problems.optionalTextObject(element, 'placeholder', at, LIMITS.placeholder);
  problems.optionalText(
    { initial_value: element.initial_value || undefined },
    'initial_value',
    at,
    LIMITS.plainTextInputMax,
  );
  const { max_length: max } = element;
  if (
    max !== undefined &&
    !(Number.isInteger(max) && Number(max) >= 1 && Number(max) <= LIMITS.plainTextInputMax)
  ) {
    problems.add(`${at}/max_length`, `must be between 1 and ${LIMITS.plainTextInputMax}`);
  }
};

const button: Check = (element, at, problems) => {
  problems.textObject(element, 'text', at, LIMITS.buttonText);
  problems.optionalText({ value: element.value || undefined }, 'value', at, LIMITS.buttonValue);
  problems.optionalText(element, 'url', at, LIMITS.buttonUrl);
  problems.optionalText(element, 'accessibility_label', at, LIMITS.accessibilityLabel);
  if (element.style !== undefined && element.style !== 'primary' && element.style !== 'danger') {
    problems.add(`${at}/style`, 'must be one of primary, danger');
  }
};

const image: Check = (element, at, problems) => {
  if (element.slack_file === undefined) problems.text(element, 'image_url', at, LIMITS.imageUrl);
  problems.text(element, 'alt_text', at, LIMITS.altText);
};

const ACTIONS: Record<string, Check> = {
  button,
  static_select: optionMenu,
  multi_static_select: optionMenu,
  external_select: menu,
  multi_external_select: menu,
  users_select: menu,
  multi_users_select: menu,
  conversations_select: menu,
  multi_conversations_select: menu,
  channels_select: menu,
  multi_channels_select: menu,
  overflow: options(LIMITS.overflowOptions),
  checkboxes: options(LIMITS.checkboxOptions, { plain: false }),
  radio_buttons: options(LIMITS.checkboxOptions, { plain: false }),
  datepicker: menu,
  timepicker: menu,
  datetimepicker: () => {},
  workflow_button: button,
  feedback_buttons: () => {},
  icon_button: () => {},
};

const INPUTS: Record<string, Check> = {
  ...ACTIONS,
  plain_text_input: input,
  email_text_input: input,
  url_text_input: input,
  number_input: menu,
  rich_text_input: menu,
  file_input: () => {},
};

/** Element types that each block may hold. */
export const ELEMENTS = {
  actions: ACTIONS,
  accessory: { ...ACTIONS, image } as Record<string, Check>,
  input: INPUTS,
} as const;

/** Checks an element with its content, confirm dialog and `action_id`. */
export function checkElement(
  element: unknown,
  at: string,
  problems: Problems,
  allowed: Record<string, Check>,
  actionIds: Set<string>,
): void {
  if (!isFields(element)) {
    problems.add(at, 'must provide an object');
    return;
  }
  const check = Object.hasOwn(allowed, String(element.type)) ? allowed[String(element.type)] : undefined;
  if (!check) {
    problems.add(at, `unsupported type: ${String(element.type)}`);
    return;
  }
  check(element, at, problems);
  problems.optionalText(element, 'action_id', at, LIMITS.id);
  if (typeof element.action_id === 'string' && actionIds.has(element.action_id)) {
    problems.add(`${at}/action_id`, `\`action_id\` "${element.action_id}" already exists`);
  }
  actionIds.add(String(element.action_id));
  if (isFields(element.confirm)) checkConfirm(element.confirm, `${at}/confirm`, problems);
}

function checkConfirm(confirm: Fields, at: string, problems: Problems): void {
  problems.textObject(confirm, 'title', at, LIMITS.confirmTitle);
  problems.textObject(confirm, 'text', at, LIMITS.confirmText, false);
  problems.textObject(confirm, 'confirm', at, LIMITS.confirmButton);
  problems.textObject(confirm, 'deny', at, LIMITS.confirmButton);
}
