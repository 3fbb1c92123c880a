import { useState } from 'react';
import type { WhatIf as Fault } from '../../workspace/protocol.js';
import { usePage } from '../live/page.js';

const FAULTS: { fault: Fault; label: string; what: string }[] = [
  {
    fault: 'lose-answer',
    label: 'Lose Slack’s answer',
    what: 'The next post is made, but the app never hears of it.',
  },
  { fault: 'refuse-connection', label: 'Drop a request', what: 'The next post is refused at the door.' },
  { fault: 'too-many-requests', label: 'Too many requests', what: 'The next post must wait three seconds.' },
  {
    fault: 'deliver-twice',
    label: 'Deliver twice',
    what: 'The next command or click reaches the app twice.',
  },
  { fault: 'reconnect', label: 'Reconnect', what: 'The app must connect anew, now.' },
];

/** Lets things go wrong, once each, for the curious. */
export function WhatIf() {
  const { state, live } = usePage();
  const [said, setSaid] = useState('');
  return (
    <details className="what-if">
      <summary>What if…</summary>
      {FAULTS.map(({ fault, label, what }) => (
        <button
          key={fault}
          type="button"
          title={what}
          onClick={() => {
            setSaid(what);
            void live.request({ type: 'whatIf', as: state.me, fault });
          }}
        >
          {label}
        </button>
      ))}
      <p role="status">{said || 'Each strikes once. Then type a goal, or click, and watch.'}</p>
    </details>
  );
}
