/** Slack's answers that say a token is no good, whatever is tried with it. */
const TOKEN_ERRORS = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'app_uninstalled',
];

/** True if Slack's error code says that the token must be replaced. */
export function isTokenError(code: string): boolean {
  return TOKEN_ERRORS.includes(code);
}
