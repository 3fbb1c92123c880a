/**
 * Slack's limits, in characters unless the name says otherwise.
 * The card builders keep to them and the local workspace refuses what breaks them.
 * Source: Slack's reference pages for Block Kit, views and chat.postMessage, and errors seen from the live API.
 */
export const LIMITS = {
  /** `text` of a message; Slack truncates past it. */
  messageText: 40_000,
  /** Blocks in a message. */
  messageBlocks: 50,
  /** All the text of a message's blocks together: Slack answers `msg_blocks_too_long` a little above this. */
  messageBlocksText: 13_200,
  /** Blocks in a modal or Home view. */
  viewBlocks: 100,
  /** A view's JSON, in bytes. */
  viewBytes: 250_000,
  viewTitle: 24,
  viewSubmit: 24,
  viewClose: 24,
  /** `private_metadata` of a view. */
  privateMetadata: 3000,
  /** `callback_id`, `action_id`, `block_id`. */
  id: 255,
  sectionText: 3000,
  sectionFields: 10,
  sectionFieldText: 2000,
  headerText: 150,
  contextElements: 10,
  actionsElements: 25,
  buttonText: 75,
  buttonValue: 2000,
  buttonUrl: 3000,
  accessibilityLabel: 75,
  inputLabel: 2000,
  inputHint: 2000,
  placeholder: 150,
  plainTextInputMax: 3000,
  optionText: 75,
  optionValue: 150,
  selectOptions: 100,
  overflowOptions: 5,
  checkboxOptions: 10,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  markdownText: 12_000,
  imageUrl: 3000,
  altText: 2000,
  /** A `table`: rows with its head, cells in each, and the text of all the cells of a message together. One table a message. */
  tableRows: 100,
  tableColumns: 20,
  tableText: 10_000,
  /** `task_card`s in a `plan`. */
  planTasks: 50,
  /** Message metadata's `event_payload`, in bytes of JSON. */
  metadataBytes: 8000,
} as const;
