/** Slack's answers that say a token is no good, whatever is tried with it. */
export const WRONG_TOKEN = new Set([
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'app_uninstalled',
]);
