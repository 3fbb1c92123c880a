import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A server from npm, with all that it needs to be listed. */
export interface RealServer {
  package: string;
  /** Exact, so that two runs compare. */
  version: string;
  args?: string[];
  env?: Record<string, string>;
  /** A tool that only reads and needs no account. Without one, the server is listed alone. */
  call?: { tool: string; input: Record<string, unknown>; answers: RegExp };
}

const BROWSER = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find(existsSync);
/** Value of a key for servers that want one before they list their tools. */
const NO_KEY = 'no-key-for-a-list';

/** The servers. `folder` is a git repository with the file `hello.txt`. */
export const serversIn = (folder: string): RealServer[] => [
  {
    package: '@modelcontextprotocol/server-everything',
    version: '2026.8.31',
    call: { tool: 'get-sum', input: { a: 2, b: 3 }, answers: /\b5\b/ },
  },
  {
    package: '@modelcontextprotocol/server-filesystem',
    version: '2026.8.31',
    args: [folder],
    call: { tool: 'list_directory', input: { path: folder }, answers: /hello\.txt/ },
  },
  {
    package: '@modelcontextprotocol/server-memory',
    version: '2026.8.31',
    env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') },
    call: { tool: 'read_graph', input: {}, answers: /entities/ },
  },
  {
    package: '@modelcontextprotocol/server-sequential-thinking',
    version: '2026.8.31',
    call: {
      tool: 'sequentialthinking',
      input: { thought: 'One', thoughtNumber: 1, totalThoughts: 1, nextThoughtNeeded: false },
      answers: /thoughtNumber/,
    },
  },
  { package: '@upstash/context7-mcp', version: '4.1.1' },
  {
    package: '@zereight/mcp-gitlab',
    version: '2.1.64',
    env: {
      GITLAB_PERSONAL_ACCESS_TOKEN: NO_KEY,
      GITLAB_API_URL: 'https://gitlab.example/api/v4',
      GITLAB_TOOLSETS: 'all',
    },
  },
  {
    package: '@playwright/mcp',
    version: '0.0.83',
    args: ['--headless', '--isolated', '--no-sandbox', ...(BROWSER ? ['--executable-path', BROWSER] : [])],
    ...(BROWSER && { call: { tool: 'browser_snapshot', input: {}, answers: /about:blank/ } }),
  },
  {
    package: 'chrome-devtools-mcp',
    version: '1.11.0',
    args: [
      ...['--headless', '--isolated', '--chromeArg=--no-sandbox', '--no-usage-statistics'],
      ...(BROWSER ? ['--executablePath', BROWSER] : []),
    ],
    ...(BROWSER && { call: { tool: 'list_pages', input: {}, answers: /about:blank/ } }),
  },
  {
    package: '@eslint/mcp',
    version: '0.3.13',
    call: { tool: 'lint-files', input: { filePaths: [join(folder, 'hello.js')] }, answers: /hello\.js/ },
  },
  { package: '@notionhq/notion-mcp-server', version: '2.5.2', env: { NOTION_TOKEN: NO_KEY } },
  { package: 'firecrawl-mcp', version: '3.26.0', env: { FIRECRAWL_API_KEY: NO_KEY } },
  { package: 'tavily-mcp', version: '0.2.22', env: { TAVILY_API_KEY: NO_KEY } },
  {
    package: '@cyanheads/git-mcp-server',
    version: '2.15.3',
    env: { LOGS_DIR: join(folder, 'logs') },
    call: { tool: 'git_status', input: { path: folder }, answers: /hello\.txt/ },
  },
  { package: 'mongodb-mcp-server', version: '3.0.4', env: { MDB_MCP_TELEMETRY: 'disabled' } },
  {
    package: '@wonderwhy-er/desktop-commander',
    version: '0.2.52',
    call: { tool: 'list_directory', input: { path: folder }, answers: /hello\.txt/ },
  },
  { package: '@brave/brave-search-mcp-server', version: '2.1.4', env: { BRAVE_API_KEY: NO_KEY } },
];
