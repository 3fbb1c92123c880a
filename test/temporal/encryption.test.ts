import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import fc from 'fast-check';
import { readConfig, readVariable } from '../../src/config/environment.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { type PayloadKey, payloadEncryption } from '../../src/temporal/payloads/encryption.js';
import { humanApprove } from '../../src/workflows/runtime/signals.js';
import { startStack } from '../support/product/stack.js';
import { cardOf, startWaitingRun } from '../support/slack/people.js';

const key = (id: string): PayloadKey => ({ id, key: randomBytes(32) });
const text = ({ id, key: bytes }: PayloadKey) => `${id}:${bytes.toString('base64')}`;

describe('payload encryption', () => {
  it('comes back as it went, whatever it is', async () => {
    const codec = payloadEncryption([key('k1')], false);
    await fc.assert(
      // Parsed twice: the payload converter writes JSON, in which -0 is 0.
      fc.asyncProperty(fc.json(), async (json) => {
        const value: unknown = JSON.parse(JSON.stringify(JSON.parse(json)));
        const payload = defaultPayloadConverter.toPayload(value) as Payload;
        const [encrypted] = await codec.encode([payload]);
        assert.ok(encrypted);
        assert.equal(Buffer.from(encrypted.metadata?.encoding ?? []).toString(), 'binary/encrypted');
        const [decrypted] = await codec.decode([encrypted]);
        assert.deepEqual(defaultPayloadConverter.fromPayload(decrypted as Payload), value);
      }),
    );
  });

  it('reads what older keys encrypted, and what was never encrypted where that is wanted; writes with the first', async () => {
    const [old, fresh] = [key('2025'), key('2026')];
    const payload = defaultPayloadConverter.toPayload('secret') as Payload;
    const [before] = await payloadEncryption([old], false).encode([payload]);
    const rotated = payloadEncryption([fresh, old], true);
    const [again] = await rotated.decode([before as Payload]);
    assert.equal(defaultPayloadConverter.fromPayload(again as Payload), 'secret');
    assert.deepEqual(await rotated.decode([payload]), [payload]);
    await assert.rejects(
      payloadEncryption([fresh, old], false).decode([payload]),
      /was refused because it is not encrypted/,
    );
    const [written] = await rotated.encode([payload]);
    assert.equal(Buffer.from(written?.metadata?.['encryption-key-id'] ?? []).toString(), '2026');
    await assert.rejects(
      payloadEncryption([fresh], false).decode([before as Payload]),
      /the key "2025", which PAYLOAD_KEYS/,
    );
  });

  it('notices a change', async () => {
    const codec = payloadEncryption([key('k1')], false);
    const [encrypted] = await codec.encode([defaultPayloadConverter.toPayload('secret') as Payload]);
    const data = Buffer.from(encrypted?.data ?? []);
    data[20] = (data[20] ?? 0) ^ 1;
    await assert.rejects(codec.decode([{ ...encrypted, data }]), /the payload or the key has changed/);
  });

  it('is refused in another workflow or activity than it was made for, but a schedule’s runs take the schedule’s', async () => {
    const codec = payloadEncryption([key('k1')], false);
    const payload = defaultPayloadConverter.toPayload('secret') as Payload;
    const of = (workflowId: string, namespace = 'default') =>
      ({ type: 'workflow', namespace, workflowId }) as const;
    const activity = (workflowId: string, activityId: string) =>
      ({ type: 'activity', namespace: 'default', workflowId, activityId, isLocal: false }) as const;
    const due = (day: number) => of(`agent-s-2026-11-${day}T09:00:00Z`);
    const takes = async (made: SerializationContext | undefined, read: SerializationContext | undefined) => {
      const encrypted = await codec.encode([payload], made);
      const decrypted = await codec.decode(encrypted, read).catch((error: Error) => {
        assert.match(error.message, /encrypted for another workflow or activity/);
      });
      if (!decrypted) return false;
      const [{ metadata, data } = {}] = decrypted;
      assert.deepEqual(Object.keys(metadata ?? {}), ['encoding']);
      assert.equal(Buffer.from(data ?? []).toString(), '"secret"');
      return true;
    };
    const taken: [SerializationContext | undefined, SerializationContext | undefined][] = [
      [undefined, undefined],
      [of('agent-a'), of('agent-a')],
      [activity('agent-a', '1'), activity('agent-a', '1')],
      [of('agent-s'), due(24)],
      [due(24), due(24)],
    ];
    for (const [made, read] of taken) assert.ok(await takes(made, read), JSON.stringify([made, read]));
    const refused: typeof taken = [
      [of('agent-a'), of('agent-b')],
      [of('agent-a'), of('agent-a', 'other')],
      [of('agent-a'), activity('agent-a', '1')],
      [activity('agent-a', '1'), activity('agent-a', '2')],
      [activity('agent-a', '1'), activity('agent-b', '1')],
      [undefined, of('agent-a')],
      [of('agent-a'), undefined],
      [due(24), due(25)],
      [due(24), of('agent-s')],
      [of('agent-s'), activity('agent-s-2026-11-24T09:00:00Z', '1')],
    ];
    for (const [made, read] of refused) assert.ok(!(await takes(made, read)), JSON.stringify([made, read]));
  });

  it('is switched on by one variable, which says what it wants', () => {
    const keys = [key('b'), key('a')];
    assert.deepEqual(readVariable({ PAYLOAD_KEYS: keys.map(text).join(', ') }, 'PAYLOAD_KEYS'), {
      keys,
      takesPlain: false,
    });
    assert.deepEqual(readVariable({ PAYLOAD_KEYS: `${keys.map(text).join()},plain` }, 'PAYLOAD_KEYS'), {
      keys,
      takesPlain: true,
    });
    assert.deepEqual(readVariable({}, 'PAYLOAD_KEYS'), { keys: [], takesPlain: false });
    for (const wrong of ['secret', 'k1:short', `:${randomBytes(32).toString('base64')}`]) {
      assert.throws(
        () => readVariable({ PAYLOAD_KEYS: wrong }, 'PAYLOAD_KEYS'),
        /PAYLOAD_KEYS must be id:key.*openssl rand/,
      );
    }
    assert.throws(
      () => readVariable({ PAYLOAD_KEYS: `${text(key('a'))},${text(key('a'))}` }, 'PAYLOAD_KEYS'),
      /"a" is used twice/,
    );
    assert.throws(() => readConfig({ PAYLOAD_KEYS: 'x' }), /SLACK_BOT_TOKEN/);
  });

  it('keeps a forged signal out that was made without the key, even one that is right in every word', async () => {
    const stack = await startStack({ env: { PAYLOAD_KEYS: text(key('k1')) } });
    try {
      const { workspace } = stack;
      const { general } = workspace.channels;
      const { ana } = workspace.people;
      const { shortId, card } = await startWaitingRun(workspace, ana, general, 'keep the gate shut');
      const buttons = (card.blocks ?? []).flatMap((block) => (block.elements ?? []) as { value?: string }[]);
      const ref = JSON.parse(buttons.find(({ value }) => value)?.value ?? '{}');
      const temporal = await connectTemporal();
      const handle = temporal.client.workflow.getHandle(`agent-${shortId}`);
      const by = { team: workspace.team.id, user: ana };
      await handle.signal(humanApprove, {
        ...ref,
        kind: 'approve',
        by,
        note: '',
        at: new Date().toISOString(),
      });
      const failed = async () =>
        (await handle.fetchHistory()).events?.some((event) => event.workflowTaskFailedEventAttributes);
      while (!(await failed())) await delay(100);
      await temporal.close();
      assert.equal(
        workspace.messages(general).filter(({ text: words }) => /^Done|^Working on it/.test(words)).length,
        0,
      );
    } finally {
      await stack.stop();
    }
  });

  it('leaves nothing readable with Temporal, and the product goes on over a change of keys', async () => {
    const [old, fresh] = [key('2025'), key('2026')];
    const env = { PAYLOAD_KEYS: text(old) };
    const stack = await startStack({ env });
    try {
      const { workspace } = stack;
      const { general } = workspace.channels;
      const { ana } = workspace.people;
      const { shortId, card } = await startWaitingRun(workspace, ana, general, 'a goal that nobody reads');
      stack.env.PAYLOAD_KEYS = `${text(fresh)},${text(old)}`;
      await stack.restart();
      await workspace.as(ana).click(card, 'Approve', {
        values: { note: { note_text: { type: 'plain_text_input', value: 'a note that nobody reads' } } },
      });
      await cardOf(workspace, general, shortId, /^Done/);
      const ledger = (own: NodeJS.ProcessEnv) => stack.command(['ledger', 'verify'], own);
      assert.match(ledger(stack.env).stdout, /every chain holds; 1 compared/);
      const keyless = ledger({ PAYLOAD_KEYS: '' });
      assert.equal(keyless.status, 1);
      assert.match(
        keyless.stderr,
        /\nThe heads of the chains in Temporal are encrypted\. Set PAYLOAD_KEYS .*\n$/,
      );
      const other = ledger({ PAYLOAD_KEYS: text(key('other')) });
      assert.equal(other.status, 1);
      assert.match(
        other.stdout,
        /^Run \w+: where it ended can't be read .* the key "2026", which PAYLOAD_KEYS/m,
      );
      const temporal = await connectTemporal();
      const { executions } = await temporal.client.workflowService.listWorkflowExecutions({
        namespace: stack.namespace,
      });
      const { history } = await temporal.client.workflowService.getWorkflowExecutionHistory({
        namespace: stack.namespace,
        execution: { workflowId: `agent-${shortId}` },
      });
      await temporal.close();
      const bytes = (function readable(value: unknown): string {
        if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
        if (Array.isArray(value)) return value.map(readable).join(' ');
        if (typeof value === 'object' && value !== null) return Object.values(value).map(readable).join(' ');
        return String(value);
      })([executions, history?.events]);
      assert.ok(bytes.includes('binary/encrypted'));
      assert.ok(bytes.includes('2025') && bytes.includes('2026'), 'both keys were in use');
      for (const secret of ['nobody reads', 'A goal that']) assert.ok(!bytes.includes(secret), secret);
    } finally {
      await stack.stop();
    }
  });
});
