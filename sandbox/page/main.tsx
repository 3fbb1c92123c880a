import { createRoot } from 'react-dom/client';
import './css/page.css';
import { App } from './components/App.js';
import { ErrorBoundary } from './components/ErrorBoundary.js';
import { watchFocus } from './live/focus.js';
import { PageProvider } from './live/page.js';
import { openPermalink } from './live/permalink.js';
import { connect } from './live/socket.js';
import { keepUnsent, readUnsent } from './live/unsent.js';
import { initialState } from './state/page-state.js';
import { reduce } from './state/reduce.js';
import { createStore } from './state/store.js';
import { NO_TOUR, type Tour } from './state/tour.js';
import { loadMarkdown } from './text/Markdown.js';

const PERSON = 'person';
const WELCOME = 'welcome';
const TOUR = 'tour';

const kept = localStorage.getItem(WELCOME) === 'closed' ? 'closed' : 'auto';
const person = sessionStorage.getItem(PERSON) ?? '';
const store = createStore(reduce, initialState(person, kept, readUnsent(localStorage), readTour()));
keepUnsent(store, localStorage);
const token = document.querySelector<HTMLMetaElement>('meta[name=page-token]')?.content ?? '';
const live = connect(token, {
  event: (event) => store.dispatch({ type: 'event', event }),
  link: (link) => store.dispatch({ type: 'link', link }),
});

let opened = location.pathname === '/';
store.subscribe(() => {
  const { me, welcome, tour, workspace } = store.get();
  sessionStorage.setItem(PERSON, me);
  if (welcome === 'closed') localStorage.setItem(WELCOME, welcome);
  if (tour !== NO_TOUR) localStorage.setItem(TOUR, JSON.stringify(tour));
  if (workspace && !opened) {
    opened = true;
    openPermalink(store, location.href);
  }
});

function readTour(): Tour {
  const json = localStorage.getItem(TOUR);
  if (json === null) return NO_TOUR;
  try {
    return { ...NO_TOUR, ...(JSON.parse(json) as Partial<Tour>) };
  } catch {
    return NO_TOUR;
  }
}

watchFocus();
const root = document.getElementById('page');
if (root) {
  root.replaceChildren();
  createRoot(root).render(
    <PageProvider page={{ store, live }}>
      <ErrorBoundary instead="The page can't be drawn. Reload it.">
        <App />
      </ErrorBoundary>
    </PageProvider>,
  );
}

// The first messages are drawn before the parser for long texts is loaded.
setTimeout(() => void loadMarkdown(), 2_000);
