import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOf } from '../../src/activities/call-llm.js';
import { parseDuration } from '../../src/approval/duration.js';
import { plan } from '../support/samples.js';

describe('a plan’s digest', () => {
  it('is the same whatever the order of keys', () => {
    const { title, ...rest } = plan;
    assert.equal(digestOf({ ...rest, title }), digestOf(plan));
  });

  it('changes with every part that a person reads', () => {
    const changed = [
      { ...plan, title: 'Other' },
      { ...plan, summary: 'Other' },
      { ...plan, steps: plan.steps.toReversed() },
      { ...plan, risks: [] },
      { ...plan, sources: [{ title: 'How to write release notes', url: 'https://evil.example' }] },
    ];
    const digests = new Set([plan, ...changed].map(digestOf));
    assert.equal(digests.size, changed.length + 1);
  });
});

describe('a duration', () => {
  const known: [string, number | undefined][] = [
    ['3 days', 259_200_000],
    ['1 hour', 3_600_000],
    ['90 minutes', 5_400_000],
    ['1.5 hours', 5_400_000],
    ['2 weeks', 1_209_600_000],
    ['0 days', undefined],
    ['-1 days', undefined],
    ['soon', undefined],
    ['90d', 7_776_000_000],
    ['5 m', 300_000],
    ['3', undefined],
  ];
  for (const [text, ms] of known) {
    it(`reads "${text}" as ${ms ?? 'nothing'}`, () => assert.equal(parseDuration(text), ms));
  }
});
