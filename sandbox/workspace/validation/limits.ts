import { LIMITS as KEPT } from '../../../src/slack/messages/kit/limits.js';

/**
 * Slack's limits, in characters unless the name says otherwise. The workspace enforces them. Source: Slack's reference pages for Block
 * Kit, views and chat.postMessage, and errors of the live API.
 */
export const LIMITS = {
  ...KEPT,
  /** `text` of a message; Slack truncates longer text. */
  messageText: 40_000,
  /** `text` in chat.update. Source: measured on the live API (pymc-labs/daimon#106). */
  updateText: 4000,
  /** `private_metadata` of a view. */
  privateMetadata: 3000,
  /** `callback_id`, `action_id`, `block_id`. */
  id: 255,
  sectionFields: 10,
  sectionFieldText: 2000,
  contextElements: 10,
  buttonValue: 2000,
  buttonUrl: 3000,
  accessibilityLabel: 75,
  placeholder: 150,
  selectOptions: 100,
  overflowOptions: 5,
  checkboxOptions: 10,
  markdownText: 12_000,
  imageUrl: 3000,
  altText: 2000,
  /** `event_payload` of message metadata, in bytes of JSON. */
  metadataBytes: 8000,
} as const;
