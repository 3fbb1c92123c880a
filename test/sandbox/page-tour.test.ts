import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Action } from '../../sandbox/page/state/actions.js';
import { initialState, type PageState } from '../../sandbox/page/state/page-state.js';
import { reduce } from '../../sandbox/page/state/reduce.js';
import { offersTour, startTour, TOUR_ACTIONS, tourGoal, tourPlace } from '../../sandbox/page/state/tour.js';
import type { Block, Message, Snapshot, WhatIf } from '../../sandbox/workspace/protocol.js';
import { ACTIONS, CHOICE } from '../../src/slack/messages/kit/ids.js';

const person = (id: string, isBot = false) => ({
  ...{ id, name: id.toLowerCase(), realName: id, color: '#000', isBot, tz: 'Etc/UTC' },
});
const general = { id: 'C1', name: 'general', kind: 'public' as const, topic: '', isArchived: false };
const snapshot = (whatIfs: WhatIf[] = ['kill-service', 'slow-call']): Snapshot => ({
  team: { id: 'T1', name: 'Team' },
  app: { name: 'App', botUser: 'UBOT', takesMessages: true, canStop: true },
  people: [person('UANA'), person('UBEN'), person('UBOT', true)],
  userGroups: [],
  channels: [{ ...general, members: ['UANA', 'UBEN', 'UBOT'] }],
  messages: [],
  away: [],
  commands: [],
  read: {},
  connected: true,
  notices: { model: 'simulated' },
  whatIfs,
  suggestedGoals: [],
  sessions: [],
  queued: [],
  suggestions: {},
});
const run = (state: PageState, ...actions: Action[]) => actions.reduce(reduce, state);
const opened = (...whatIfs: WhatIf[]) =>
  run(initialState('', 'auto'), {
    type: 'event',
    event: { type: 'snapshot', snapshot: snapshot(whatIfs.length > 0 ? whatIfs : undefined) },
  });
/** A message of the app's with buttons of these action_ids. */
const posts = (ts: string, actions: string[], threadTs?: string): Action => {
  const elements = actions.map((id) => ({ type: 'button', action_id: id }));
  const blocks: Block[] = [{ type: 'actions', elements }];
  const message: Message = {
    ...{ channel: 'C1', ts, user: 'UBOT', text: '', blocks, replyCount: 0, replyUsers: [], reactions: [] },
    ...(threadTs && { threadTs }),
  };
  return { type: 'event', event: { type: 'message', message } };
};
const card = (...actions: string[]) => posts('100.000001', actions);
const asks = (...actions: string[]) => posts('100.000002', actions, '100.000001');
const begun = () => {
  const state = opened();
  return run(state, { type: 'tour', tour: startTour(state) });
};
const stepOf = (state: PageState) => tourPlace(state).step;

describe('the guided tour', () => {
  it('finds what it points at by the action_ids that the product gives, whatever the words are', () => {
    const { approve, approveTool: approveCall, stop } = ACTIONS;
    assert.deepEqual(TOUR_ACTIONS, { approve, approveCall, answer: CHOICE, stop });
  });

  it('goes step by step from a goal to a kill in the middle of a call, and to the end of the run', () => {
    let state = begun();
    const steps = [stepOf(state)];
    const then = (...actions: Action[]) => {
      state = run(state, ...actions);
      steps.push(stepOf(state));
    };
    then({ type: 'commanded', channel: 'C1', since: 50 });
    then(card('plan_approve', 'plan_reject'));
    then(card('run_stop'));
    then(asks('tool_approve', 'tool_reject'));
    assert.equal(tourPlace(state).message?.ts, '100.000002');
    then(asks());
    then({ type: 'tour', tour: { ...state.tour, reached: 'kill' } });
    then(posts('100.000003', ['question_option_0', 'question_option_1'], '100.000001'));
    then(posts('100.000003', [], '100.000001'));
    then(card('run_details'));
    assert.deepEqual(steps, [
      ...['goal', 'planning', 'approve', 'working', 'call', 'kill'],
      ...['restart', 'question', 'resumed', 'over'],
    ]);
  });

  it('says so when the run is over before anybody killed the service', () => {
    const state = run(begun(), card('run_stop'), asks('tool_approve'), asks(), card('run_details'));
    assert.equal(stepOf(state), 'missed');
  });

  it('can be left, and goes on where the run is by then', () => {
    const left = run(begun(), card('plan_approve'));
    const away = run(left, { type: 'tour', tour: { ...left.tour, status: 'left' } }, card('run_stop'));
    const back = run(away, { type: 'tour', tour: { ...away.tour, status: 'on' } }, asks('tool_approve'));
    assert.equal(stepOf(back), 'call');
  });

  it('looks at no message of before, and adds another item each time', () => {
    const before = run(opened(), card('plan_approve'));
    const state = run(before, { type: 'tour', tour: startTour(before) });
    assert.equal(stepOf(state), 'goal');
    const goals = [tourGoal(state.tour), tourGoal(startTour(state))];
    assert.equal(new Set(goals).size, 2);
  });

  it('is offered only where a service can be killed in a slow call', () => {
    const offered = (...whatIfs: WhatIf[]) => {
      const { workspace } = opened(...whatIfs);
      return workspace && offersTour(workspace);
    };
    assert.deepEqual([offered('kill-service', 'slow-call'), offered('kill-service')], [true, false]);
  });
});
