import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findOtherApp } from '../../../src/slack/permissions/identity.js';

it('an app token of another app is named, since that app would get no events', () => {
  assert.match(
    findOtherApp('xapp-1-A0STAGING-123-abc', 'T1/A0LIVE') ?? '',
    /^SLACK_APP_TOKEN: .*A0STAGING.*A0LIVE/,
  );
  assert.equal(findOtherApp('xapp-1-A0LIVE-123-abc', 'T1/A0LIVE'), undefined);
  // Some servers name no app, neither in the token nor for the bot.
  assert.equal(findOtherApp('xapp-local', 'T1/A0LIVE'), undefined);
  assert.equal(findOtherApp('xapp-1-A0LIVE-123-abc', 'T1/B0BOT'), undefined);
});
