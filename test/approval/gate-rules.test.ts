import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Decision } from '../../src/approval/decision.js';
import { parseDecision } from '../../src/approval/decision.js';
import { type Judged, judge, needsMembership, recount } from '../../src/approval/judge.js';
import { type Person, samePerson } from '../../src/approval/person.js';
import { problemOfEdit } from '../../src/approval/plan-edit.js';
import {
  type ApprovalPolicy,
  escalated,
  type GroupMembers,
  groupsIn,
  impossible,
  isEverybody,
  type Membership,
  mayApprove,
} from '../../src/approval/policy.js';
import { DEFAULT_BUDGET } from '../../src/run/execution/budget.js';
import { budgetChoices, LOST_CALL_CHOICES, type RequestItem } from '../../src/run/request.js';
import { planItem } from '../support/requests.js';
import { ana, ben, chloe, decision, plan, policyWith } from '../support/samples.js';

const dev: Person = { team: 'T1', user: 'UDEV' };
const stranger: Person = { team: 'T2', user: 'UBEN' };
const GROUP = ['SREVIEW'];
const BUDGET_CHOICES = budgetChoices(DEFAULT_BUDGET, DEFAULT_BUDGET, 'turns');
const members: GroupMembers = { SREVIEW: ['UBEN', 'UCHLOE'] };

function itemUnder(own: Partial<ApprovalPolicy>, more: Partial<RequestItem> = {}): Judged {
  const item = planItem({ policy: policyWith(own), ...more });
  return { item, revision: 1, requester: ana, steps: plan.steps };
}

function outcomeOf(
  judged: Judged,
  given: Partial<Decision>,
  membership: Membership = { groups: members },
): string {
  const judgement = judge(judged, decision(given), membership);
  if (!judgement.accepted) return judgement.refusal.reason;
  return judgement.verdict?.kind ?? 'waits';
}

describe('a user group', () => {
  const rules: {
    why: string;
    policy: Partial<ApprovalPolicy>;
    by: Person;
    groups?: GroupMembers;
    is: string;
  }[] = [
    { why: 'lets a member approve', policy: { approvers: GROUP }, by: ben, is: 'approve' },
    { why: 'lets nobody else approve', policy: { approvers: GROUP }, by: dev, is: 'not-an-approver' },
    {
      why: 'counts its members of our team alone',
      policy: { approvers: GROUP },
      by: stranger,
      is: 'not-an-approver',
    },
    {
      why: 'stays shut when Slack can’t say who is in it',
      policy: { approvers: GROUP },
      by: ben,
      groups: { SREVIEW: null },
      is: 'unsure',
    },
    {
      why: 'stays shut when nobody asked',
      policy: { approvers: GROUP },
      by: ben,
      groups: {},
      is: 'not-an-approver',
    },
    {
      why: 'doesn’t shut out who is named beside it',
      policy: { approvers: ['SREVIEW', 'UDEV'] },
      by: dev,
      groups: { SREVIEW: null },
      is: 'approve',
    },
    {
      why: 'doesn’t let the requester in under four eyes, though a member',
      policy: { approvers: GROUP, requesterMayApprove: false },
      by: ana,
      groups: { SREVIEW: ['UANA'] },
      is: 'four-eyes',
    },
    {
      why: 'lets the requester in, as a member, without four eyes',
      policy: { approvers: GROUP },
      by: ana,
      groups: { SREVIEW: ['UANA'] },
      is: 'approve',
    },
    {
      why: 'is read by the team that the policy is of, not the requester’s',
      policy: { approvers: GROUP, team: 'T2' },
      by: stranger,
      is: 'approve',
    },
  ];
  for (const { why, policy, by, groups = members, is } of rules) {
    it(why, () => assert.equal(outcomeOf(itemUnder(policy), { by }, { groups }), is));
  }

  it('is looked up only where it matters', () => {
    const needs = (approvers: string[], by: Person) => needsMembership(policyWith({ approvers }), ana, by);
    assert.equal(needs(['requester'], ana), false);
    assert.equal(needs(['UBEN'], ben), false);
    assert.equal(needs(['UBEN'], stranger), true, 'the teams of somebody whose click names another one');
    assert.equal(needs(['UBEN'], dev), false, 'somebody whom the policy doesn’t name');
    assert.equal(needs(['T1/UBEN'], ben), false);
    assert.equal(
      needs(['T1/UBEN'], { team: 'E1', user: 'UBEN' }),
      true,
      'a click that names the organization',
    );
    assert.equal(needs(GROUP, ben), true);
    assert.equal(needs(['anyone'], ben), true);
    assert.equal(needs(['members'], ben), true);
  });

  it('takes an approval back when its member is one no longer', () => {
    const policy = policyWith({ approvers: GROUP, approvals: 2 });
    const votes = [decision({ by: ben }), decision({ by: chloe })];
    const { counting, lapsed } = recount({ policy, votes }, ana, { groups: { SREVIEW: ['UCHLOE'] } });
    assert.deepEqual([counting.map(({ by }) => by), lapsed.map(({ by }) => by)], [[chloe], [ben]]);
  });

  it('keeps the approval of a member whose click named another team: teams were judged with the vote', () => {
    const policy = policyWith({ approvers: GROUP, approvals: 2, team: 'T1' });
    const votes = [decision({ by: { team: 'E1', user: 'UBEN' } })];
    assert.deepEqual(recount({ policy, votes }, ana, { groups: members }), { counting: votes, lapsed: [] });
  });
});

describe('somebody of another team', () => {
  it('is an approver only where the policy names both their ids', () => {
    assert.ok(mayApprove(policyWith({ approvers: ['T2/UBEN'] }), ana, stranger));
    assert.ok(!mayApprove(policyWith({ approvers: ['T2/UBEN'] }), ana, ben));
    assert.ok(!mayApprove(policyWith({ approvers: ['UBEN'] }), ana, stranger));
  });
});

describe('on Enterprise Grid', () => {
  const policy = policyWith({ approvers: ['UBEN'], team: 'T1', enterprise: 'E1' });
  const ofOrganization: Person = { team: 'E1', user: 'UBEN' };

  it('somebody whose click names the organization is an approver of its workspace', () => {
    assert.ok(mayApprove(policy, ana, ofOrganization));
    assert.ok(mayApprove(policy, ana, { team: 'T3', user: 'UBEN', enterprise: 'E1' }));
  });

  it('users.info decides about teams, whatever the click says', () => {
    const { enterprise: _, ...workspace } = policy;
    assert.ok(!mayApprove(workspace, ana, ofOrganization), 'unless Slack was asked');
    assert.ok(mayApprove(workspace, ana, ofOrganization, { person: { teams: ['T1', 'E1'] } }));
    assert.ok(!mayApprove(policy, ana, ben, { person: { teams: ['T9'] } }));
    const named = policyWith({ approvers: ['T1/UBEN'] });
    assert.ok(mayApprove(named, ana, ofOrganization, { person: { teams: ['T1', 'E1'] } }));
  });

  it('a vote of somebody named with a team still counts beside a group, whichever team their click named', () => {
    const policy = policyWith({ approvers: ['T2/UBEN', 'SREVIEW'] });
    const votes = [decision({ by: ben })];
    assert.equal(recount({ policy, votes }, ana, { groups: { SREVIEW: [] } }).counting.length, 1);
  });

  it('the requester is the requester under any team id: to withdraw, and to be shut out', () => {
    const asOrganization: Person = { team: 'E1', user: 'UANA' };
    const fourEyes = itemUnder({ approvers: ['anyone'], requesterMayApprove: false });
    assert.equal(outcomeOf(fourEyes, { by: asOrganization }), 'four-eyes');
    assert.equal(outcomeOf(fourEyes, { by: asOrganization, kind: 'reject' }), 'reject');
    assert.equal(outcomeOf(itemUnder({}), { by: asOrganization }), 'approve');
  });

  it('an editor is shut out under any team id', () => {
    const policy = { approvers: ['UBEN', 'UCHLOE'], requesterMayApprove: false };
    const judged = itemUnder(policy, { editors: [ofOrganization] });
    assert.equal(outcomeOf(judged, { by: ben }), 'edited');
  });
});

describe('where anyone may approve', () => {
  const judged = itemUnder({ approvers: ['anyone'] });
  for (const [person, is] of [
    [{ teams: ['T1'] }, 'approve'],
    ['unknown', 'unknown-person'],
    ['unsure', 'unsure'],
  ] as const) {
    it(`a click of somebody ${JSON.stringify(person)} to Slack: ${is}`, () =>
      assert.equal(outcomeOf(judged, { by: dev }, { person }), is));
  }
});

describe('whatever is decided', () => {
  const guest = { teams: ['T1'], isGuest: true };
  const external = { teams: ['T2', 'E2'] };
  const rules: [approver: string, who: string, person: Membership['person'], isRefusedAs: string][] = [
    ['anyone', 'a bot, a stranger or a deactivated account', 'unknown', 'unknown-person'],
    ['members', 'a bot, a stranger or a deactivated account', 'unknown', 'unknown-person'],
    ['anyone', 'somebody of whom Slack can’t say', 'unsure', 'unsure'],
    ['members', 'somebody of whom Slack can’t say', 'unsure', 'unsure'],
    ['anyone', 'somebody who was not looked up', undefined, 'not-an-approver'],
    ['members', 'a guest', guest, 'not-an-approver'],
    ['members', 'somebody of another organization', external, 'not-an-approver'],
  ];
  const decisions: [given: Partial<Decision>, item?: Partial<RequestItem>][] = [
    [{ kind: 'approve' }],
    [{ kind: 'reject' }],
    [{ kind: 'changes' }],
    [{ kind: 'edit', steps: [{ title: 'a', detail: '' }] }],
    [{ kind: 'extend' }],
    ...[...LOST_CALL_CHOICES, ...BUDGET_CHOICES].map(({ id: choice }) => {
      const item = { takes: ['answer' as const], choices: [...LOST_CALL_CHOICES, ...BUDGET_CHOICES] };
      return [{ kind: 'answer' as const, choice }, item] as [Partial<Decision>, Partial<RequestItem>];
    }),
    [
      { kind: 'answer', note: 'blue' },
      { takes: ['answer'], freeText: true },
    ],
  ];
  for (const [approver, who, person, isRefusedAs] of rules) {
    it(`where ${approver} may decide, ${who} decides nothing`, () => {
      for (const [given, item] of decisions) {
        const judged = itemUnder({ approvers: [approver] }, item);
        const membership = person === undefined ? {} : { person };
        assert.equal(outcomeOf(judged, { ...given, by: dev }, membership), isRefusedAs, given.kind);
      }
    });
  }

  it('where anyone may decide, a guest does, and so does somebody of another organization', () => {
    for (const person of [guest, external]) {
      assert.equal(outcomeOf(itemUnder({ approvers: ['anyone'] }), { by: dev }, { person }), 'approve');
    }
  });

  it('a guest whom the policy names decides', () => {
    assert.equal(outcomeOf(itemUnder({ approvers: ['UDEV'] }), { by: dev }, { person: guest }), 'approve');
    const group = { groups: { SREVIEW: ['UDEV'] }, person: guest };
    assert.equal(outcomeOf(itemUnder({ approvers: GROUP }), { by: dev }, group), 'approve');
  });

  it('the requester withdraws though Slack can’t say just now who they are', () => {
    const judged = itemUnder({ approvers: ['anyone'] });
    assert.equal(outcomeOf(judged, { kind: 'reject' }, { person: 'unsure' }), 'reject');
  });
});

describe('a tool call', () => {
  const call = (own: Partial<RequestItem> = {}, policy: Partial<ApprovalPolicy> = {}) => {
    const { steps: _, ...judged } = itemUnder(policy, { takes: ['approve', 'reject', 'edit'], ...own });
    return judged;
  };
  const shown = [
    { id: 'plan', digest: 'd'.repeat(64) },
    { id: '2', digest: 'e'.repeat(64) },
  ];

  it('that may do harm is approved alone: not with others, and not with later ones', () => {
    assert.equal(outcomeOf(call({ alone: true }), {}), 'approve');
    assert.equal(outcomeOf(call({ alone: true }), { items: shown }), 'not-offered');
    assert.equal(outcomeOf(call({ alone: true }), { everyCall: true }), 'not-offered');
    assert.equal(outcomeOf(call({ alone: true }), { kind: 'reject', items: shown }), 'reject');
    assert.equal(outcomeOf(call(), { items: shown }), 'approve');
    assert.equal(outcomeOf(call(), { everyCall: true }), 'approve');
  });

  it('takes only decisions that a button offers: one edit of one call, and one call for later ones', () => {
    const edit = { kind: 'edit', input: { title: 'x' }, items: shown } as const;
    assert.equal(outcomeOf(call(), edit), 'not-offered');
    assert.equal(outcomeOf(call(), { items: shown, everyCall: true }), 'not-offered');
    assert.equal(outcomeOf(call({ once: true }), { everyCall: true }), 'not-offered', 'it was edited');
    assert.equal(outcomeOf(call({ once: true }), {}), 'approve');
  });

  it('is edited by those who may approve it, with arguments and not with steps', () => {
    const edit = { kind: 'edit', input: { title: 'x' } } as const;
    const policy = { approvers: ['UBEN'], requesterMayApprove: false };
    assert.equal(outcomeOf(call({}, policy), { ...edit, by: ben }), 'edit');
    assert.equal(outcomeOf(call({}, policy), { ...edit, by: chloe }), 'not-an-approver');
    assert.equal(outcomeOf(call({}, policy), edit), 'four-eyes', 'nor by who asked');
    assert.equal(outcomeOf(call(), { kind: 'edit', steps: [{ title: 'a', detail: '' }] }), 'bad-edit');
    assert.equal(outcomeOf(itemUnder({}), edit), 'bad-edit', 'a plan has no arguments');
  });

  it('can’t be approved under four eyes by who edited it', () => {
    const policy = { approvers: ['UBEN', 'UCHLOE'], requesterMayApprove: false };
    assert.equal(outcomeOf(call({ editors: [ben] }, policy), { by: ben }), 'edited');
    assert.equal(outcomeOf(call({ editors: [ben] }, policy), { by: chloe }), 'approve');
    assert.equal(outcomeOf(call({ editors: [ana] }), { by: ana }), 'approve', 'elsewhere it can');
  });

  it('is edited by a signal with arguments alone, of a bounded size', () => {
    const parse = (input: unknown) => parseDecision(decision({ kind: 'edit', input: input as never }))?.input;
    const input = { title: 'x', list: [1, { a: null }] };
    assert.deepEqual(parse(input), input);
    for (const odd of [undefined, null, [], 'x', { a: 'x'.repeat(300_000) }])
      assert.equal(parse(odd), undefined);
    let deep: unknown = {};
    for (let level = 0; level < 50_000; level += 1) deep = { deep };
    assert.equal(parse(deep), undefined);
    assert.equal(parseDecision({ ...decision(), input })?.input, undefined, 'an approval has none');
  });
});

describe('a question', () => {
  const question = (own: Partial<ApprovalPolicy> = {}, more: Partial<RequestItem> = {}) =>
    itemUnder(own, {
      takes: ['answer'],
      choices: [
        { id: 'grant', label: 'Grant' },
        { id: 'stop', label: 'Stop', forRequester: true },
      ],
      freeText: false,
      ...more,
    });
  const answer = (choice: string | undefined, own: Partial<Decision> = {}): Partial<Decision> => ({
    kind: 'answer',
    ...(choice !== undefined && { choice }),
    ...own,
  });

  it('ends with the first answer of somebody who may, and is no approval', () => {
    const judged = question({ approvers: ['UBEN'], approvals: 3 });
    assert.equal(outcomeOf(judged, answer('grant', { by: ben })), 'answer');
    assert.equal(outcomeOf(judged, answer('grant', { by: chloe })), 'not-an-approver');
    assert.equal(outcomeOf(judged, { by: ben }), 'not-offered');
  });

  it('lets the requester stop, and nothing else, where others may answer', () => {
    const judged = question({ approvers: ['UBEN'] });
    assert.equal(outcomeOf(judged, answer('stop')), 'answer');
    assert.equal(outcomeOf(judged, answer('grant')), 'not-an-approver');
  });

  it('shuts an editor of the plan out under four eyes', () => {
    const judged = question({ approvers: ['UBEN'], requesterMayApprove: false }, { editors: [ben] });
    assert.equal(outcomeOf(judged, answer('grant', { by: ben })), 'edited');
  });

  it('takes the choices that it offers, and words only where it asks for them', () => {
    assert.equal(outcomeOf(question(), answer('other')), 'not-offered');
    assert.equal(outcomeOf(question(), answer(undefined, { note: 'blue' })), 'not-offered');
    assert.equal(outcomeOf(question({}, { freeText: true }), answer(undefined, { note: 'blue' })), 'answer');
    assert.equal(
      outcomeOf(question({}, { freeText: true }), answer(undefined, { note: ' ' })),
      'not-offered',
    );
  });
});

describe('an edit', () => {
  const steps = [{ title: 'Ask the team', detail: '' }];
  const edit = { kind: 'edit' as const, steps };

  it('ends the request with a revision of its own, and approves nothing', () => {
    assert.equal(outcomeOf(itemUnder({ approvers: GROUP }), { ...edit, by: ben }), 'edit');
  });

  it('is for approvers: the requester who is none asks for changes instead', () => {
    assert.equal(outcomeOf(itemUnder({ approvers: GROUP }), { ...edit, by: ana }), 'not-an-approver');
    assert.equal(outcomeOf(itemUnder({ approvers: GROUP }), { kind: 'changes', by: ana }), 'changes');
  });

  it('shuts its author out under four eyes, and not without', () => {
    const editors = [ben];
    const strict = itemUnder({ approvers: GROUP, requesterMayApprove: false }, { editors });
    assert.equal(outcomeOf(strict, { by: ben }), 'edited');
    assert.equal(outcomeOf(strict, { by: chloe }), 'approve');
    assert.equal(outcomeOf(strict, { by: ben, kind: 'reject' }), 'reject', 'an editor may still reject');
    assert.equal(outcomeOf(itemUnder({ approvers: GROUP }, { editors }), { by: ben }), 'approve');
  });

  const wrong = [
    { steps: [], what: 'at least one step' },
    { steps: plan.steps, what: 'it changes nothing' },
    { steps: [{ title: ' ', detail: 'x' }], what: 'needs a title' },
    { steps: [{ title: 't'.repeat(301), detail: '' }], what: 'at most 300' },
    { steps: [{ title: 't', detail: 'd'.repeat(3001) }], what: 'at most 3000' },
    { steps: Array.from({ length: 51 }, () => ({ title: 't', detail: '' })), what: 'at most 50 steps' },
  ];
  for (const { steps: given, what } of wrong) {
    it(`is refused when it is wrong: ${what}`, () => {
      assert.match(problemOfEdit(plan.steps, given) ?? '', new RegExp(what));
      assert.equal(outcomeOf(itemUnder({}), { kind: 'edit', steps: given }), 'bad-edit');
    });
  }

  it('keeps a step that was too long before', () => {
    const long = { title: 'l', detail: 'd'.repeat(9_000) };
    assert.equal(problemOfEdit([long], [long, { title: 'more', detail: '' }]), undefined);
  });
});

describe('an extension', () => {
  it('is for approvers, and changes neither the votes nor the verdict', () => {
    const judged = itemUnder({ approvers: ['UBEN'], approvals: 1 });
    const { expiresAt } = judged.item;
    const later = (ms: number) => new Date(Date.parse(expiresAt) + ms).toISOString();
    const until = later(3_600_000);
    assert.equal(outcomeOf(judged, { kind: 'extend', by: ben, until }), 'waits');
    assert.equal(outcomeOf(judged, { kind: 'extend', by: ana, until }), 'not-an-approver');
    const judgement = judge(judged, decision({ kind: 'extend', by: ben, until }));
    assert.deepEqual(judgement, { accepted: true, votes: [] });
    for (const wrong of [undefined, expiresAt, later(-1), later(31 * 86_400_000)]) {
      const extension = { kind: 'extend' as const, by: ben, ...(wrong && { until: wrong }) };
      assert.equal(outcomeOf(judged, extension), 'bad-extension', wrong);
    }
  });
});

describe('a policy that nobody could meet', () => {
  const policies: [Partial<ApprovalPolicy>, boolean][] = [
    [{}, false],
    [{ approvals: 2 }, true],
    [{ requesterMayApprove: false }, true],
    [{ approvers: ['UBEN', 'UBEN'], approvals: 2 }, true],
    [{ approvers: ['UBEN', 'requester'], approvals: 2 }, false],
    [{ approvers: ['UBEN', 'requester'], approvals: 2, requesterMayApprove: false }, true],
    [{ approvers: ['anyone'], approvals: 9 }, false],
    [{ approvers: ['SREVIEW'], approvals: 9 }, false],
    [{ approvers: ['UBEN'], approvals: 2, escalate: { afterMs: 1, to: ['UCHLOE'] } }, false],
  ];
  for (const [own, never] of policies) {
    it(`${never ? 'is told' : 'is another one than'} ${JSON.stringify(own)}`, () =>
      assert.equal(impossible(policyWith(own)) !== undefined, never));
  }

  it('names its groups, and those that it may escalate to', () => {
    const book = {
      default: policyWith({ approvers: ['SA'] }),
      channels: { C1: { escalate: { afterMs: 1, to: ['SB', 'UBEN'] } }, C2: { approvers: ['SC', 'SA'] } },
    };
    assert.deepEqual(groupsIn(book), ['SA', 'SB', 'SC']);
  });
});

describe('whatever is sent, in whatever order', () => {
  const people = fc.constantFrom(ana, ben, chloe, dev, stranger, { team: 'T1', user: 'UFORGED' });
  const steps = fc.array(fc.record({ title: fc.string(), detail: fc.string() }), { maxLength: 3 });
  const groupsNow = fc.constantFrom<GroupMembers>(
    { SREVIEW: ['UBEN', 'UCHLOE'] },
    { SREVIEW: ['UBEN'] },
    { SREVIEW: [] },
    { SREVIEW: null },
  );
  const sent = fc.record({
    by: people,
    kind: fc.constantFrom<Decision['kind']>('approve', 'reject', 'changes', 'edit', 'extend'),
    revision: fc.integer({ min: 0, max: 3 }),
    items: fc
      .tuple(fc.constantFrom('plan', '1'), fc.constantFrom('d', 'e'))
      .map(([id, hex]) => [{ id, digest: hex.repeat(64) }]),
    steps,
    groups: groupsNow,
    person: fc.constantFrom<NonNullable<Membership['person']>>(
      { teams: ['T1'] },
      { teams: ['T1'], isGuest: true },
      { teams: ['T2'] },
      'unknown',
      'unsure',
    ),
  });
  const policies = fc.record({
    approvers: fc.subarray(['requester', 'anyone', 'members', 'UBEN', 'UDEV', 'SREVIEW', 'T2/UBEN'], {
      minLength: 1,
    }),
    approvals: fc.integer({ min: 1, max: 3 }),
    requesterMayApprove: fc.boolean(),
    escalate: fc.constant<{ afterMs: number; to: string[] }>({ afterMs: 1, to: ['UCHLOE'] }),
  });

  it('nothing runs that the policy forbids: votes, changes, edits, late and forged signals', () => {
    fc.assert(
      fc.property(
        policies,
        fc.array(sent, { maxLength: 25 }),
        fc.nat({ max: 25 }),
        (own, signals, escalatedAt) => {
          const judged = itemUnder(own);
          const { item } = judged;
          const editors: Person[] = [];
          const known = new Map<Decision, Pick<Membership, 'person'>>();
          for (const [index, { groups, person, ...given }] of signals.entries()) {
            if (index === escalatedAt) item.policy = escalated(item.policy);
            const { policy } = item;
            const asked = policy.approvers.some(isEverybody) ? { person } : {};
            const membership = { groups, ...asked };
            const sentNow = decision(given);
            known.set(sentNow, asked);
            const judgement = judge(judged, sentNow, membership);
            if (!judgement.accepted) continue;
            // As the run does before it is released: the groups once more, for all who have approved.
            const { verdict } = judgement;
            item.votes = recount({ policy, votes: judgement.votes }, ana, { groups }).counting;
            if (!verdict || (verdict.kind === 'approve' && item.votes.length < policy.approvals)) continue;
            if (verdict.kind === 'reject') return;
            if (verdict.kind === 'approve') {
              const distinct = new Set(item.votes.map(({ by }) => by.user));
              assert.ok(distinct.size >= policy.approvals, 'as many distinct people as the policy asks for');
              for (const vote of item.votes) {
                assert.equal(vote.revision, judged.revision);
                assert.deepEqual(vote.items, [{ id: 'plan', digest: item.digest }]);
                assert.ok(
                  mayApprove(policy, ana, vote.by, { groups, ...known.get(vote) }),
                  'each of them an approver just now',
                );
                if (own.requesterMayApprove) continue;
                assert.ok(!samePerson(vote.by, ana), 'never who asked, under four eyes');
                assert.ok(
                  !editors.some((editor) => samePerson(editor, vote.by)),
                  'nor who edited or asked for changes',
                );
              }
              return;
            }
            if (verdict.kind === 'edit') {
              assert.ok(mayApprove(policy, ana, given.by, membership), 'only an approver edits');
            }
            editors.push(given.by);
            // The next revision: a request of its own, without votes, under the policy as it was at first.
            item.policy = policyWith(own);
            item.votes = [];
            item.editors = [...editors];
            judged.revision += 1;
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('is read without a word of it trusted: an edit needs its steps, a moment must be one', () => {
    assert.equal(parseDecision({ ...decision(), kind: 'edit' }), undefined);
    assert.equal(
      parseDecision({ ...decision(), kind: 'edit', steps: [{ title: 7, detail: '' }] }),
      undefined,
    );
    assert.equal(parseDecision({ ...decision(), at: 'yesterday-ish' }), undefined);
    assert.deepEqual(parseDecision({ ...decision(), slackAt: 'never', steps: 'x' }), decision());
    const edit = decision({ kind: 'edit', steps: [{ title: 'a', detail: 'b' }] });
    assert.deepEqual(parseDecision({ ...edit, steps: [{ title: 'a', detail: 'b', more: 1 }] }), edit);
  });
});
