export type Entry = Record<string, unknown>;

/** Spellings of a server's type, without upper case and dashes. A server over HTTP may be of the older kind, with SSE. */
const TYPES: Record<string, 'stdio' | 'http'> = {
  stdio: 'stdio',
  local: 'stdio',
  http: 'http',
  streamable: 'http',
  streamablehttp: 'http',
  httpstream: 'http',
  remote: 'http',
  sse: 'http',
};

/** Other clients' names of keys. */
const ALIASES: [string, string[]][] = [
  ['url', ['serverUrl', 'httpUrl']],
  ['type', ['transport', 'transportType']],
];

/** Keys that tell nothing that a server's start needs. */
const COSMETIC = ['$schema', 'name', 'title', 'displayName', 'description', 'version', 'gallery', 'icon'];

const APPROVALS = 'the policy file decides which calls people are asked about';
const SELECTION = 'all tools are offered; a rule "deny" in the policy file refuses one';
const SANDBOX = 'the server runs without a sandbox';

/** Consequences of keys that another client understands. */
const CONSEQUENCES: Record<string, string> = {
  autoApprove: APPROVALS,
  alwaysAllow: APPROVALS,
  trust: APPROVALS,
  tools: SELECTION,
  enabledTools: SELECTION,
  disabledTools: SELECTION,
  includeTools: SELECTION,
  excludeTools: SELECTION,
  sandbox: SANDBOX,
  sandboxEnabled: SANDBOX,
};

/** Gives an entry the usual names of keys. Null means absent. */
export function withUsualKeys(given: Entry): Entry {
  const entry = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  for (const [key, others] of ALIASES) {
    for (const other of others) {
      entry[key] ??= entry[other];
      delete entry[other];
    }
    if (entry[key] === undefined) delete entry[key];
  }
  return entry;
}

export function isDisabled({ disabled, enabled }: Entry): boolean {
  return [disabled, enabled === undefined ? undefined : !isTrue(enabled)].some(isTrue);
}

const isTrue = (value: unknown) => value === true || value === 'true';

/** Says how a server is reached. @throws Error whose message continues "server x: " */
export function transportOf({ type, command, url }: Entry): 'stdio' | 'http' {
  const named =
    TYPES[
      String(type ?? '')
        .toLowerCase()
        .replaceAll(/[-_\s]/g, '')
    ];
  if (type !== undefined && named === undefined)
    throw new Error(
      `type: ${JSON.stringify(type)} is not spoken here. Use "stdio" with a command, or "http" with a url`,
    );
  if (command !== undefined && url !== undefined)
    throw new Error('has both command and url. Remove one of them');
  const key = named === undefined ? 'command or url' : named === 'stdio' ? 'command' : 'url';
  if (command === undefined && url === undefined)
    throw new Error(`${key} is missing. A server has a command to run, or the url of one that runs`);
  const found = command === undefined ? 'http' : 'stdio';
  if (named !== undefined && named !== found)
    throw new Error(`type: ${JSON.stringify(type)} doesn't allow ${found === 'stdio' ? 'command' : 'url'}`);
  return found;
}

/** Names keys that are not read, with the consequence where it matters. `read`: the keys that the transport reads. */
export function unreadKeys(entry: Entry, read: string[]): string[] {
  const known = new Set([...read, ...COSMETIC, 'type', 'disabled', 'enabled']);
  return Object.keys(entry)
    .filter((key) => !known.has(key))
    .map((key) => {
      const consequence = CONSEQUENCES[key];
      return `${key} is not read here${consequence === undefined ? '' : `: ${consequence}`}.`;
    });
}
