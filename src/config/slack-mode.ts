import { ConfigError } from '../platform/errors.js';
import type { SlackMode } from '../slack/receiver/app.js';
import type { SecretFiles } from './secrets/secret-files.js';

type ModeVariable = 'SLACK_APP_TOKEN' | 'SLACK_SIGNING_SECRET' | 'PORT';

/** Reads the way in which Slack reaches the bot: Socket Mode with an app token, else HTTP. @throws ConfigError when both are missing. */
export function readSlackMode(
  read: (name: ModeVariable) => string | undefined,
  { secret }: Pick<SecretFiles, 'secret'>,
): SlackMode {
  const appToken = read('SLACK_APP_TOKEN');
  if (appToken) return { kind: 'socket', appToken: secret('SLACK_APP_TOKEN', appToken) };
  const signingSecret = read('SLACK_SIGNING_SECRET');
  if (signingSecret)
    return {
      kind: 'http',
      signingSecret: secret('SLACK_SIGNING_SECRET', signingSecret),
      port: Number(read('PORT')),
    };
  throw new ConfigError(
    'SLACK_APP_TOKEN',
    'SLACK_APP_TOKEN is missing. For Socket Mode create an app-level token with connections:write (Basic Information → App-Level Tokens); for HTTP mode set SLACK_SIGNING_SECRET instead (Basic Information → App Credentials).',
  );
}
