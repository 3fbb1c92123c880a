import type { KnownBlock, ModalView } from '@slack/types';
import type { Decision } from '../../../approval/judge.js';
import type { Person } from '../../../approval/person.js';
import type { ApprovalPolicy } from '../../../approval/policy.js';
import type { Checkpoint, GoneOutcome, LedgerHead, PlanRevision, RunFailure } from '../../../run/run.js';
import { VIEWS } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { context, line } from '../kit/lines.js';
import { quote, richText } from '../kit/rich-text.js';
import { clip, count, escapeMrkdwn, listed, mention, moment, plain, verbatim } from '../kit/text.js';
import { approverMention, policyWords } from '../kit/who.js';
import { goneWords } from '../plan/outcome.js';
import { toolWords } from '../tool/call.js';
import { type ExecutionData, type Told, tellExecution } from './execution-story.js';
import { tellRefused } from './refused-story.js';

/** What the parts of an entry may be; which it has depends on its kind. */
interface Data {
  goal: string;
  requester: Person;
  policy: ApprovalPolicy;
  retriedBy: Person;
  revision: number;
  digest: string;
  plan: PlanRevision['plan'];
  editedBy: Person;
  expiresAt: string;
  decision: Decision;
  votes: number | Decision[];
  of: number;
  mentioned: string[];
  messages: unknown[];
  sources: unknown[];
  usage: { inputTokens: number; outputTokens: number };
  state: string;
  why: GoneOutcome['why'];
  failure: RunFailure;
  copy: boolean;
  ask: string;
  /** The tool that an approval is about. */
  tool: string;
}

/** A view takes so many blocks; two are kept for the head and the foot. */
const MAX_BLOCKS = LIMITS.viewBlocks - 4;

/** The same in bytes, with room for the rest of the view. */
const MAX_BYTES = LIMITS.viewBytes - 10_000;

/** The run's whole story, readable: who did what, when, and in what words. */
export function storyModal(runId: string, entries: Checkpoint[], head?: LedgerHead): ModalView {
  const blocks = entries.flatMap(entryBlocks);
  const shown = newest(blocks);
  const cut = blocks.length > shown.length;
  return {
    type: 'modal',
    callback_id: VIEWS.story,
    title: plain(`Run ${runId}`, LIMITS.viewTitle),
    close: plain('Close', LIMITS.viewClose),
    blocks: [
      ...(cut
        ? [
            context(
              `The beginning is left out here; \`countersign ledger show ${escapeMrkdwn(runId)}\` prints it all.`,
            ),
          ]
        : []),
      ...(shown.length > 0 ? shown : [line('The ledger has nothing of this run.')]),
      ...(head ? [{ type: 'divider' as const }, context(chainWords(head))] : []),
    ],
  };
}

/** As many of the last blocks as a view takes. */
function newest(blocks: KnownBlock[]): KnownBlock[] {
  let bytes = 0;
  let from = blocks.length;
  while (from > Math.max(blocks.length - MAX_BLOCKS, 0)) {
    bytes += Buffer.byteLength(JSON.stringify(blocks[from - 1]));
    if (bytes > MAX_BYTES) break;
    from -= 1;
  }
  return blocks.slice(from);
}

function chainWords({ sequence, hash }: LedgerHead): string {
  return `${sequence} ${sequence === 1 ? 'entry' : 'entries'}, each chained to the one before it; the last hash is \`${escapeMrkdwn(clip(hash, 64))}\`. \`countersign ledger verify\` checks them.`;
}

function entryBlocks({ kind, at, data }: Checkpoint): KnownBlock[] {
  const told = tell(kind, (data ?? {}) as Partial<Data>);
  if (!told) return [];
  const { text, words } = told;
  return [
    // Whatever stands in the ledger: one entry must not keep the others from being read.
    line(clip(`${moment(at)} · ${text}`, LIMITS.sectionText)),
    ...(words && words.trim() !== '' ? [richText(quote(verbatim(clip(words, 2_000))))] : []),
  ];
}

function tell(kind: Checkpoint['kind'], data: Partial<Data>): Told | undefined {
  const { decision, policy, requester, revision, expiresAt } = data;
  switch (kind) {
    case 'started': {
      const again = data.retriedBy ? `:repeat: ${mention(data.retriedBy.user)} tried it again` : undefined;
      const asked = requester ? `:speech_balloon: ${mention(requester.user)} asked` : 'It began';
      return { text: again ?? asked, ...(data.goal !== undefined && { words: data.goal }) };
    }
    case 'searched':
      return {
        text: `:mag: The web was searched: ${count(data.sources?.length ?? 0, 'source')}${tokens(data)}`,
      };
    case 'planned': {
      const who = data.editedBy ? `${mention(data.editedBy.user)} edited the plan` : 'The plan was written';
      const steps = count(data.plan?.steps.length ?? 0, 'step');
      return {
        text: `:memo: ${who}: revision ${revision}, ${steps}${tokens(data)} · digest ${digest(data)}`,
        ...(data.plan && { words: data.plan.steps.map(({ title }, at) => `${at + 1}. ${title}`).join('\n') }),
      };
    }
    case 'requested':
      return {
        text: `:ballot_box_with_ballot: Revision ${revision} waits for ${policyWords(policy)}${expiresAt ? `; it expires ${moment(expiresAt)}` : ''}`,
      };
    case 'voted':
      return (
        decision &&
        said(
          `:white_check_mark: ${mention(decision.by.user)} approved (${data.votes} of ${data.of})`,
          decision,
        )
      );
    case 'tool-voted':
      return (
        decision &&
        said(
          `:white_check_mark: ${mention(decision.by.user)} approved the call of ${toolWords(data.tool ?? '')} (${data.votes} of ${data.of})`,
          decision,
        )
      );
    case 'lapsed':
      return (
        decision && {
          text: `:heavy_minus_sign: The approval of ${mention(decision.by.user)} no longer counts: they are no approver any more`,
        }
      );
    case 'extended':
      return (
        decision && {
          text: `:hourglass: ${mention(decision.by.user)} extended it${expiresAt ? ` to ${moment(expiresAt)}` : ''}`,
        }
      );
    case 'reminded':
      return { text: `:bell: A reminder went to ${people(data.mentioned)}` };
    case 'escalated':
      return { text: `:mega: ${people(data.mentioned)} may approve, too, from here on` };
    case 'notified':
      return { text: `:incoming_envelope: ${count(data.messages?.length ?? 0, 'direct message')} went out` };
    case 'decided':
      return decision && DECIDED[decision.kind](decision, data);
    case 'refused':
      return tellRefused(data);
    case 'executed':
      return { text: `:gear: The plan was carried out${tokens(data)}` };
    case 'ended':
      if (data.state === 'gone' && data.why) return { text: `:octagonal_sign: ${goneWords(data.why)}` };
      return {
        text: `:checkered_flag: It ended: ${escapeMrkdwn(data.state ?? 'over')}`,
        ...(data.failure && { words: data.failure.message }),
      };
    case 'unshown':
      return { text: ':warning: Slack did not take the last update of the card; it is tried again' };
    case 'repaired':
      return { text: `:wrench: ${repairedWords(data)} brought up to date afterwards` };
    case 'turned':
    case 'tool-requested':
    case 'tool-decided':
    case 'tool-called':
    case 'questioned':
    case 'answered':
    case 'granted':
    case 'continued':
      return tellExecution(kind, data as Partial<ExecutionData>);
    case 'posted':
      return data.copy || data.ask ? undefined : { text: ':page_facing_up: The card was posted' };
  }
}

const DECIDED: Record<Decision['kind'], (decision: Decision, data: Partial<Data>) => Told> = {
  approve: (_decision, { revision, ...data }) => ({
    text: `:white_check_mark: Revision ${revision ?? ''} was approved by ${voters(data.votes)} · digest ${digest(data)}`,
  }),
  reject: (decision) => said(`:no_entry: ${mention(decision.by.user)} rejected it`, decision),
  changes: (decision) => said(`:pencil2: ${mention(decision.by.user)} asked for changes`, decision),
  edit: (decision) => said(`:pencil2: ${mention(decision.by.user)} edited the plan`, decision),
  extend: (decision) => said(`:hourglass: ${mention(decision.by.user)} extended it`, decision),
};

function repairedWords({ messages }: Partial<Data>): string {
  if (!messages) return 'The card was';
  return `${count(messages.length, 'direct message')} ${messages.length === 1 ? 'was' : 'were'}`;
}

/** Who approved, or how many. */
function voters(votes: Data['votes'] | undefined): string {
  return Array.isArray(votes) ? listed(votes.map((vote) => mention(vote.by.user))) : 'those who had to';
}

function said(text: string, { note }: Decision): Told {
  return { text, words: note };
}

function people(ids: string[] = []): string {
  return ids.length > 0 ? listed(ids.map((id) => approverMention(id, ''))) : 'nobody in particular';
}

function digest({ digest: hex, decision }: Partial<Data>): string {
  return `\`${escapeMrkdwn((hex ?? decision?.digest ?? '').slice(0, 12))}\``;
}

function tokens({ usage }: Partial<Data>): string {
  return usage ? ` (${usage.inputTokens + usage.outputTokens} tokens)` : '';
}
