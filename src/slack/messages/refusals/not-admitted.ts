import type { LimitReached, NotAdmitted } from '../../../run/admission.js';
import { code, count, escapeMrkdwn, moment } from '../kit/text.js';

/** Limit for the runs, and for the channels, that are listed. */
const LISTED = 10;

/** Explains to the requester why a run doesn't start. `isOwn`: false for the retry of a run, which another person may have asked for. */
export function notAdmittedText(refusal: NotAdmitted, { isOwn = true } = {}): string {
  return `:no_entry: Nothing was started: ${reasonText(refusal, isOwn)}`;
}

/** Tells the requester that a run waits before its search. */
export function startWaitsText(shortId: string): string {
  return `:hourglass: Run ${code(shortId)} waits: Slack can't say just now whether you may ask me. It begins by itself once Slack has answered.`;
}

function reasonText(refusal: NotAdmitted, isOwn: boolean): string {
  switch (refusal.reason) {
    case 'not-a-requester':
      return `${isOwn ? 'you are' : 'the person who asked is'} not among those who may ask me here. The people who run me decide who may.`;
    case 'elsewhere': {
      if (!isOwn) return 'I no longer work in the channel of this run.';
      const channels = refusal.channels.slice(0, LISTED).map((id) => `<#${escapeMrkdwn(id)}>`);
      if (channels.length === 0)
        return 'I work in certain channels only, and I found none of them that you are in.';
      return `I work in certain channels only. Ask me in ${channels.join(', ')}.`;
    }
    case 'limit':
      return limitText(refusal.limit, isOwn);
    case 'others-conversation':
      return 'I can’t post in this conversation, and nobody can invite me to it. Ask me in a channel, or in a direct message with me.';
  }
}

function limitText(limit: LimitReached, isOwn: boolean): string {
  const person = isOwn ? 'you have' : 'the person who asked has';
  const whose = limit.of === 'person' ? person : 'the channel of the plan has';
  if (limit.part === 'perDay') {
    const runs = `${count(limit.limit, 'run')} in the last 24 hours`;
    return `${whose} started ${runs}, and that is the limit. It goes on ${moment(limit.goesOnAt)}.`;
  }
  const running = isOwn ? (limit.running ?? []).slice(0, LISTED).map(code).join(', ') : '';
  const which = running && ` Yours: ${running}. \`/agent cancel <run>\` ends one.`;
  return `${whose} ${count(limit.limit, 'run')} that ${limit.limit === 1 ? 'is' : 'are'} not over, and that is the limit. It goes on when one of them is over.${which}`;
}
