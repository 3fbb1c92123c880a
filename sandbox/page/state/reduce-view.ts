import type { View } from '../../workspace/protocol.js';
import { keepTyped } from './inputs.js';
import { containerKey, type PageState } from './page-state.js';

export const stackOf = (state: PageState, person: string): readonly View[] => state.views[person] ?? [];

/** `views.open` starts a new stack. */
export const openView = (state: PageState, person: string, view: View) => withStack(state, person, [view]);

export const pushView = (state: PageState, person: string, view: View) =>
  withStack(state, person, [...stackOf(state, person), view]);

/** Replaces a view. Typed values whose inputs still exist stay; errors of the last submission are dropped. */
export function updateView(state: PageState, person: string, view: View): PageState {
  const key = containerKey(person, view.id);
  const { [view.id]: _told, ...viewErrors } = state.viewErrors;
  const next = { ...state, viewErrors, typed: { ...state.typed } };
  next.typed[key] = keepTyped(view.blocks, state.typed[key] ?? {});
  return withStack(
    next,
    person,
    stackOf(state, person).map((other) => (other.id === view.id ? view : other)),
  );
}

/** Removes a view from the stack, with its typed values. */
export function dropView(state: PageState, person: string, viewId: string): PageState {
  const { [containerKey(person, viewId)]: _gone, ...typed } = state.typed;
  const { [viewId]: _told, ...viewErrors } = state.viewErrors;
  const rest = stackOf(state, person).filter((view) => view.id !== viewId);
  return withStack({ ...state, typed, viewErrors }, person, rest);
}

export const dropViews = (state: PageState, person: string) =>
  stackOf(state, person).reduce((next, view) => dropView(next, person, view.id), state);

function withStack(state: PageState, person: string, stack: readonly View[]): PageState {
  return { ...state, views: { ...state.views, [person]: stack } };
}
