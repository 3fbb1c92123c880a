import type { LimitReached, NotAdmitted } from '../../../run/admission.js';
import { MARKS } from '../kit/markdown/marks.js';
import { code, count, escapeMrkdwn, moment } from '../kit/text.js';

/** Limit for the runs, and for the channels, that are listed. */
const LISTED = 10;

/** Explains to the requester why a run doesn't start. `isOwn`: false for the retry of a run, which another person may have asked for. */
export function notAdmittedText(refusal: NotAdmitted, { isOwn = true } = {}): string {
  return `:no_entry: I started nothing: ${reasonText(refusal, isOwn)}`;
}

/** Tells the requester that a run waits before its search. */
export function startWaitsText(shortId: string): string {
  return `${MARKS.onHold} Run ${code(shortId)} is on hold: Slack can't tell me right now whether you may start runs. I'll start it when Slack answers.`;
}

function reasonText(refusal: NotAdmitted, isOwn: boolean): string {
  switch (refusal.reason) {
    case 'not-a-requester':
      return `${isOwn ? 'you' : 'the person who asked'} can't start runs here. Ask an operator.`;
    case 'elsewhere': {
      if (!isOwn) return 'I no longer work in the channel of this run.';
      const channels = refusal.channels.slice(0, LISTED).map((id) => `<#${escapeMrkdwn(id)}>`);
      if (channels.length === 0) return 'I only work in certain channels, and I found none that you are in.';
      return `I only work in certain channels. Ask me in ${channels.join(', ')}.`;
    }
    case 'limit':
      return limitText(refusal.limit, isOwn);
    case 'others-conversation':
      return "I can't post in this conversation, and nobody can invite me to it. Ask me in a channel, or in a direct message.";
  }
}

function limitText(limit: LimitReached, isOwn: boolean): string {
  const person = isOwn ? 'you have' : 'the person who asked has';
  const whose = limit.of === 'person' ? person : 'the channel of the plan has';
  if (limit.part === 'perDay') {
    const runs = `${count(limit.limit, 'run')} in the last 24 hours`;
    return `${whose} started ${runs}, and that's the limit. The next one can start ${moment(limit.goesOnAt)}.`;
  }
  const running = isOwn ? (limit.running ?? []).slice(0, LISTED).map(code).join(', ') : '';
  const which = running && ` Yours: ${running}. To stop one: \`/agent stop <run>\`.`;
  return `${whose} ${count(limit.limit, 'open run')}, and that's the limit. The next one can start when one ends.${which}`;
}
