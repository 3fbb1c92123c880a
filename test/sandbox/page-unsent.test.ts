import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BrowserStorage, keepUnsent, readUnsent } from '../../sandbox/page/live/unsent.js';
import { containerKey, draftKey, initialState } from '../../sandbox/page/state/page-state.js';
import { reduce } from '../../sandbox/page/state/reduce.js';
import { createStore } from '../../sandbox/page/state/store.js';

/** The browser's storage, whose entries are its own keys. */
function newStorage(): BrowserStorage {
  const methods = {
    getItem: (name: string) => entries[name] ?? null,
    setItem: (name: string, value: string) => Object.assign(entries, { [name]: value }),
    removeItem: (name: string) => Reflect.deleteProperty(entries, name),
  };
  const entries = Object.create(methods) as Record<string, string>;
  return entries as unknown as BrowserStorage;
}

const openPage = (storage: BrowserStorage) => {
  const store = createStore(reduce, initialState('UANA', 'auto', readUnsent(storage)));
  keepUnsent(store, storage);
  return store;
};

describe('texts that were not sent yet', () => {
  const key = draftKey('UANA', 'C1');
  const container = containerKey('UANA', 'C1:100.000001');
  const value = { type: 'plain_text_input', value: 'keep it short' } as const;
  const note = { container, blockId: 'note', actionId: 'note_text', value };

  it('outlive a reload: what stands in a composer, and in a note on a card', () => {
    const storage = newStorage();
    const page = openPage(storage);
    page.dispatch({ type: 'draft', key, text: '/agent half a' });
    page.dispatch({ type: 'typed', ...note });
    const next = openPage(storage).get();
    assert.equal(next.drafts[key], '/agent half a');
    assert.deepEqual(next.typed[container], { note: { note_text: value } });
  });

  it('are gone once they were sent', () => {
    const storage = newStorage();
    const page = openPage(storage);
    page.dispatch({ type: 'draft', key, text: 'hello' });
    page.dispatch({ type: 'draft', key, text: '' });
    assert.deepEqual(Object.keys(storage), []);
  });

  it('go back into the composer when they could not be sent, before what was typed since', () => {
    const page = openPage(newStorage());
    page.dispatch({ type: 'draft', key, text: 'next' });
    page.dispatch({ type: 'unsent', key, text: '/agent first' });
    assert.equal(page.get().drafts[key], '/agent first\nnext');
  });
});
