import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { App } from '@slack/bolt';
import { parse } from 'yaml';
import { z } from 'zod';
import { EVENT_SCOPES } from '../../sandbox/workspace/delivery/events.js';
import { readManifest } from '../../sandbox/workspace/manifest.js';
import type { ListenerContext } from '../../src/slack/listeners/context.js';
import { registerListeners } from '../../src/slack/listeners/index.js';
import { SUGGESTED_PROMPTS } from '../../src/slack/messages/private/suggested-prompts.js';

const SCHEMA = 'test/support/slack/manifest-schema/manifest.schema.1.0.0.json';
/** Events for which Slack asks no scope. */
const WITHOUT_SCOPE = ['app_home_opened'];

describe('manifest.yml', () => {
  const text = readFileSync('manifest.yml', 'utf8');
  const { scopes, events, agent, takesMessages } = readManifest(text);

  it('is one that Slack takes', () => {
    const slack = z.fromJSONSchema(JSON.parse(readFileSync(SCHEMA, 'utf8')));
    assert.deepEqual(slack.safeParse(parse(text)).error?.issues, undefined);
    const wrong = { ...parse(text), features: { agents_view: {} } };
    assert.equal(slack.safeParse(wrong).success, false, 'the schema refuses nothing');
  });

  it('has the scope of each event that it subscribes to', () => {
    for (const event of events.filter((name) => !WITHOUT_SCOPE.includes(name))) {
      const scope = EVENT_SCOPES[event];
      assert.ok(scope, `the scope of ${event} is not known`);
      assert.ok(scopes.includes(scope), `${event} needs ${scope}`);
    }
  });

  it('subscribes to each event that the service listens to, and to no other', () => {
    const heard = new Set<string>();
    const app = { event: (name: string) => heard.add(name), action() {}, command() {}, view() {} };
    registerListeners(app as unknown as App, {} as ListenerContext);
    const subscribed = new Set(events.map((name) => name.replace(/^message\..*/, 'message')));
    assert.deepEqual([...subscribed].sort(), [...heard].sort());
  });

  it('declares an agent whom people can write to, stop, and ask what the service suggests', () => {
    assert.ok(takesMessages);
    for (const event of ['message.im', 'app_home_opened', 'agent_session_stopped']) {
      assert.ok(events.includes(event), event);
    }
    assert.deepEqual(agent?.prompts, SUGGESTED_PROMPTS);
    assert.ok(scopes.includes('assistant:write'));
  });
});
