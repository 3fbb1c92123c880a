import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WebAPIPlatformError } from '@slack/web-api';
import { errorClassOf } from '../../../src/slack/client/web/error-codes.js';
import { toRemoteError } from '../../../src/slack/client/web/failures.js';

/** Errors of the methods that the app calls. Source: docs.slack.dev, by slack-ruby/slack-api-ref of August 2026. */
const DOCUMENTED: Record<string, string> = {
  'every method': `
    access_denied accesslimited account_inactive deprecated_endpoint ekm_access_denied
    enterprise_is_restricted fatal_error invalid_arg_name invalid_array_arg invalid_charset
    invalid_form_data invalid_post_type is_bot method_deprecated missing_post_type missing_scope
    no_permission not_allowed_token_type not_authed org_login_required ratelimited request_timeout
    service_unavailable team_added_to_org token_expired token_revoked two_factor_setup_required
    unknown_method
  `,
  'chat.delete': `
    cant_delete_message channel_not_found message_not_found
  `,
  'chat.getPermalink': `
    channel_not_found message_not_found
  `,
  'chat.postEphemeral': `
    cannot_reply_to_message channel_not_found invalid_attachments invalid_blocks invalid_blocks_format
    is_archived markdown_text_conflict message_limit_exceeded messages_tab_disabled msg_too_long no_text
    not_in_channel restricted_action too_many_attachments user_not_in_channel
  `,
  'chat.postMessage': `
    app_access_restricted as_user_not_supported attachment_payload_limit_exceeded cannot_reply_to_message
    channel_not_found draft_already_deleted draft_already_sent draft_has_conflict draft_not_found
    duplicate_channel_not_found duplicate_message_not_found invalid_blocks invalid_blocks_format
    invalid_metadata_format invalid_metadata_schema is_archived markdown_text_conflict
    message_limit_exceeded messages_tab_disabled metadata_must_be_sent_from_app metadata_too_large
    missing_file_data msg_blocks_too_long no_text not_in_channel rate_limited restricted_action
    restricted_action_non_threadable_channel restricted_action_read_only_channel
    restricted_action_thread_locked restricted_action_thread_only_channel send_on_behalf_not_allowed
    slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked
    slack_connect_lists_sharing_blocked team_not_found too_many_attachments too_many_contact_cards
  `,
  'chat.update': `
    as_user_not_supported block_mismatch blocked_file_type cant_broadcast_message cant_update_message
    channel_not_found edit_window_closed external_channel_migrating file_deleted file_is_deleted
    file_not_found file_share_limit_reached invalid_attachments invalid_blocks invalid_blocks_format
    invalid_metadata_format invalid_metadata_schema is_inactive markdown_text_conflict
    max_file_sharing_exceeded message_limit_exceeded message_not_found metadata_must_be_sent_from_app
    metadata_too_large msg_too_long no_dual_broadcast_content_update no_text posting_to_channel_denied
    slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked slack_connect_clip_sharing_blocked
    slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked
    streaming_state_conflict team_not_found too_many_attachments unable_to_share_files update_failed
  `,
  'conversations.history': `
    channel_is_limited_access channel_not_found invalid_cursor invalid_metadata_filter_keys
    invalid_ts_latest invalid_ts_oldest not_in_channel
  `,
  'conversations.info': `
    channel_is_limited_access channel_not_found
  `,
  'conversations.list': `
    invalid_cursor invalid_limit invalid_types method_not_supported_for_channel_type missing_argument
  `,
  'conversations.members': `
    channel_not_found fetch_members_failed invalid_cursor invalid_limit
    method_not_supported_for_channel_type
  `,
  'conversations.open': `
    channel_not_found invalid_user_combination method_not_supported_for_channel_type not_enough_users
    too_many_users user_disabled user_not_found user_not_visible users_list_not_supplied
  `,
  'conversations.replies': `
    channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest invalid_ts_oldest
    list_record_comment_fetch_failed method_not_supported_for_channel_type thread_not_found
  `,
  'files.completeUploadExternal': `
    channel_not_found channels_limit_exceeded file_not_found file_type_not_allowed file_update_failed
    file_uploads_except_images_disabled invalid_blocks invalid_channel not_in_channel
    posting_to_channel_denied
  `,
  'files.getUploadURLExternal': `
    alt_txt_too_large file_type_not_allowed file_upload_size_restricted file_uploads_disabled
    file_uploads_except_images_disabled missing_argument snippet_too_large storage_limit_reached
    unknown_snippet_type unknown_subtype
  `,
  'files.info': `
    canvas_disabled_file_team canvas_disabled_user_team canvas_globally_disabled file_deleted file_not_found
    not_visible slack_connect_canvas_sharing_blocked template_not_visible
  `,
  'usergroups.users.list': `
    invalid_cursor no_such_subteam plan_upgrade_required
  `,
  'users.info': `
    too_many_users user_not_found user_not_visible
  `,
  'views.open': `
    duplicate_external_id exchanged_trigger_id expired_trigger_id invalid_trigger_id view_too_large
  `,
  'views.publish': `
    duplicate_external_id hash_conflict missing_profile_id not_enabled not_implemented view_too_large
  `,
  'auth.teams.list': `
    internal_error invalid_auth invalid_cursor invalid_limit
  `,
  'bots.info': `
    bot_not_found bots_not_found missing_argument team_not_found
  `,
};

const failureOf = (error: string) =>
  toRemoteError('chat.update', new WebAPIPlatformError({ ok: false, error }));

describe('errors of Slack', () => {
  for (const [method, text] of Object.entries(DOCUMENTED)) {
    it(`have a class each, as ${method} has them`, () => {
      const unknown = text
        .trim()
        .split(/\s+/)
        .filter((code) => errorClassOf(code) === undefined);
      assert.deepEqual(unknown, []);
    });
  }

  it('that heal by themselves are tried again', () => {
    for (const code of [
      'update_failed',
      'fetch_members_failed',
      'external_channel_migrating',
      'org_login_required',
      'team_added_to_org',
      'internal_error',
      'message_limit_exceeded',
    ]) {
      const { retryable, operatorCanFix } = failureOf(code);
      assert.deepEqual({ code, retryable, operatorCanFix }, { code, retryable: true, operatorCanFix: false });
    }
  });

  it('that somebody must end say what to do, and are no verdict about people', () => {
    const { retryable, operatorCanFix, message } = failureOf('accesslimited');
    assert.deepEqual([retryable, operatorCanFix], [false, true]);
    assert.match(message, /allow the address of this server/);
  });

  it('about a place or a person are final', () => {
    for (const code of [
      'user_disabled',
      'user_not_visible',
      'restricted_action',
      'is_inactive',
      'a_new_error',
    ]) {
      const { retryable, operatorCanFix, message } = failureOf(code);
      assert.deepEqual(
        [retryable, operatorCanFix, message],
        [false, false, `Slack refused chat.update: ${code}`],
      );
    }
  });

  it('that are our fault are called that', () => {
    assert.match(
      failureOf('invalid_blocks').message,
      /invalid_blocks\. This is a fault of Countersign: please report/,
    );
  });
});
