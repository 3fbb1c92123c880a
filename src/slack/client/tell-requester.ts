import type { WebClient } from '@slack/web-api';
import type { Messenger, PostOnce } from '../../activities/ports.js';
import type { Person } from '../../approval/person.js';
import { CountersignError, RemoteError } from '../../platform/errors.js';
import { withTimeout } from '../../platform/with-timeout.js';
import type { MessageRef } from '../../run/message.js';
import { titleOf } from '../../run/requester-notice.js';
import { missing } from '../../telemetry/warnings.js';
import type { MessagePayload } from '../messages/kit/payload.js';
import { type About, endingNotice, peopleIn } from '../messages/notices/requester-notice.js';
import type { Directory } from '../permissions/directory.js';
import { remember } from '../permissions/remember.js';
import { isTokenError } from '../token-errors.js';
import { postOnce, threadPlace } from './post-once.js';
import { directMessage, permalink } from './web/web.js';

/** Longest wait for the names in a line, in milliseconds. */
const NAMES_WITHIN_MS = 1_000;

/** Longest look through a channel's members, in milliseconds. Decisions about a new revision, and the end of a run, wait for it. */
const LOOK_WITHIN_MS = 3_000;
/** Time for which a requester counts as in a channel, or not, after a look, in milliseconds. */
const REMEMBERED_MS = 120_000;

/** A line for a run's requester. `at`: the message that it leads to. `people`: user ids of the others whom it names. */
export interface Line {
  requester: Person;
  at?: MessageRef | undefined;
  people: string[];
  draw(how: Pick<About, 'link' | 'to'>): MessagePayload;
}

export type RequesterNotices = ReturnType<typeof createRequesterNotices>;

/** Tells a run's requester of something, once: by a mention in the thread, or directly where they aren't in its channel. */
export function createRequesterNotices(
  client: WebClient,
  directory: Pick<Directory, 'isInChannel' | 'namesOf'>,
) {
  const linkTo = async (at: MessageRef | undefined) => at && (await permalink(client, at));

  const looks = remember((place) => {
    const [channel = '', user = ''] = place.split('/');
    const look = (signal: AbortSignal) => directory.isInChannel(channel, { user }, signal);
    return withTimeout(LOOK_WITHIN_MS, look, () => {
      throw new CountersignError('MembershipUnsure', 'Slack did not answer in time who is in a channel');
    });
  });

  /** True if a mention in this channel reaches the requester. Where Slack can't say so in time, it is made there. */
  const isThere = async (channel: string, { user }: Person): Promise<boolean> =>
    channel.startsWith('D') || (await looks(`${channel}/${user}`, REMEMBERED_MS).catch(missing(true)));

  const drawFor = async ({ channel }: MessageRef, { at, people, draw }: Line): Promise<MessagePayload> => {
    const names = await directory.namesOf(people, { shownIn: channel, withinMs: NAMES_WITHIN_MS });
    return draw({ link: await linkTo(at), to: { kind: 'thread', nameOf: (user) => names.get(user) } });
  };

  const tellInThread = (thread: MessageRef, line: Line, once: PostOnce): Promise<boolean> =>
    isTaken(async () => {
      await postOnce(client, { ...threadPlace(thread), ...(await drawFor(thread, line)) }, once);
    });

  const tellDirectly = ({ requester, at, draw }: Line, once: PostOnce): Promise<boolean> =>
    isTaken(async () => {
      const channel = await directMessage(client, requester.user);
      const payload = draw({ link: await linkTo(at), to: { kind: 'direct' } });
      await postOnce(client, { channel, ...payload }, { ...once, key: `${once.key}/direct` });
    });

  return {
    isThere,
    drawFor,
    tellDirectly,
    /** Without a thread the requester is told directly. Whoever can't be reached in either way is left out. */
    async tell(thread: MessageRef | undefined, line: Line, once: PostOnce): Promise<void> {
      if (!thread) return void (await tellDirectly(line, once));
      const ways = [() => tellInThread(thread, line, once), () => tellDirectly(line, once)];
      if (!(await isThere(thread.channel, line.requester))) ways.reverse();
      for (const tell of ways) if (await tell()) return;
    },
  };
}

/** Tells the requester of the end that a card shows. */
export function createEndingNotices(notices: RequesterNotices): Pick<Messenger, 'tellRequester'> {
  return {
    async tellRequester({ card, at, thread }, once) {
      const { shortId, requester, state } = card;
      const about = { shortId, title: titleOf(card), requester: requester.user };
      const draw: Line['draw'] = (how) => endingNotice(state, { ...about, ...how });
      await notices.tell(thread, { requester, at, people: peopleIn(state), draw }, once);
    },
  };
}

/** Does a post. False when Slack refuses it here, for good or until an operator mends something: there may be another way. */
async function isTaken(post: () => Promise<void>): Promise<boolean> {
  try {
    await post();
    return true;
  } catch (error) {
    if (!(error instanceof RemoteError) || error.retryable || isTokenError(error.code)) throw error;
    return false;
  }
}
