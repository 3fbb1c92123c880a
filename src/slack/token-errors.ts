/** Slack's error codes for an invalid token, for which no retry helps. */
const TOKEN_ERRORS = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'app_uninstalled',
];

/** True if an error code says that the token must be replaced. */
export function isTokenError(code: string): boolean {
  return TOKEN_ERRORS.includes(code);
}
