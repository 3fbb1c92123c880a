import { parse } from 'yaml';
import { z } from 'zod';
import type { SlashCommand, SuggestedPrompt } from './protocol.js';

/** The part of a Slack app manifest that the workspace uses. */
export interface Manifest {
  scopes: string[];
  commands: AppCommand[];
  events: string[];
  /** False: people can't write in the app's Messages tab. */
  takesMessages: boolean;
  /** Set for an app that is declared as an agent (`agent_view`). */
  agent?: { prompts: SuggestedPrompt[] };
}

/** `escapes`: Slack escapes the text of the command, and names people and channels in it by id. */
export interface AppCommand extends SlashCommand {
  escapes: boolean;
}

const schema = z.object({
  features: z.object({
    slash_commands: z.array(
      z.object({
        command: z.string(),
        description: z.string().default(''),
        usage_hint: z.string().default(''),
        should_escape: z.boolean().default(false),
      }),
    ),
    // Slack's default: the tab is on, and people can't write in it.
    app_home: z
      .object({
        messages_tab_enabled: z.boolean().default(true),
        messages_tab_read_only_enabled: z.boolean().default(true),
      })
      .prefault({}),
    agent_view: z
      .object({
        suggested_prompts: z.array(z.object({ title: z.string(), message: z.string() })).default([]),
      })
      .optional(),
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({ event_subscriptions: z.object({ bot_events: z.array(z.string()) }).optional() }),
});

/** Reads a manifest in YAML. The app gets exactly its scopes, commands and events. */
export function readManifest(text: string): Manifest {
  const { features, oauth_config, settings } = schema.parse(parse(text));
  const { app_home: tab, agent_view: agent } = features;
  return {
    takesMessages: tab.messages_tab_enabled && !tab.messages_tab_read_only_enabled,
    ...(agent && { agent: { prompts: agent.suggested_prompts } }),
    scopes: oauth_config.scopes.bot,
    commands: features.slash_commands.map(({ command, description, usage_hint, should_escape }) => ({
      command,
      description,
      usageHint: usage_hint,
      escapes: should_escape,
    })),
    events: settings.event_subscriptions?.bot_events ?? [],
  };
}

const KINDS = ['channels', 'groups', 'im', 'mpim'];

/** A manifest with everything that the workspace supports. */
export const EVERYTHING: Manifest = {
  takesMessages: true,
  agent: { prompts: [] },
  scopes: [
    ...KINDS.flatMap((kind) => [`${kind}:read`, `${kind}:history`, `${kind}:write`]),
    ...[
      'commands',
      'chat:write',
      'app_mentions:read',
      'assistant:write',
      'files:read',
      'files:write',
      'channels:join',
      'users:read',
      'usergroups:read',
      'reactions:write',
      'team:read',
    ],
  ],
  commands: [{ command: '/agent', description: 'Start a run', usageHint: '<goal>', escapes: false }],
  events: [
    ...['app_home_opened', 'app_mention', 'message.channels', 'message.im', 'agent_session_stopped'],
    ...['channel', 'group'].flatMap((kind) =>
      ['archive', 'unarchive', 'deleted', 'left'].map((what) => `${kind}_${what}`),
    ),
  ],
};
