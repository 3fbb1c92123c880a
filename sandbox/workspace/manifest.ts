import { parse } from 'yaml';
import { z } from 'zod';
import type { SlashCommand } from './protocol.js';

/** The part of a Slack app manifest that the workspace uses. */
export interface Manifest {
  scopes: string[];
  commands: AppCommand[];
  events: string[];
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
  }),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({ event_subscriptions: z.object({ bot_events: z.array(z.string()) }).optional() }),
});

/** Reads a manifest in YAML. The app gets exactly its scopes, commands and events. */
export function readManifest(text: string): Manifest {
  const { features, oauth_config, settings } = schema.parse(parse(text));
  return {
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
  scopes: [
    ...KINDS.flatMap((kind) => [`${kind}:read`, `${kind}:history`, `${kind}:write`]),
    ...[
      'commands',
      'chat:write',
      'app_mentions:read',
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
    ...['app_home_opened', 'app_mention', 'message.channels', 'message.im'],
    ...['channel', 'group'].flatMap((kind) =>
      ['archive', 'unarchive', 'deleted', 'left'].map((what) => `${kind}_${what}`),
    ),
  ],
};
