import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { RemoteError } from '../../../src/platform/errors.js';
import {
  isCertain,
  mayCancelRun,
  mayChangeSchedule,
  mayRetryRun,
  maySeeRun,
  type PermissionPorts,
} from '../../../src/slack/permissions/permissions.js';
import { ana, ben, policyWith } from '../../support/samples.js';

const away = () => Promise.reject(new RemoteError('unreachable', 'Slack is away', { retryable: true }));
const never = () => new Promise<never>(() => {});

/** Slack in which Ben is in the group SREVIEW, and in no channel. */
function portsWith(directory: Partial<PermissionPorts['directory']> = {}): PermissionPorts {
  return {
    directory: {
      members: async () => [ben.user],
      person: async () => ({ teams: [ben.team] }),
      isFullMember: async () => true,
      isInChannel: async () => false,
      timeZoneOf: async () => undefined,
      whyCannotPost: async () => undefined,
      namesOf: async () => new Map(),
      ...directory,
    },
    runs: { snapshot: async () => undefined },
    policies: { default: policyWith({}), channels: {} },
    policyFor: () => policyWith({}),
    home: { team: ana.team },
    log: { warn() {}, error() {} },
  };
}

describe('who may act on a run', () => {
  const memo = { goal: 'g', requester: ana, channel: 'C1', approvers: ['SREVIEW'] };
  const times = { cron: '0 9 * * *', timeZone: 'UTC', words: 'at 9' };
  const schedule = { id: 's', goal: 'g', requester: ana, channel: 'C1', ...times, paused: false, next: [] };
  const run = { requester: ana, policy: policyWith({ approvers: ['SREVIEW'] }) };

  it('is a member of a group that the policy names, and not who is in none', async () => {
    assert.equal(await mayRetryRun(portsWith(), run, ben), 'yes');
    assert.equal(await mayRetryRun(portsWith({ members: async () => [] }), run, ben), 'no');
    assert.equal(await mayRetryRun(portsWith({ members: async () => undefined }), run, ben), 'no');
  });

  it('is no member of the card’s channel: they see a run, and no more', async () => {
    const ports = portsWith({ members: async () => [], isInChannel: async () => true });
    const input = { ...run, channel: 'C1' };
    assert.equal(await maySeeRun(ports, memo, ben), 'yes');
    assert.equal(await mayRetryRun(ports, input, ben), 'no');
    const summary = { shortId: 'r', memo, status: 'RUNNING', startedAt: new Date(), executionId: 'e' };
    assert.equal(await mayCancelRun(ports, summary, ben), 'no');
    assert.equal(await mayChangeSchedule(ports, { ...schedule, ...input }, ben), 'no');
  });

  it('is not somebody whom Slack does not know, though the group’s list still has them', async () => {
    assert.equal(await mayRetryRun(portsWith({ person: async () => 'unknown' as const }), run, ben), 'no');
  });

  it('is nobody whom Slack does not know, also where anyone may approve; members are no guests', async () => {
    const may = (approver: string, person: PermissionPorts['directory']['person']) =>
      mayRetryRun(portsWith({ person }), { ...run, policy: policyWith({ approvers: [approver] }) }, ben);
    for (const approver of ['anyone', 'members']) {
      assert.equal(await may(approver, async () => 'unknown'), 'no');
      assert.equal(await may(approver, away), 'unsure');
      assert.equal(await may(approver, async () => ({ teams: [ben.team] })), 'yes');
    }
    const guest = async () => ({ teams: [ben.team], isGuest: true });
    assert.equal(await may('anyone', guest), 'yes');
    assert.equal(await may('members', guest), 'no');
    assert.equal(await may('members', async () => ({ teams: ['T9'] })), 'no');
  });

  it('is unsure while Slack is away, fails or is slow: that is no refusal', async () => {
    const slack = [{ members: away }, { members: never }, { isInChannel: away, members: async () => [] }];
    for (const directory of slack) {
      assert.equal(await maySeeRun(portsWith(directory), memo, ben), 'unsure');
    }
    assert.throws(() => isCertain('unsure'), { code: 'MembershipUnsure' });
  });

  it('is certain where one answer is enough, though Slack fails to give another', async () => {
    assert.equal(await maySeeRun(portsWith({ isInChannel: away }), memo, ben), 'yes');
    const inChannel = { members: away, isInChannel: async () => true };
    assert.equal(await maySeeRun(portsWith(inChannel), memo, ben), 'yes');
    assert.equal(await mayRetryRun(portsWith({ members: away, person: away }), run, ana), 'yes');
  });

  it('is looked up in less time than Slack leaves for a click, however many questions there are', async () => {
    const slow = async () => {
      await delay(1_000);
      return [];
    };
    const ports = portsWith({ members: slow, isInChannel: never });
    const since = Date.now();
    assert.equal(await maySeeRun(ports, memo, ben), 'unsure');
    assert.ok(Date.now() - since < 1_500);
  });

  it('may cancel only as the workflow will let them; it decides where Slack can’t say', async () => {
    const summary = { shortId: 'r', memo, status: 'RUNNING', startedAt: new Date(), executionId: 'e' };
    assert.equal(await mayCancelRun(portsWith({ members: away }), summary, ben), 'unsure');
    assert.equal(await mayCancelRun(portsWith({ members: async () => [] }), summary, ben), 'no');
    assert.equal(await mayCancelRun(portsWith(), summary, ben), 'unsure', 'no worker answers');
  });
});
