import { randomBytes } from 'node:crypto';
import type { StoredFile } from './files/stored-file.js';
import { GRID_PEOPLE, GRID_TRAITS, type Grid, type GridOptions, newGrid } from './grid.js';
import type { Channel, Person, QueuedCommand, UserGroup } from './protocol.js';
import type { StoredMessage, StoredView } from './state.js';

/** State of a workspace that survives a restart. */
export interface WorkspaceData {
  team: { id: string; name: string; domain: string };
  /** Set for a workspace of an organization on Enterprise Grid. */
  grid?: Grid;
  app: { id: string; name: string; botId: string; botUser: string };
  credentials: Credentials;
  people: Person[];
  userGroups: UserGroup[];
  channels: Channel[];
  messages: StoredMessage[];
  /** By id. */
  files: Record<string, StoredFile>;
  homes: Record<string, StoredView>;
  queued: QueuedCommand[];
  read: Record<string, Record<string, string>>;
}

export interface Credentials {
  botToken: string;
  appToken: string;
  signingSecret: string;
}

export const PEOPLE = { ana: 'U01ANA', ben: 'U02BEN', chloe: 'U03CHLOE', dev: 'U04DEV' } as const;
/** User groups that the sandbox's policy names. */
export const GROUPS: UserGroup[] = [
  {
    id: 'S01APPROVERS',
    handle: 'approvers',
    name: 'Approvers',
    users: [PEOPLE.ben, PEOPLE.chloe, PEOPLE.dev],
  },
  { id: 'S02LEADS', handle: 'leads', name: 'Leads', users: [PEOPLE.ana, PEOPLE.chloe] },
];

export const BOT_USER = 'U99COUNTER';
const APP_ID = 'A01COUNTER';
export const CHANNELS = {
  general: 'C01GENERAL',
  approvals: 'C02APPROVALS',
  incidents: 'C03INCIDENTS',
  random: 'C04RANDOM',
  private: 'C05LEADERS',
  archived: 'C06LAUNCH',
} as const;

/** A new workspace with random secrets. */
export function newWorkspace(gridOptions?: GridOptions): WorkspaceData {
  const { ana, ben, chloe, dev } = PEOPLE;
  const inGrid = gridOptions ? gridPeople() : [];
  const isInChannels = ({ id }: Person) => id !== GRID_PEOPLE.sam;
  const everyone: string[] = [...Object.values(PEOPLE), ...inGrid.filter(isInChannels).map(({ id }) => id)];
  const team = { id: 'T01LOCAL', name: 'Local workspace', domain: 'local' };
  const secret = () => randomBytes(16).toString('hex');
  return {
    team,
    ...(gridOptions && { grid: newGrid(team, gridOptions) }),
    app: { id: APP_ID, name: 'Countersign', botId: 'B01COUNTER', botUser: BOT_USER },
    credentials: {
      botToken: `xoxb-local-${secret()}`,
      appToken: `xapp-1-${APP_ID}-${secret()}`,
      signingSecret: secret(),
    },
    people: [
      person(ana, 'ana', 'Ana Silva', '#7c3aed', 'Europe/Lisbon'),
      person(ben, 'ben', 'Ben Okafor', '#0f766e', 'Africa/Lagos'),
      person(chloe, 'chloe', 'Chloe Martin', '#b45309', 'America/Toronto'),
      person(dev, 'dev', 'Dev Patel', '#be185d', 'Asia/Kolkata'),
      ...inGrid,
      { ...person(BOT_USER, 'countersign', 'Countersign', '#0b6b4f', 'Etc/UTC'), isBot: true },
    ],
    userGroups: GROUPS,
    channels: [
      channel(CHANNELS.general, 'general', 'Everything that concerns the whole team', [
        ...everyone,
        BOT_USER,
      ]),
      channel(CHANNELS.approvals, 'approvals', 'Two of @approvers must say yes, and never who asked', [
        ...everyone,
        BOT_USER,
      ]),
      channel(CHANNELS.incidents, 'incidents', 'Dev decides here; after two minutes the leads may, too', [
        ...everyone,
        BOT_USER,
      ]),
      channel(CHANNELS.random, 'random', 'The bot is not in here: invite it, or see what it says', everyone),
      {
        ...channel(CHANNELS.private, 'leadership', 'Private; the bot is not in here', [ana, ben]),
        kind: 'private',
      },
      { ...channel(CHANNELS.archived, 'old-launch', 'Archived', [...everyone, BOT_USER]), isArchived: true },
    ],
    messages: [],
    files: {},
    homes: {},
    queued: [],
    read: {},
  };
}

function gridPeople(): Person[] {
  const { gil, eve, sam, old, mia } = GRID_PEOPLE;
  return [
    { ...person(gil, 'gil', 'Gil Guest', '#4d7c0f', 'Etc/UTC'), ...GRID_TRAITS.gil },
    { ...person(eve, 'eve', 'Eve Extern', '#0369a1', 'Etc/UTC'), ...GRID_TRAITS.eve },
    { ...person(sam, 'sam', 'Sam Stranger', '#a21caf', 'Etc/UTC'), ...GRID_TRAITS.sam },
    { ...person(old, 'old', 'Olga Old', '#57534e', 'Etc/UTC'), ...GRID_TRAITS.old },
    { ...person(mia, 'mia', 'Mia Branch', '#b91c1c', 'Etc/UTC'), ...GRID_TRAITS.mia },
  ];
}

function person(id: string, name: string, realName: string, color: string, tz: string): Person {
  return { id, name, realName, color, isBot: false, tz };
}

function channel(id: string, name: string, topic: string, members: readonly string[]): Channel {
  return { id, name, topic, kind: 'public', members: [...members], isArchived: false };
}
