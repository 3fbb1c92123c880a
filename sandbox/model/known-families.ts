import type { Family, Said } from './families.js';
import { asksForDay } from './goal.js';

/** A source on a domain that is reserved for examples, so its link leads nowhere. */
export const source = (title: string, url: string) => ({ title, url });

/** Kinds of goals, in the order in which they are tried. */
export const FAMILIES: Family[] = [
  {
    match: /release|changelog|notes? for (?:version|v?\d)/i,
    query: 'how to write release notes that users read',
    findings: [
      'Readers look for what changed for them first: group by new, improved, fixed, and put breaking changes on top.',
      'Each entry says what a user can do now, not which module was touched.',
      'Upgrade steps belong next to the breaking change that asks for them.',
    ],
    sources: [
      source('Keep a changelog that people read', 'https://docs.example.com/guides/changelog'),
      source('Release notes: a short checklist', 'https://blog.example.org/release-notes-checklist'),
    ],
    summary:
      'Collect what changed since the last version, sort it by what it means to users, and write release notes that can be published after one read-through.',
    steps: [
      ['Collect the changes', 'List what was merged since the last tag, and mark what users can notice.'],
      ['Sort by effect', 'Group into new, improved, fixed and breaking; drop what is internal.'],
      [
        'Write the notes',
        'One sentence an entry, in the reader’s words, with upgrade steps where something breaks.',
      ],
      ['Hand over for publishing', 'Put the draft in the thread, with open questions marked.'],
    ],
    risks: [
      'A change that was merged without a description may be missed.',
      'Dates and versions need a check before publishing.',
    ],
    result: [
      '| Kind | What changed |',
      '|---|---|',
      '| New | Filter the activity list by person and by date |',
      '| Improved | Search answers in under a second on large projects |',
      '| Fixed | Exports no longer lose the last row |',
      '| Breaking | `GET /v1/items` is gone; use `/v2/items` |',
    ].join('\n'),
    left: ['Check the list against the merged changes.', 'Publish the notes.'],
  },
  {
    match: /incident|outage|post-?mortem|broken|down\b/i,
    query: 'blameless post-mortem structure timeline contributing factors',
    findings: [
      'A post-mortem works when it is blameless: it asks what made the mistake easy, not who made it.',
      'Write the timeline from logs and messages first; memory rearranges it within days.',
      'Each action has one owner and a date, or it will not happen.',
    ],
    sources: [
      source('Blameless post-mortems in practice', 'https://sre.example.org/postmortems'),
      source('A timeline template for incidents', 'https://docs.example.com/incidents/timeline'),
    ],
    summary:
      'Put the timeline together from what is recorded, find what made the failure possible, and propose a few actions that would have prevented or shortened it.',
    steps: [
      ['Build the timeline', 'From the first symptom to the all-clear, with the source of each entry.'],
      ['Name the contributing factors', 'What failed, what let it fail, and what delayed the response.'],
      ['Propose actions', 'At most five, each with an owner to be named and a date.'],
      ['Draft the document', 'Summary for everyone, details for engineers, on one page.'],
    ],
    risks: [
      'The draft may hold details about customers: share it inside the company only.',
      'Owners must agree before their names go in.',
    ],
    result: [
      '```text',
      '02:10  first alert: checkout error rate over 5 %',
      '02:24  on-call confirms, rolls back the last deploy',
      '02:31  error rate back to normal',
      '02:50  all clear',
      '```',
      '',
      '**Contributing factors**: the deploy skipped the canary; the alert fired after ten minutes.',
    ].join('\n'),
    left: ['Fill in the times from your own logs.', 'Agree on an owner for each action.'],
  },
  {
    match: /\bback(?:ing|s)? ?up|backup/i,
    query: 'postgres backup strategies pg_dump wal archiving managed snapshots',
    findings: [
      'A backup counts from the day on which somebody restored it.',
      'A dump holds one moment; archived write-ahead logs bring back any moment.',
      'Keep one copy where the database’s own account can’t delete it.',
    ],
    sources: [
      source('Three ways to back up a database', 'https://docs.example.com/databases/backups'),
      source('Restore drills, quarter by quarter', 'https://sre.example.org/restore-drills'),
    ],
    summary:
      'Compare the three usual ways by what a loss would cost, what they need, and how they are restored; end with one recommendation.',
    steps: [
      ['Fix the criteria', 'Data that may be lost, time to restore, cost, and effort.'],
      ['Gather the facts', 'For each way, from its own documentation and from people who run it.'],
      ['Compare', 'One table, with the reasons in words.'],
      ['Recommend', 'One way, what it needs first, and how to try a restore.'],
    ],
    risks: ['Sizes and prices are assumptions: check them against your own database.'],
    result: [
      '| Way | May lose | Restored in | Cost | Effort |',
      '|---|---|---|---|---|',
      '| `pg_dump` each night | a day | hours | low | low |',
      '| Base backup and archived WAL | seconds | an hour | medium | high |',
      '| Managed snapshots | minutes | minutes | high | low |',
      '',
      '**Recommendation**: start with managed snapshots, and keep a weekly `pg_dump` elsewhere.',
    ].join('\n'),
    left: ['Check sizes and prices.', 'Restore a copy once, and note how long it took.'],
  },
  {
    match: /compare|versus|\bvs\b|which|choose|options|evaluate|alternatives/i,
    query: 'decision matrix criteria for comparing options',
    findings: [
      'Fix the criteria and their weights before looking at the options, or the favourite wins.',
      'What it costs to leave an option matters as much as what it costs to start.',
      'A small trial of the two best answers more than a long table.',
    ],
    sources: [
      source('Decision matrices without the theatre', 'https://research.example.org/decision-matrix'),
      source('Total cost of ownership, a worksheet', 'https://docs.example.com/tco'),
    ],
    summary:
      'Compare the options against criteria that are fixed beforehand, and end with one recommendation and what would change it.',
    steps: [
      ['Fix the criteria', 'Cost, effort, risk, how easily it is undone; with weights.'],
      ['Gather the facts', 'For each option, from its own documentation and from people who run it.'],
      ['Score and compare', 'One table, with the reasons in words.'],
      ['Recommend', 'One option, what it needs first, and what would change the recommendation.'],
    ],
    risks: [
      'Prices and limits change: check them before you buy.',
      'The weights are an opinion; change them if they aren’t yours.',
    ],
    result: [
      '| Option | Cost | Effort | Risk | Easily undone |',
      '|---|---|---|---|---|',
      '| A: the managed one | high | low | low | yes |',
      '| B: the simple one | low | medium | medium | yes |',
      '| C: our own | low | high | high | no |',
      '',
      '**Recommendation**: start with B, and move to A when it takes more than a day a month.',
    ].join('\n'),
    left: ['Confirm the weights.', 'Try the recommended option on something small.'],
  },
  {
    match: /e-?mail|message|announce|letter|reply|write to|newsletter/i,
    query: 'clear announcements: one message, one action',
    findings: [
      'A message that asks for one thing in its first line gets more answers than a complete one.',
      'Say when, what it means for the reader, and whom to ask.',
    ],
    sources: [source('Writing messages that get answers', 'https://blog.example.org/clear-messages')],
    summary: 'Draft a message with one purpose, fitted to its readers, ready to be sent by a person.',
    steps: [
      ['Settle purpose and readers', 'Who reads it, what they know, and the one thing they should do.'],
      ['Draft it', 'Subject, three short paragraphs, and the ask in the first line.'],
      ['Make a short version', 'The same in two sentences, for chat.'],
    ],
    risks: ['Nothing is sent: a person sends it.', 'Names and dates must be checked.'],
    result: announcement,
    left: ['Check names and dates.', 'Send it.'],
  },
  {
    match: /migrat|upgrade|move (?:to|from)|switch to|rollout|roll out|deploy/i,
    query: 'safe migration plan expand and contract rollback',
    findings: [
      'Migrations that can be stopped halfway are the ones that finish: expand, move, contract.',
      'A rollback that was never tried is a hope, not a plan.',
      'Move the smallest real consumer first.',
    ],
    sources: [
      source('Expand and contract, step by step', 'https://docs.example.com/migrations/expand-contract'),
      source('Rehearsing a rollback', 'https://sre.example.org/rollback'),
    ],
    summary: 'Plan the move in steps that can each be undone, rehearse the way back, and say when to stop.',
    steps: [
      ['Take stock', 'What depends on the old, how much data, who must know.'],
      ['Prepare side by side', 'Bring up the new next to the old, without traffic.'],
      ['Rehearse the way back', 'On a copy, with the clock running.'],
      ['Move in stages', 'The smallest consumer first; stop at the first surprise.'],
      ['Clean up', 'Remove the old after two quiet weeks.'],
    ],
    risks: [
      'Data written during the move can be lost without a freeze or a dual write.',
      'The last stage can’t be undone.',
    ],
    result:
      '1. `T-7 days`: new side up, no traffic\n2. `T-3 days`: rollback rehearsed on a copy\n3. `T`: first consumer moved\n4. `T+14 days`: the old is removed\n\n**Stop when** errors double or the lag passes a minute.',
    left: ['Name who decides to stop.', 'Run the rehearsal.'],
  },
  {
    match: /meeting|event|offsite|workshop|party|conference|agenda|schedule/i,
    query: 'workshop agenda that ends with decisions',
    findings: [
      'An agenda of questions gets answers; an agenda of topics gets talk.',
      'Leave a third of the time empty.',
    ],
    sources: [source('Agendas made of questions', 'https://blog.example.org/agenda-questions')],
    summary:
      'Prepare the event so that it ends with decisions: purpose, people, agenda, and what is to be ready beforehand.',
    steps: [
      ['Write down the purpose', 'The questions that must be answered by the end.'],
      ['Choose the people', 'Those who decide, and those who know.'],
      ['Draft the agenda', 'Questions with times, and a third of the time left open.'],
      ['List what must be ready', 'Room, material, invitations.'],
    ],
    risks: [
      'Nothing is booked and nobody is invited: a person does that.',
      'Dates must be checked against calendars.',
    ],
    result:
      '| Time | Question |\n|---|---|\n| 9:30 | What must be true at the end of the quarter? |\n| 10:30 | What do we stop doing? |\n| 11:15 | open |\n| 12:00 | Who does what by when? |',
    left: ['Book the room.', 'Invite the people.'],
  },
];

/** An announcement for the day that a person chose. */
function announcement({ goal, answer }: Said): string {
  const isAboutDay = answer !== undefined && asksForDay(goal);
  const day = isAboutDay ? answer : 'Monday';
  const when = /day$/i.test(day) ? `on ${day}` : day;
  const [subject, news] = /\blaunch/i.test(goal)
    ? [`We launch ${when}`, `we launch ${when}. From then on everybody can sign up; nothing changes for you.`]
    : [
        `A small change ${when}, nothing for you to do`,
        `the change comes ${when}. You need not do anything.`,
      ];
  return `**Subject:** ${subject}\n\nHello,\n\n${news}\n\nQuestions? Just reply.`;
}
