import { createContext, type ReactNode, useContext, useSyncExternalStore } from 'react';
import type { Action } from '../state/actions.js';
import type { PageState, Workspace } from '../state/page-state.js';
import type { Store } from '../state/store.js';
import type { Live } from './socket.js';

export interface Page {
  store: Store<PageState, Action>;
  live: Live;
}

const Context = createContext<Page | undefined>(undefined);

export function PageProvider({ page, children }: { page: Page; children: ReactNode }) {
  return <Context value={page}>{children}</Context>;
}

/** The page's state and its actions. Works only inside {@link PageProvider}, after the first snapshot. */
export function usePage() {
  const page = useContext(Context);
  if (!page) throw new Error('usePage outside its provider');
  const state = useSyncExternalStore(page.store.subscribe, page.store.get);
  const { get, dispatch } = page.store;
  return { state, workspace: state.workspace as Workspace, get, dispatch, live: page.live };
}
