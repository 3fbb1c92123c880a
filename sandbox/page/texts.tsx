import { createRoot } from 'react-dom/client';
import './css/page.css';
import './css/texts.css';
import type { Block, Channel, Message, Person } from '../workspace/protocol.js';
import { Blocks } from './blocks/Blocks.js';
import { PageProvider } from './live/page.js';
import type { Live } from './live/socket.js';
import { initialState, type PageState, type Workspace } from './state/page-state.js';
import { createStore } from './state/store.js';
import { Mrkdwn } from './text/Mrkdwn.js';

/** The page of texts: all messages of all surfaces, drawn like the sandbox's own. `npm run texts` puts the messages into it. */
interface Sample {
  name: string;
  text?: string;
  blocks: Block[];
  form?: { title: string; submit: string; close: string };
}

// No form takes the focus, which would scroll the page to it.
const withoutFocus = (key: string, value: unknown) => (key === 'focus_on_load' ? undefined : value);
const surfaces = JSON.parse(document.getElementById('texts')?.textContent ?? '[]', withoutFocus) as {
  title: string;
  samples: Sample[];
}[];

const person = (id: string, realName: string): Person => ({
  ...{ id, name: realName.toLowerCase(), realName, color: '#0b6b4f', isBot: false, tz: 'Etc/UTC' },
});
const channel = (id: string, name: string): Channel => ({
  ...{ id, name, kind: 'public', topic: '', members: [], isArchived: false },
});
const state: PageState = {
  ...initialState('UANA', 'closed'),
  workspace: {
    team: { id: 'T1', name: 'Local workspace' },
    app: { name: 'Countersign', botUser: 'UBOT', takesMessages: true, canStop: true },
    people: { UANA: person('UANA', 'Ana'), UBEN: person('UBEN', 'Ben'), UCHLOE: person('UCHLOE', 'Chloe') },
    userGroups: [{ id: 'SREVIEW', handle: 'reviewers', name: 'Reviewers', users: [] }],
    channels: { C1: channel('C1', 'general'), C2: channel('C2', 'approvals') },
    messages: {},
    commands: [],
    sessions: [],
  } as unknown as Workspace,
};
// Nothing on this page acts: a click changes nothing, and no question is answered.
const store = createStore((now: PageState) => now, state);
const live = { request: () => new Promise(() => {}) } as unknown as Live;

function Drawn({ sample, at }: { sample: Sample; at: string }) {
  const { blocks, form } = sample;
  const own = { channel: 'C1', ts: at, user: 'UBOT', text: '', replyCount: 0, replyUsers: [], reactions: [] };
  const message: Message = { ...own, blocks };
  const drawn = <Blocks blocks={blocks} surface={{ kind: 'message', message }} />;
  if (!form) return <div className="body sample">{drawn}</div>;
  return (
    <div className="sample sample-form">
      <h4>{form.title}</h4>
      <div className="dialog-body">{drawn}</div>
      <footer>
        <span className="action default">{form.close}</span>
        {form.submit && <span className="action primary">{form.submit}</span>}
      </footer>
    </div>
  );
}

function Texts() {
  return (
    <main className="texts">
      <h1>What people see</h1>
      {surfaces.map(({ title, samples }) => (
        <section key={title} aria-label={title}>
          <h2>{title}</h2>
          {samples.map((sample) => (
            <article key={sample.name}>
              <h3>{sample.name}</h3>
              {sample.text !== undefined && (
                <div className="notification">
                  🔔
                  <div>
                    <Mrkdwn text={sample.text} />
                  </div>
                </div>
              )}
              <Drawn sample={sample} at={`${title} ${sample.name}`} />
            </article>
          ))}
        </section>
      ))}
    </main>
  );
}

const root = document.getElementById('page');
if (root) {
  createRoot(root).render(
    <PageProvider page={{ store, live }}>
      <Texts />
    </PageProvider>,
  );
}
