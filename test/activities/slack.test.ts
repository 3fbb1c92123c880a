import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Ledger, Messenger } from '../../src/activities/ports.js';
import { createSlackActivities } from '../../src/activities/slack.js';
import { cardWith, waiting } from '../support/cards.js';
import { ana } from '../support/samples.js';

const thread = { channel: 'C1', ts: '1.0' };
const progress = { kind: 'progress', shortId: 'r', title: 't', state: 'executing', steps: [], others: [] };
const result = { shortId: 'r', requester: ana, text: 'Done' };
const card = cardWith(waiting());

/** Input of each activity that draws a message, by the activity's name. */
const INPUTS = {
  postCard: { entries: [], key: 'k', channel: 'C1', card },
  updateCard: { ref: thread, card },
  postInThread: { entries: [], key: 'k', thread, message: progress },
  updateInThread: { ref: thread, message: progress },
  postResult: { entries: [], key: 'k', thread, ...result },
};

describe('a message that can’t be drawn', () => {
  for (const [name, input] of Object.entries(INPUTS)) {
    it(`is not tried again: ${name}`, async () => {
      const draw = async () => {
        throw new RangeError('Maximum call stack size exceeded');
      };
      const messenger = { [name]: draw } as unknown as Messenger;
      const ledger = { append: async () => new Map() } as unknown as Ledger;
      const activities = createSlackActivities(messenger, ledger);
      const activity = activities[name as keyof typeof INPUTS] as (given: unknown) => Promise<unknown>;
      await assert.rejects(new MockActivityEnvironment().run(activity, input), (error) => {
        assert.ok(error instanceof ApplicationFailure);
        assert.equal(error.nonRetryable, true);
        assert.match(error.message, /could not be drawn.*call stack/s);
        return true;
      });
    });
  }
});
