import { isTokenError } from '../../token-errors.js';

/**
 * Reasons for which Slack refuses a call.
 *
 * - `heals`: the same call can succeed later.
 * - `operator`: somebody must change the token or a setting; the same call can succeed then.
 * - `place`: the app can't post there, can't reach that person, or has no such right. People must be told.
 * - `ours`: the request is wrong, so this code has a fault.
 */
export type ErrorClass = 'heals' | 'operator' | 'place' | 'ours';

const codes = (text: string) => text.trim().split(/\s+/);

/** Slack's documented errors of the methods that the app calls. Source: docs.slack.dev, reference/methods, and the errors of every method. */
const CLASSES: [ErrorClass, string[]][] = [
  [
    'heals',
    codes(`
      ratelimited rate_limited message_limit_exceeded internal_error fatal_error request_timeout service_unavailable
      team_added_to_org org_login_required external_channel_migrating update_failed fetch_members_failed
      list_record_comment_fetch_failed streaming_state_conflict hash_conflict file_update_failed unable_to_share_files`),
  ],
  ['operator', codes('accesslimited two_factor_setup_required')],
  [
    'place',
    codes(`
      channel_not_found not_in_channel is_archived is_inactive channel_is_limited_access invalid_channel message_not_found
      thread_not_found cannot_reply_to_message cant_update_message cant_delete_message edit_window_closed cant_broadcast_message
      user_not_found user_disabled user_not_visible user_not_in_channel not_visible invalid_user_combination bot_not_found
      bots_not_found no_such_subteam team_not_found
      restricted_action restricted_action_non_threadable_channel restricted_action_read_only_channel
      restricted_action_thread_locked restricted_action_thread_only_channel ekm_access_denied posting_to_channel_denied
      messages_tab_disabled app_access_restricted send_on_behalf_not_allowed no_permission access_denied missing_scope
      team_access_not_granted enterprise_is_restricted forbidden_team plan_upgrade_required not_enabled unknown_method
      method_not_supported_for_channel_type is_bot deprecated_endpoint method_deprecated
      file_not_found file_deleted file_is_deleted file_type_not_allowed file_uploads_disabled
      file_uploads_except_images_disabled file_upload_size_restricted file_share_limit_reached max_file_sharing_exceeded
      storage_limit_reached blocked_file_type slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked
      slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked
      slack_connect_lists_sharing_blocked canvas_disabled_file_team canvas_disabled_user_team canvas_globally_disabled
      template_not_visible`),
  ],
  [
    'ours',
    codes(`
      invalid_arg_name invalid_arguments invalid_array_arg invalid_charset invalid_form_data invalid_json invalid_post_type
      missing_post_type missing_argument missing_args insecure_request
      no_text msg_too_long msg_blocks_too_long invalid_blocks invalid_blocks_format block_mismatch invalid_attachments
      too_many_attachments attachment_payload_limit_exceeded too_many_contact_cards markdown_text_conflict
      invalid_metadata_format invalid_metadata_schema invalid_metadata_filter_keys metadata_too_large
      metadata_must_be_sent_from_app as_user_not_supported no_dual_broadcast_content_update
      duplicate_channel_not_found duplicate_message_not_found draft_already_deleted draft_already_sent draft_has_conflict
      draft_not_found missing_file_data
      invalid_cursor invalid_limit invalid_types invalid_ts_latest invalid_ts_oldest channels_limit_exceeded
      users_list_not_supplied too_many_users not_enough_users
      view_too_large duplicate_external_id missing_profile_id not_implemented invalid_trigger_id expired_trigger_id
      exchanged_trigger_id
      alt_txt_too_large snippet_too_large unknown_snippet_type unknown_subtype`),
  ],
];

const CLASS_OF = new Map(CLASSES.flatMap(([kind, list]) => list.map((code) => [code, kind] as const)));

/** Classifies one of Slack's error codes. Undefined for a code that Slack doesn't document: it is final, and named as it is. */
export function errorClassOf(code: string): ErrorClass | undefined {
  return isTokenError(code) ? 'operator' : CLASS_OF.get(code);
}
