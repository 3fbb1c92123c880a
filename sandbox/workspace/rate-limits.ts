/** Calls a minute, by method. Source: Slack's rate limit tiers. Other methods have no limit. */
const PER_MINUTE: Record<string, number> = {
  'chat.update': 50,
  'chat.delete': 50,
  'chat.postEphemeral': 100,
  'views.open': 100,
  'views.push': 100,
  'views.update': 100,
  'views.publish': 100,
  'conversations.info': 50,
  'conversations.list': 20,
  'conversations.history': 50,
  'conversations.replies': 50,
  'conversations.members': 100,
  'conversations.open': 50,
  'files.getUploadURLExternal': 100,
  'files.completeUploadExternal': 100,
  'files.info': 100,
  'users.info': 100,
  'users.list': 20,
  'usergroups.list': 20,
  'usergroups.users.list': 20,
  'reactions.add': 50,
  'agents.sessions.setStatus': 50,
  'assistant.threads.setSuggestedPrompts': 100,
};

/** Burst of `chat.postMessage` in a channel, above its one message a second. */
const POST_BURST = 30;

export class RateLimits {
  #calls = new Map<string, number[]>();
  #posts = new Map<string, { tokens: number; at: number }>();

  constructor(readonly enabled: boolean) {}

  /** Seconds to wait; 0 when the call may pass. */
  waitS(method: string, channel: string): number {
    if (!this.enabled) return 0;
    if (method === 'chat.postMessage') return this.#post(channel);
    const limit = PER_MINUTE[method];
    if (limit === undefined) return 0;
    const now = Date.now();
    const recent = (this.#calls.get(method) ?? []).filter((at) => now - at < 60_000);
    this.#calls.set(method, recent);
    const oldest = recent[0];
    if (recent.length >= limit && oldest !== undefined) return Math.ceil((60_000 - (now - oldest)) / 1000);
    recent.push(now);
    return 0;
  }

  #post(channel: string): number {
    const now = Date.now();
    const before = this.#posts.get(channel) ?? { tokens: POST_BURST, at: now };
    const tokens = Math.min(POST_BURST, before.tokens + (now - before.at) / 1000);
    this.#posts.set(channel, { tokens: tokens < 1 ? tokens : tokens - 1, at: now });
    return tokens < 1 ? Math.max(1, Math.ceil(1 - tokens)) : 0;
  }
}
