import { parseDuration } from '../../approval/duration.js';
import {
  BEGINNING,
  eventsIn,
  type KeptRun,
  type Ledger,
  openLedger,
  openLedgerToRead,
  shown,
} from '../../ledger/index.js';
import { CountersignError } from '../../platform/errors.js';
import { type Place, withLedger } from './ledger-command.js';

const say = (line: string) => console.log(line);

/** Number of entries that are read at once. */
const PAGE = 1000;

/** Erases the runs that are over for longer than a duration, or since before a moment. */
export async function prune({ before, ...place }: Place & { before: string }): Promise<void> {
  const moment = momentOf(before);
  await change(place, async (ledger) => {
    const runs = await ledger.prune(moment);
    say(`${counted(runs, 'run was', 'runs were')} erased that had not changed since ${moment}.`);
  });
}

const WHY_KEPT: Record<KeptRun, string> = {
  open: 'goes on, and was not erased. Stop it (/agent stop), and erase again.',
  'in-repair':
    'was not erased: its messages in Slack still look as before its end, and the service repairs them. Erase again when they show it, or after 90 days.',
  'without-view':
    'was not erased: the ledger has no view of it that says if it is over. Run "countersign migrate", and erase again.',
};

/** Prints the runs that a person asked for, and the entries of other runs that name them. */
export async function findPerson(text: string, place: Place): Promise<void> {
  const person = personOf(text);
  await withLedger(place, async (ledger) => {
    const { asked, elsewhere, followUps } = await searchPerson(ledger, person);
    for (const [run, at] of asked) say(`Run ${shown(run)}: asked for on ${shown(at)}.`);
    for (const [run, kinds] of elsewhere)
      say(`Run ${shown(run)}: asked for by somebody else, with ${user(person)} in ${[...kinds].join(', ')}.`);
    for (const [run, of] of followUps) say(followUpText(run, of));
    say(`${user(person)}: ${counted(asked.size, 'own run', 'own runs')}, named in ${elsewhere.size} others.`);
  });
}

/** Erases the runs that a person asked for. Votes in the runs of others keep the person's id, and follow-ups what they go on from. */
export async function erasePerson(text: string, { yes, ...place }: Place & { yes?: true }): Promise<void> {
  const person = personOf(text);
  await change(place, async (ledger) => {
    const { asked, elsewhere, followUps } = await searchPerson(ledger, person);
    const found = `${counted(asked.size, 'run', 'runs')} that ${user(person)} asked for`;
    if (!yes)
      throw new CountersignError(
        'Usage',
        `This would erase ${found}, for ever. To do it: countersign ledger erase-person ${text} --yes`,
      );
    const kept = await ledger.erase([...asked.keys()]);
    await ledger.forgetVisits(person.user);
    say(`Erased: ${asked.size - kept.size} of ${found}.`);
    for (const [run, reason] of kept) say(`Run ${shown(run)} ${WHY_KEPT[reason]}`);
    if (elsewhere.size > 0)
      say(
        `${counted(elsewhere.size, 'run', 'runs')} of others still name ${user(person)}: the id, and notes.`,
      );
    for (const [run, of] of followUps) say(followUpText(run, of));
    if (kept.size > 0) process.exitCode = 1;
  });
}

function followUpText(run: string, of: string): string {
  return `Run ${shown(run)}: asked for by somebody else as a follow-up on run ${shown(of)}; it holds the goal, title and result of that run.`;
}

interface Named {
  team?: string;
  user: string;
}

/** Finds a person in the entries that can still be read, and the follow-ups of others on their runs. It goes through the whole ledger. */
async function searchPerson(ledger: Pick<Ledger, 'since'>, { team, user }: Named) {
  const asked = new Map<string, string>();
  const elsewhere = new Map<string, Set<string>>();
  const followUps = new Map<string, string>();
  for (let cursor = BEGINNING; ; ) {
    const page = await ledger.since(cursor, PAGE);
    if (page.entries.length === 0) break;
    cursor = page.cursor;
    const following = page.entries.filter(({ data }) => data.includes('"followUp"'));
    for (const { shortId, kind, data } of eventsIn(following))
      if (kind === 'started' && data.followUp) followUps.set(shortId, data.followUp.shortId);
    for (const entry of eventsIn(page.entries.filter(({ data }) => data.includes(user)))) {
      const { shortId, kind, at, data } = entry;
      const requester = kind === 'started' ? data.requester : undefined;
      const isTheirs = requester?.user === user && (team === undefined || requester.team === team);
      if (isTheirs) asked.set(shortId, at);
      else elsewhere.set(shortId, (elsewhere.get(shortId) ?? new Set()).add(kind));
    }
  }
  for (const run of asked.keys()) elsewhere.delete(run);
  for (const [run, of] of followUps) if (asked.has(run) || !asked.has(of)) followUps.delete(run);
  return { asked, elsewhere, followUps };
}

/** Opens a ledger that is there already, to change it. */
async function change(place: Place, work: (ledger: Ledger) => Promise<void>): Promise<void> {
  await withLedger<Ledger>(place, work, async (url) => {
    await (await openLedgerToRead(url)).close();
    return await openLedger(url);
  });
}

function momentOf(text: string): string {
  const ms = parseDuration(text);
  const moment = ms === undefined ? Date.parse(text) : Date.now() - ms;
  if (Number.isNaN(moment) || (ms === undefined && !/^\d{4}-\d\d-\d\d/.test(text)))
    throw new CountersignError(
      'Usage',
      '--before: give a duration such as 90d or "90 days", or a date such as 2026-01-31.',
    );
  if (moment > Date.now())
    throw new CountersignError(
      'Usage',
      `--before: ${shown(text)} is in the future, so this would erase all runs that are over. Give a moment in the past.`,
    );
  return new Date(moment).toISOString();
}

/** Reads `U0123` or `T0123/U0123`. */
function personOf(text: string): Named {
  const [, team, user] = /^(?:([TE][A-Z0-9]+)\/)?([UW][A-Z0-9]+)$/.exec(text) ?? [];
  if (user === undefined)
    throw new CountersignError(
      'Usage',
      `"${shown(text)}" is no person. Give the id that Slack shows under "Copy member ID", such as U0123ABCD, or T0123ABCD/U0123ABCD with the team.`,
    );
  return { user, ...(team !== undefined && { team }) };
}

function user(person: Named): string {
  return person.team === undefined ? person.user : `${person.team}/${person.user}`;
}

function counted(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}
