/**
 * Slack's limits that messages respect, in characters unless the name says otherwise. Source: Slack's reference pages for Block Kit,
 * views and chat.postMessage, and errors of the live API.
 */
export const LIMITS = {
  messageBlocks: 50,
  /** All the text of a message's blocks. Slack answers `msg_blocks_too_long` slightly above this. */
  messageBlocksText: 13_200,
  /** Blocks in a modal or Home view. */
  viewBlocks: 100,
  /** JSON of a view, in bytes. */
  viewBytes: 250_000,
  viewTitle: 24,
  viewSubmit: 24,
  viewClose: 24,
  sectionText: 3000,
  headerText: 150,
  actionsElements: 25,
  buttonText: 75,
  optionText: 75,
  optionValue: 150,
  inputLabel: 2000,
  inputHint: 2000,
  plainTextInputMax: 3000,
  confirmTitle: 100,
  confirmText: 300,
  confirmButton: 30,
  /** A `table`: rows including the header, cells in a row, and text of all cells in a message. A message takes one table. */
  tableRows: 100,
  tableColumns: 20,
  tableText: 10_000,
  /** `task_card`s in a `plan`. */
  planTasks: 50,
} as const;
