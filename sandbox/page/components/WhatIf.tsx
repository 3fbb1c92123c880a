import { useState } from 'react';
import type { WhatIf as Fault } from '../../workspace/protocol.js';
import { usePage } from '../live/page.js';

const FAULTS: Record<Fault, { label: string; what: string }> = {
  'kill-service': {
    label: 'Kill the service (kill -9)',
    what: 'Killed, in the middle of whatever it did. It starts again by itself, and every run goes on.',
  },
  'slow-call': {
    label: 'Slow down a tool',
    what: 'The next change of the to-do list takes 12 seconds: time to kill the service in the middle of it.',
  },
  'fail-model': {
    label: 'Fail the model',
    what: 'The model refuses to write the next plan. The run fails, and offers Retry.',
  },
  'lose-answer': {
    label: 'Lose Slack’s answer',
    what: 'The next post is made, but the app never hears of it.',
  },
  'refuse-connection': { label: 'Drop a request', what: 'The next post is refused at the door.' },
  'too-many-requests': { label: 'Too many requests', what: 'The next post must wait three seconds.' },
  'deliver-twice': {
    label: 'Deliver twice',
    what: 'The next command, click or mention reaches the app twice. Slack itself repeats only mentions.',
  },
  reconnect: {
    label: 'Reconnect',
    what: 'Slack warns the app, and a second later ends its connection. The app opens the next one in between.',
  },
};

/** Menu of faults that a person can inject, once each. */
export function WhatIf() {
  const { state, workspace, live } = usePage();
  const [said, setSaid] = useState('');
  return (
    <details className="what-if">
      <summary>What if…</summary>
      {workspace.whatIfs.map((fault) => (
        <button
          key={fault}
          type="button"
          className={fault}
          title={FAULTS[fault].what}
          onClick={() => {
            setSaid(FAULTS[fault].what);
            void live.request({ type: 'whatIf', as: state.me, fault });
          }}
        >
          {FAULTS[fault].label}
        </button>
      ))}
      <p role="status">{said || 'Each strikes once. Then type a goal, or click, and watch.'}</p>
    </details>
  );
}
