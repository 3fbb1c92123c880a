import type { CardState } from '../../../run/card.js';
import { mayStartAgain, type RevisionNews } from '../../../run/requester-notice.js';
import { actions, blockList, line, startAgainButton } from '../kit/blocks.js';
import type { MessagePayload } from '../kit/payload.js';
import { clip, code, mention, oneLine } from '../kit/text.js';

/** Limits for a title, and for a reason, in characters. A phone shows about two lines of a notification. */
const TITLE = 100;
const REASON = 200;

/** The run that a line is about, and whom it addresses. */
export interface About {
  shortId: string;
  title: string;
  /** User id of the requester. */
  requester: string;
  /** Leads to the message. */
  link?: string | undefined;
  /** In the thread: the requester is mentioned, and the others are named without a ping. Directly: nobody else gets the message. */
  to: { kind: 'thread'; nameOf: (user: string) => string | undefined } | { kind: 'direct' };
}

/** One line about the end of a run. `Start again` goes along where the card may be out of the requester's sight. */
export function endingNotice(state: CardState, about: About): MessagePayload {
  const { shortId, to } = about;
  const { icon, sentence, open } = endingOf(state, about);
  const again = to.kind === 'direct' && mayStartAgain(state);
  const { text, blocks } = notice(icon, sentence, open, about);
  return { text, blocks: blockList(blocks, again && actions('requester', startAgainButton(shortId))) };
}

/** One line about a new revision that waits. */
export function revisionNotice({ kind, by }: RevisionNews, revision: number, about: About): MessagePayload {
  const title = oneLine(about.title, TITLE);
  const waits = `Revision ${revision} of ${title} waits for approval.`;
  if (by.user === about.requester) {
    return notice(
      ':pencil2:',
      `Revision ${revision} of ${title} is ready, with the changes you asked for.`,
      'Open the card',
      about,
    );
  }
  const did = kind === 'edit' ? 'edited your plan' : 'asked for changes to your plan';
  return notice(':pencil2:', `${personText(by.user, about)} ${did}. ${waits}`, 'Open the card', about);
}

function notice(
  icon: string,
  sentence: string,
  open: string,
  { requester, link, to, shortId }: About,
): MessagePayload {
  const whom = to.kind === 'thread' ? `${mention(requester)}: ` : '';
  const where = link ? ` <${link}|${open}>` : '';
  const run = to.kind === 'direct' ? ` · run ${code(shortId)}` : '';
  const text = `${icon} ${whom}${sentence}${where}${run}`;
  return { text, blocks: [line(text)] };
}

function endingOf(state: CardState, about: About): { icon: string; sentence: string; open: string } {
  const title = oneLine(about.title, TITLE);
  switch (state.kind) {
    case 'rejected': {
      const { by, note } = state.decision;
      const why = note.trim() === '' ? '.' : `: ${oneLine(note, REASON)}`;
      return {
        icon: ':no_entry:',
        sentence: `${personText(by.user, about)} rejected your plan ${title}${why}`,
        open: 'Open the card',
      };
    }
    case 'expired':
      return {
        icon: ':alarm_clock:',
        sentence: `Nobody decided about your plan ${title} in time. Nothing was done.`,
        open: 'Open the card',
      };
    case 'cancelled': {
      const who = state.by && personText(state.by.user, about);
      const why = state.why === undefined ? '.' : `: ${oneLine(state.why, REASON)}`;
      const sentence = who ? `${who} stopped your run ${title}${why}` : `Your run ${title} stopped${why}`;
      return { icon: ':octagonal_sign:', sentence, open: 'Open the card' };
    }
    case 'failed':
      return {
        icon: ':warning:',
        sentence: `Your run ${title} failed: ${oneLine(state.failure.message, REASON)}`,
        open: 'Open the card',
      };
    case 'gone':
      return {
        icon: ':octagonal_sign:',
        sentence: `Your run ${title} ended outside Slack. I do nothing more.`,
        open: 'Open the card',
      };
    default:
      return { icon: ':white_check_mark:', sentence: `Your run ${title} is done.`, open: 'Open the result' };
  }
}

/** User ids of the people whom the line about an end names. */
export function peopleIn(state: CardState): string[] {
  if (state.kind === 'rejected') return [state.decision.by.user];
  return state.kind === 'cancelled' && state.by ? [state.by.user] : [];
}

/** Characters of a name that Slack could take for markup, for an address or for the name of a channel. */
const MARKUP = /[^\p{L}\p{M}\p{N} '’.-]|\.(?! |$)/gu;

/** A person in a line. A mention would ping them about their own click, so the thread has their name. */
function personText(user: string, { to }: About): string {
  if (to.kind === 'direct') return mention(user);
  const name = to.nameOf(user)?.replaceAll(MARKUP, ' ').replaceAll(/\s+/g, ' ').trim();
  return name ? clip(name, 80) : 'Somebody';
}
