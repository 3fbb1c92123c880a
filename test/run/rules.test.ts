import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ToolRule } from '../../src/approval/policy.js';
import { reasonsOf } from '../../src/run/execution/conditions.js';
import { findRuleProblems, isUsable, ruleFor } from '../../src/run/execution/rules.js';
import type { ToolSpec } from '../../src/run/execution/tools.js';
import { aliasesOf, toolName } from '../../src/tools/names.js';

/** A tool that calls itself read-only, as its server lists it. */
const tool = (name: string, properties?: object): ToolSpec => ({
  name: toolName('srv', name),
  aliases: aliasesOf('srv', name),
  description: '',
  inputSchema: { type: 'object', ...(properties && { properties }) },
  readOnly: true,
});

describe('a rule for tools, whatever the spelling', () => {
  const rule = (verdict: ToolRule['rule'], match = 'srv__*delete*'): ToolRule[] => [{ match, rule: verdict }];
  const spellings: [string, string][] = [
    ['in capitals', 'Delete_all'],
    ['with a Cyrillic е', 'd\u0435lete_all'],
    ['in full-width letters', '\uff44\uff45\uff4c\uff45\uff54\uff45'],
    ['with an accent', 'd\u00e9lete'],
    ['with a Cyrillic ё', 'd\u0451lete'],
    ['with an invisible character', 'de\u200blete'],
    ['with a capital I for an l', 'deIete_all'],
    ['with a 1 for an l', 'de1ete_all'],
    ['cut at 64 characters', `${'x'.repeat(70)}_delete`],
  ];
  for (const [what, name] of spellings) {
    it(`denies and asks about a tool whose name is written ${what}`, () => {
      assert.equal(ruleFor(rule('deny'), tool(name)), 'deny');
      assert.equal(ruleFor(rule('ask'), tool(name)), 'ask');
      assert.equal(isUsable(rule('deny'), tool(name)), false);
    });
  }

  it('is not about names that only resemble a little', () => {
    assert.equal(ruleFor(rule('deny', 'srv__*mail*'), tool('get_small_image')), 'allow');
    assert.equal(ruleFor(rule('deny', 'srv__*fail*'), tool('fall_back')), 'allow');
    assert.equal(ruleFor(rule('deny', 'srv__v1_*'), tool('vl_get')), 'allow');
  });

  it('allows only a tool whose every spelling matches', () => {
    const writing = (name: string) => ({ ...tool(name), readOnly: false });
    assert.equal(ruleFor(rule('allow', 'SRV__get_*'), writing('Get_Issue')), 'allow');
    assert.equal(ruleFor(rule('allow', 'srv__*issues'), writing('listIssues')), 'allow');
    assert.equal(ruleFor(rule('allow', 'srv__get_*'), writing('g\u0435t_all')), 'ask');
    assert.equal(ruleFor(rule('allow', 'srv__a_b*'), writing('a.b')), 'ask');
    assert.equal(ruleFor(rule('allow', 'srv__a*b*'), writing('a.b')), 'allow');
  });

  it('takes the server’s own name of a tool, too', () => {
    assert.equal(ruleFor(rule('deny', 'srv__files.read'), tool('files.read')), 'deny');
    assert.deepEqual(tool('plain_name').aliases, []);
  });
});

describe('a rule with conditions on arguments', () => {
  const matches = (rule: ToolRule['rule'], where: ToolRule['where'], input: Record<string, unknown>) =>
    ruleFor([{ match: 'pay__*', rule, where: where ?? {} }], {
      name: 'pay__send',
      readOnly: rule !== 'allow',
      input,
    }) === rule;
  /** The last two: `ask` and `deny` match; `allow` matches. */
  const cases: [string, ToolRule['where'], Record<string, unknown>, boolean, boolean][] = [
    ['a number above', { amount: ['> 1000'] }, { amount: 1000.01 }, true, true],
    ['a number at the limit', { amount: ['> 1000'] }, { amount: 1000 }, false, false],
    ['a number at the limit or below', { amount: ['<= 1000'] }, { amount: 1000 }, true, true],
    ['a number in a text', { amount: ['> 1000'] }, { amount: '5' }, true, false],
    ['a missing argument', { amount: ['> 1000'] }, {}, true, false],
    ['null', { amount: ['> 1000'] }, { amount: null }, true, false],
    ['an object for a number', { amount: ['> 1000'] }, { amount: { value: 5 } }, true, false],
    ['an equal number', { amount: [5] }, { amount: 5 }, true, true],
    ['a true', { force: [true] }, { force: true }, true, true],
    ['a false for a true', { force: [true] }, { force: false }, false, false],
    ['one of several', { currency: ['USD', 'EUR'] }, { currency: 'EUR' }, true, true],
    ['none of several', { currency: ['USD', 'EUR'] }, { currency: 'GBP' }, false, false],
    ['one of several kinds', { id: [5, 'five'] }, { id: 'six' }, false, false],
    ['a glob', { to: ['*@example.com'] }, { to: 'a@example.com' }, true, true],
    ['a glob in another case', { to: ['*@example.com'] }, { to: ' A@EXAMPLE.COM' }, true, false],
    ['a text that is exact', { note: ['= *'] }, { note: 'a' }, false, false],
    ['a path', { 'order.amount': ['> 5'] }, { order: { amount: 6 } }, true, true],
    ['a name with a dot', { 'order.amount': ['> 5'] }, { 'order.amount': 6 }, true, true],
    ['one element of a list', { amounts: ['> 5'] }, { amounts: [1, 6] }, true, false],
    ['all elements of a list', { amounts: ['> 5'] }, { amounts: [7, 6] }, true, true],
    ['no element of a list', { amounts: ['> 5'] }, { amounts: [1, 2] }, false, false],
    ['an empty list', { amounts: ['> 5'] }, { amounts: [] }, true, false],
    ['objects in a list', { 'items.price': ['> 5'] }, { items: [{ price: 1 }, { price: 9 }] }, true, false],
    [
      'an object without it in a list',
      { 'items.price': ['> 5'] },
      { items: [{ price: 1 }, {}] },
      true,
      false,
    ],
    ['one of two conditions', { amount: ['> 5'], to: ['x'] }, { amount: 6, to: 'y' }, false, false],
  ];
  for (const [what, where, input, asks, allows] of cases) {
    it(`${asks ? 'asks' : 'doesn’t ask'} about, and ${allows ? 'allows' : 'doesn’t allow'}, ${what}`, () => {
      assert.equal(matches('ask', where, input), asks);
      assert.equal(matches('deny', where, input), asks);
      assert.equal(matches('allow', where, input), allows);
    });
  }

  it('asks about and denies whatever it would allow, and each call matches one of two opposite rules', () => {
    const scalar = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.boolean(), fc.constantFrom('a', 'b', 'A '));
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        scalar,
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'a.b'), tie('value'), { maxKeys: 2 }),
      ),
    })).value;
    const input = fc.dictionary(fc.constantFrom('a', 'b', 'a.b'), value);
    const condition = fc.oneof(
      scalar,
      fc.constantFrom('> 1', '<= 1', '= 2', '*', 'b*').map((text) => text as string | number | boolean),
    );
    const where = fc.dictionary(
      fc.constantFrom('a', 'b', 'a.b', 'b.a'),
      fc.array(condition, { minLength: 1, maxLength: 2 }),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(where, input, (conditions, given) => {
        if (matches('allow', conditions, given)) assert.ok(matches('ask', conditions, given));
        assert.equal(matches('ask', conditions, given), matches('deny', conditions, given));
        assert.ok(matches('ask', { a: ['> 1'] }, given) || matches('ask', { a: ['<= 1'] }, given));
        assert.ok(!(matches('allow', { a: ['> 1'] }, given) && matches('allow', { a: ['<= 1'] }, given)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('says why it asks, with what is missing', () => {
    const where = { amount: ['> 1000'], currency: ['USD', 'EUR'] };
    assert.deepEqual(reasonsOf({ where }, { amount: 2000, currency: 'USD' }), [
      'amount > 1,000',
      'currency is USD or is EUR',
    ]);
    assert.deepEqual(reasonsOf({ where }, { amount: '2000' }), [
      'amount is missing or unreadable',
      'currency is missing or unreadable',
    ]);
  });

  it('hides no tool that other arguments get past it', () => {
    const send = { name: 'pay__send' };
    const large = { match: 'pay__*', where: { amount: ['> 5'] }, rule: 'deny' as const };
    assert.equal(isUsable([large], send), true);
    assert.equal(isUsable([large, { match: '*', rule: 'deny' }], send), false);
    assert.equal(
      isUsable(
        [
          { ...large, rule: 'allow' },
          { match: '*', rule: 'deny' },
        ],
        send,
      ),
      true,
    );
  });
});

describe('rules that can’t do what they seem to', () => {
  it('are named: no tool has the name, or none takes the argument', () => {
    const rules: ToolRule[] = [
      { match: 'srv__send', rule: 'ask', where: { amonut: ['> 5'] } },
      { match: 'srv__send', rule: 'ask', where: { 'amount.value': ['> 5'] } },
      { match: 'srv__sned', rule: 'deny' },
      { match: 'web_search', rule: 'deny' },
    ];
    const tools = [tool('send', { amount: {} })];
    assert.deepEqual(findRuleProblems(rules, tools, []), [
      'No tool that the rule "srv__send" matches has an argument "amonut".',
      'No tool matches the rule "srv__sned".',
    ]);
    const [, unmatched = ''] = findRuleProblems(rules, tools, ['jira']);
    assert.match(unmatched, /The tools of jira are not known now/);
  });
});
