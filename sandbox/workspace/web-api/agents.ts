import type { AgentSession, SuggestedPrompt } from '../protocol.js';
import { isFields } from '../validation/problems.js';
import { type Api, ApiError, type Args, channelOf, isMember, type Method } from './request.js';

const STATUSES: readonly string[] = ['active', 'processing', 'suspended', 'closed'];
/** Source: Slack's `agents.sessions.setStatus` and `assistant.threads.setSuggestedPrompts`. */
const MAX_TITLE = 200;
const MAX_PROMPTS = 4;

const NO_STOP = 'missing_agent_session_stopped_event_subscription';

/** Slack's methods for agents. Source: Slack's "Agent sessions" and "Migrating to the Agent messaging experience". */
export const agents: Record<string, Method> = {
  'agents.sessions.setStatus': (api, args) => {
    api.need('chat:write');
    if (!api.agent.isDeclared) throw new ApiError('not_authorized');
    const status = args.string('status') ?? '';
    if (!STATUSES.includes(status)) throw invalid('must be a valid enum value', '/status');
    const title = args.string('title');
    if (title && title.length > MAX_TITLE)
      throw invalid(`must be less than ${MAX_TITLE} characters`, '/title');
    const { channel, thread } = threadOf(api, args);
    const initiator = args.string('initiator_user_id');
    if (initiator && !channel.members.includes(initiator)) throw new ApiError('user_not_in_channel');
    const session = api.agent.sessions.setStatus(channel.id, thread, status as AgentSession['status'], title);
    const about = { status, agent_status: status, ...(session.title && { title: session.title }) };
    if (api.agent.canStop) return about;
    return { ...about, warning: NO_STOP, response_metadata: { warnings: [NO_STOP] } };
  },

  'assistant.threads.setStatus': (api, args) => {
    api.need('chat:write', 'assistant:write');
    if (args.raw.status === undefined) throw invalid('missing required field', '/status');
    const { channel, thread } = threadOf(api, args);
    const { sessions, isDeclared } = api.agent;
    sessions.setWords(channel.id, thread, args.string('status') ?? '', { isAgent: isDeclared });
    return {};
  },

  'assistant.threads.setSuggestedPrompts': (api, args) => {
    api.need('assistant:write');
    const { kind, members } = channelOf(api, args.need('channel_id', 'channel_not_found'));
    if (kind !== 'im') throw new ApiError('channel_not_found');
    const prompts = args.json('prompts', 'invalid_arguments');
    const isPrompt = (prompt: unknown) =>
      isFields(prompt) && typeof prompt.title === 'string' && typeof prompt.message === 'string';
    if (!Array.isArray(prompts) || prompts.length > MAX_PROMPTS || !prompts.every(isPrompt)) {
      throw invalid('must be up to four prompts', '/prompts');
    }
    // For an agent, a call with a thread does nothing, in silence.
    if (args.string('thread_ts')) return {};
    const user = members.find((member) => member !== api.state.data.app.botUser) ?? '';
    const title = args.string('title');
    const suggestions = { prompts: prompts as SuggestedPrompt[], ...(title && { title }) };
    api.agent.sessions.suggest(user, suggestions);
    return {};
  },
};

function threadOf(api: Api, args: Args) {
  const channel = channelOf(api, args.need('channel_id', 'channel_not_found'));
  if (!isMember(api, channel)) throw new ApiError('not_in_channel');
  const thread = args.need('thread_ts', 'invalid_thread_ts');
  const root = api.state.message(channel.id, thread);
  if (!root || root.threadTs) throw new ApiError('invalid_thread_ts');
  return { channel, thread };
}

function invalid(problem: string, pointer: string): ApiError {
  const messages = [`[ERROR] ${problem} [json-pointer:${pointer}]`];
  return new ApiError('invalid_arguments', { response_metadata: { messages } });
}
