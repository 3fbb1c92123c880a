// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are variables of the file that is read
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parse } from 'dotenv';
import { policyFor, policyOfCall, takesGoals } from '../../src/approval/policy.js';
import { loadEnvironment, readConfig, readVariable } from '../../src/config/environment.js';
import { readMcpConfig } from '../../src/config/mcp/mcp-file.js';
import { readPolicy } from '../../src/config/policy-file.js';
import { ConfigError } from '../../src/platform/errors.js';
import { packageVersion } from '../../src/platform/package-file.js';
import { reveal } from '../../src/platform/secret.js';
import { ruleFor } from '../../src/run/execution/rules.js';

const complete = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  ANTHROPIC_API_KEY: 'key',
  POLICY_FILE: '',
};

describe('the environment', () => {
  it('is Socket Mode with an app token, HTTP mode without', () => {
    assert.deepEqual(readConfig(complete).slack.mode, { kind: 'socket', appToken: 'xapp-1' });
    const http = { ...complete, SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 'secret' };
    assert.deepEqual(readConfig(http).slack.mode, { kind: 'http', signingSecret: 'secret', port: 3000 });
    const other = readConfig({ ...http, PORT: '8080' }).slack.mode;
    assert.equal(other?.kind === 'http' && other.port, 8080);
  });

  it('asks each role for its own variables alone, and says which role needs one', () => {
    const { SLACK_APP_TOKEN, ANTHROPIC_API_KEY, ...both } = complete;
    const shared = { ...both, DATABASE_URL: 'postgres://db/countersign' };
    const bot = readConfig({ ...shared, SLACK_APP_TOKEN, MCP_CONFIG: '/nowhere' }, 'bot');
    assert.deepEqual([bot.slack.mode?.kind, bot.anthropic, bot.mcp], ['socket', undefined, []]);
    const worker = readConfig({ ...shared, ANTHROPIC_API_KEY, PORT: 'http' }, 'worker');
    assert.deepEqual([worker.slack.mode, worker.anthropic?.apiKey], [undefined, 'key']);
    assert.throws(
      () => readConfig(shared, 'bot'),
      /^ConfigError: SLACK_APP_TOKEN is missing.* The role bot needs it\.$/,
    );
    assert.throws(
      () => readConfig(shared, 'worker'),
      /ANTHROPIC_API_KEY is missing.* The role worker needs it\.$/,
    );
    assert.throws(
      () => readConfig({ ...complete, DATABASE_URL: '' }, 'bot'),
      /DATABASE_URL: the role bot shares the ledger with other processes, and SQLite serves one process/,
    );
  });

  it('has defaults for what may be left out, and takes empty for unset', () => {
    const empty = { TEMPORAL_TASK_QUEUE: '', DATABASE_URL: '', APPROVAL_CHANNEL: '' };
    const config = readConfig({ ...complete, ...empty });
    assert.equal(config.taskQueue, 'countersign');
    assert.equal(config.databaseUrl, 'file:data/ledger.db');
    assert.equal(config.approvalChannel, undefined);
    assert.equal(config.anthropic?.model, 'claude-sonnet-5-5');
    assert.deepEqual(config.policy.default.approvers, ['requester']);
  });

  const wrong: [string, Record<string, string>][] = [
    ['SLACK_BOT_TOKEN', { SLACK_BOT_TOKEN: '' }],
    ['SLACK_BOT_TOKEN', { SLACK_BOT_TOKEN: 'xapp-1' }],
    ['SLACK_APP_TOKEN', { SLACK_APP_TOKEN: '' }],
    ['SLACK_APP_TOKEN', { SLACK_APP_TOKEN: 'xoxb-1' }],
    ['PORT', { SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 's', PORT: 'http' }],
    ['ANTHROPIC_API_KEY', { ANTHROPIC_API_KEY: '' }],
    ['ANTHROPIC_BASE_URL', { ANTHROPIC_BASE_URL: 'localhost' }],
    ['AWS_REGION', { ANTHROPIC_API_KEY: '', AWS_BEARER_TOKEN_BEDROCK: 'key' }],
    ['CLOUD_ML_REGION', { ANTHROPIC_API_KEY: '', ANTHROPIC_VERTEX_PROJECT_ID: 'ours' }],
    [
      'ANTHROPIC_VERTEX_BASE_URL',
      { ANTHROPIC_VERTEX_BASE_URL: 'localhost', CLOUD_ML_REGION: 'eu', ANTHROPIC_API_KEY: '' },
    ],
    ['SLACK_API_URL', { SLACK_API_URL: 'ftp://slack' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://db' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['POLICY_FILE', { POLICY_FILE: '/nowhere/policy.yml' }],
  ];
  for (const [name, own] of wrong) {
    it(`names ${name} in one line when it is ${JSON.stringify(own)}`, () => {
      assert.throws(
        () => readConfig({ ...complete, ...own }),
        (error) =>
          error instanceof ConfigError && error.message.startsWith(name) && !error.message.includes('\n'),
      );
    });
  }

  it('names all that is missing or wrong at once, one a line', () => {
    assert.throws(
      () => readConfig({ LOG_LEVEL: 'loud' }),
      (error) => {
        assert.ok(error instanceof ConfigError);
        const names = error.message.split('\n').map((line) => /^[A-Z_]+/.exec(line)?.[0]);
        assert.deepEqual(names, ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'ANTHROPIC_API_KEY', 'LOG_LEVEL']);
        return true;
      },
    );
  });

  it('takes a value without the white space around it', () => {
    const config = readConfig({
      ...complete,
      SLACK_APP_TOKEN: '',
      SLACK_SIGNING_SECRET: 'secret\n',
      SLACK_BOT_TOKEN: '\uFEFF xoxb-1\u00A0',
    });
    assert.equal(config.slack.mode?.kind === 'http' && config.slack.mode.signingSecret, 'secret');
    assert.equal(config.slack.botToken, 'xoxb-1');
    assert.equal(readVariable({ LOG_LEVEL: ' ' }, 'LOG_LEVEL'), 'info');
    const key = Buffer.alloc(32, 1).toString('base64');
    assert.equal(readVariable({ PAYLOAD_KEYS: `a:${key}\nb:${key}\n` }, 'PAYLOAD_KEYS').keys.length, 2);
  });

  const INVISIBLE: [string, string][] = [
    ['ANTHROPIC_API_KEY', 'ke\u200By'],
    ['SLACK_BOT_TOKEN', '\u200Bxoxb-1'],
    ['SLACK_APP_TOKEN', 'xapp-1\u202E2'],
    ['SLACK_SIGNING_SECRET', 'sec\nret'],
    ['DATABASE_URL', 'file:data/\u2800ledger.db'],
    ['TEMPORAL_TASK_QUEUE', 'counter\u00ADsign'],
    ['PAYLOAD_KEYS', `a:\u200C${Buffer.alloc(32, 1).toString('base64')}`],
    ['POLICY_FILE', 'policy\u00A0.yml'],
  ];
  for (const [name, value] of INVISIBLE) {
    it(`names ${name} when it holds a character that nobody sees`, () => {
      const env = {
        ...complete,
        ...(name === 'SLACK_SIGNING_SECRET' && { SLACK_APP_TOKEN: '' }),
        [name]: value,
      };
      assert.throws(
        () => readConfig(env),
        new RegExp(`^ConfigError: ${name} holds an invisible character \\(U\\+`),
      );
    });
  }

  it('names a variable of Temporal’s own reader, too', () => {
    process.env.TEMPORAL_API_KEY = 'ke\u200By';
    process.env.TEMPORAL_NAMESPACE = ' default\n';
    process.env.TEMPORAL_TLS_CLIENT_KEY_DATA = '-----BEGIN\nabc\n';
    assert.throws(loadEnvironment, /^ConfigError: TEMPORAL_API_KEY holds an invisible character \(U\+200B\)/);
    delete process.env.TEMPORAL_API_KEY;
    loadEnvironment();
    assert.equal(process.env.TEMPORAL_NAMESPACE, 'default');
    delete process.env.TEMPORAL_NAMESPACE;
    delete process.env.TEMPORAL_TLS_CLIENT_KEY_DATA;
  });

  it('is never quoted in a message: a secret may stand in any variable', () => {
    const names = [
      'PORT',
      'SLACK_API_URL',
      'ANTHROPIC_BASE_URL',
      'DATABASE_URL',
      'LOG_LEVEL',
      'PAYLOAD_KEYS',
    ];
    const values = ['xoxb-SECRET', 'SECRET', 'https://svc:abc/SECRET@host', 'postgres://svc:abc/SECRET@host'];
    const env = { ...complete, SLACK_APP_TOKEN: '', SLACK_SIGNING_SECRET: 's' };
    for (const name of [...names, 'SLACK_BOT_TOKEN', 'TEMPORAL_WORKER_VERSIONING']) {
      for (const value of values) {
        try {
          readConfig({ ...env, [name]: value });
        } catch (error) {
          assert.ok(error instanceof ConfigError && error.message.startsWith(name));
          assert.doesNotMatch(error.message, /SECRET/);
        }
      }
    }
    assert.throws(
      () => readVariable({ DATABASE_URL: 'postgres://svc:12/SECRET@host' }, 'DATABASE_URL'),
      /^ConfigError: DATABASE_URL is no address\. Write \/ \? # @ % .* as %2F/,
    );
    const plain = 'postgres://svc:p%2Fq@host:5432/ledger';
    assert.equal(readVariable({ DATABASE_URL: plain }, 'DATABASE_URL'), plain);
  });

  it('points at the sandbox when there is no Slack token', () => {
    assert.throws(() => readConfig({}), /SLACK_BOT_TOKEN is missing.*npm run sandbox/);
  });

  it('knows the levels of the log', () => {
    assert.equal(readVariable({}, 'LOG_LEVEL'), 'info');
    assert.equal(readVariable({ LOG_LEVEL: 'debug' }, 'LOG_LEVEL'), 'debug');
  });

  it('versions the workers where a build id is set, as the Worker Controller does, and not else', () => {
    const controller = { TEMPORAL_WORKER_BUILD_ID: 'v7', TEMPORAL_DEPLOYMENT_NAME: 'prod/countersign' };
    const version = { deploymentName: 'prod/countersign', buildId: 'v7' };
    const read = (env: Record<string, string>) => readConfig({ ...complete, ...env }).versioning;
    assert.equal(read({}), undefined);
    assert.equal(read({ TEMPORAL_WORKER_BUILD_ID: '' }), undefined);
    assert.deepEqual(read(controller), { behavior: 'AUTO_UPGRADE', ...version });
    const pinned = { ...controller, TEMPORAL_WORKER_VERSIONING: 'pinned' };
    assert.deepEqual(read(pinned), { behavior: 'PINNED', ...version });
    assert.equal(read({ ...controller, TEMPORAL_WORKER_VERSIONING: 'off' }), undefined);
    assert.equal(read({ TEMPORAL_WORKER_VERSIONING: 'pinned' })?.buildId, packageVersion());
  });

  it('limits what a process does at once, and how long its stop may take', () => {
    const read = (env: Record<string, string>) => readConfig({ ...complete, ...env });
    assert.deepEqual(read({}).slots, { posts: 100, modelCalls: 100, toolCalls: 100, workflows: 500 });
    assert.equal(read({}).shutdownGraceMs, 30_000);
    const few = {
      POSTS_AT_ONCE: '20',
      MODEL_CALLS_AT_ONCE: '5',
      TOOL_CALLS_AT_ONCE: '7',
      WORKFLOWS_CACHED: '50',
    };
    assert.deepEqual(read(few).slots, { posts: 20, modelCalls: 5, toolCalls: 7, workflows: 50 });
    assert.equal(read({ SHUTDOWN_GRACE_SECONDS: '300' }).shutdownGraceMs, 300_000);
    for (const value of ['0', '-1', '1.5', 'many', '1e9']) {
      for (const name of [...Object.keys(few), 'SHUTDOWN_GRACE_SECONDS'])
        assert.throws(
          () => read({ [name]: value }),
          new RegExp(`^ConfigError: ${name} must be a whole number from `),
        );
    }
  });

  it('is listed, every variable of it, in .env.example, where each is unset', () => {
    const listed = parse(readFileSync('.env.example'));
    const source = readFileSync('src/config/environment.ts', 'utf8');
    const read =
      source.match(
        /\b(?:SLACK|APPROVAL|TEMPORAL|ANTHROPIC|POLICY|MCP|DATABASE|PAYLOAD|LOG|PORT|POSTS|MODEL_CALLS|TOOL_CALLS|WORKFLOWS|SHUTDOWN)[A-Z_]*\b/g,
      ) ?? [];
    const names = read
      .filter((name) => name === 'PORT' || name.includes('_'))
      .filter((name) => !/^(LOG_LEVELS|DEFAULT)|_$/.test(name));
    for (const name of new Set(names)) assert.equal(listed[name], '', `${name} in .env.example`);
  });
});

describe('a secret in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (content: string) => {
    const path = join(mkdtempSync(join(folder, 'one-')), 'secret');
    writeFileSync(path, content);
    return path;
  };
  const { SLACK_BOT_TOKEN: _, ANTHROPIC_API_KEY: __, ...others } = complete;
  const inFiles = (env: Record<string, string> = {}) => ({
    ...others,
    SLACK_BOT_TOKEN_FILE: file('xoxb-file\n'),
    ANTHROPIC_API_KEY_FILE: file('\uFEFFkey-file\r\n'),
    DATABASE_URL_FILE: file('postgres://svc:pw@host/ledger\n'),
    ...env,
  });

  it('is its trimmed content', () => {
    const config = readConfig(inFiles());
    assert.equal(reveal(config.slack.botToken), 'xoxb-file');
    assert.equal(reveal(config.anthropic?.apiKey ?? ''), 'key-file');
    assert.equal(config.databaseUrl, 'postgres://svc:pw@host/ledger');
    const names = config.secretFiles.map(({ name }) => name);
    assert.deepEqual(names, ['SLACK_BOT_TOKEN', 'ANTHROPIC_API_KEY', 'DATABASE_URL']);
    const empty = readConfig({ ...complete, SLACK_BOT_TOKEN_FILE: '', SLACK_APP_TOKEN_FILE: ' ' });
    assert.deepEqual(empty.secretFiles, []);
  });

  it('is named when it is missing, empty or said twice, and neither its value nor its path is told', () => {
    const secret = join(folder, 'xoxb-SECRET');
    const wrong: [Record<string, string>, RegExp][] = [
      [
        { SLACK_BOT_TOKEN_FILE: secret },
        /^ConfigError: SLACK_BOT_TOKEN_FILE: .* can't be read \(ENOENT\)\. Mount/,
      ],
      [
        { SLACK_BOT_TOKEN_FILE: folder },
        /^ConfigError: SLACK_BOT_TOKEN_FILE: .* can't be read \(EISDIR\)\. Mount/,
      ],
      [{ SLACK_BOT_TOKEN_FILE: file(' \n') }, /^ConfigError: SLACK_BOT_TOKEN_FILE: .* is empty\. Mount/],
      [
        { SLACK_BOT_TOKEN: 'xoxb-SECRET' },
        /^ConfigError: SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE are both set/,
      ],
      [
        { SLACK_BOT_TOKEN_FILE: file('xapp-SECRET') },
        /^ConfigError: SLACK_BOT_TOKEN: must begin with xoxb-|^ConfigError: SLACK_BOT_TOKEN must begin with xoxb-/,
      ],
    ];
    for (const [env, words] of wrong) {
      assert.throws(
        () => readConfig(inFiles(env)),
        (error) => {
          assert.match(String(error), words);
          assert.doesNotMatch(String(error), /SECRET/);
          return true;
        },
      );
    }
  });

  it('is there for Temporal’s own reader of the environment', () => {
    process.env.TEMPORAL_API_KEY_FILE = file('temporal-key\n');
    try {
      assert.equal(loadEnvironment().TEMPORAL_API_KEY, 'temporal-key');
    } finally {
      delete process.env.TEMPORAL_API_KEY_FILE;
      delete process.env.TEMPORAL_API_KEY;
    }
  });

  it('fills the MCP file', () => {
    const env = { GITHUB_TOKEN_FILE: file('github-token\n') };
    const path = file(
      '{"mcpServers":{"gh":{"url":"https://mcp.example.com","headers":{"Authorization":"Bearer ${GITHUB_TOKEN}"}}}}',
    );
    const [server] = readMcpConfig(path, env);
    assert.ok(server?.transport === 'http');
    assert.equal(server.headers.Authorization, 'Bearer github-token');
    assert.ok(server.secrets?.includes('github-token'), 'it is hidden from logs');
    const [off] = readMcpConfig(path, { GITHUB_TOKEN_FILE: join(folder, 'nowhere') });
    assert.ok(off?.transport === 'none' && /GITHUB_TOKEN_FILE/.test(off.problem), JSON.stringify(off));
  });
});

describe('a file in the folder of the service', () => {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'misnamed-'));
  after(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });
  /** Reads the configuration in a folder with these files. */
  const readIn = (files: string[], env: Record<string, string> = {}) => {
    const { POLICY_FILE: _, ...unset } = complete;
    const own = mkdtempSync(join(folder, 'own-'));
    for (const name of files)
      writeFileSync(join(own, name), name.endsWith('json') ? '{"mcpServers":{}}' : '');
    process.chdir(own);
    return readConfig({ ...unset, ...env });
  };

  for (const [variable, usual, names] of [
    [
      'POLICY_FILE',
      'policy.yml',
      [
        'policy.yaml',
        '.policy.yml',
        '.policy.yaml',
        'policies.yml',
        'policies.yaml',
        'Policy.yml',
        'POLICY.YAML',
      ],
    ],
    ['MCP_CONFIG', '.mcp.json', ['mcp.json', 'MCP.json', '.MCP.json']],
  ] as const) {
    for (const name of names) {
      it(`that is called ${name} ends the start by its name, where there is no ${usual}`, () => {
        const message = new RegExp(
          `^ConfigError: ${variable}: there is no ${usual}, and ${name} is not read`,
        );
        assert.throws(() => readIn([name]), message);
        assert.throws(() => readIn([name], { [variable]: '' }), message);
        assert.doesNotThrow(() => readIn([name, usual]));
        assert.doesNotThrow(() => readIn([name], { [variable]: name }));
      });
    }
  }

  it('is named by the settings, also where the variable is there and empty, as in .env.example', () => {
    assert.equal(readIn([]).policyFile, undefined);
    assert.equal(readIn(['policy.yml']).policyFile, 'policy.yml');
    assert.equal(readIn(['policy.yml'], { POLICY_FILE: '' }).policyFile, 'policy.yml');
  });
});

describe('.env', () => {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'dotenv-'));
  after(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });
  const names = ['SLACK_BOT_TOKEN', 'LOG_LEVEL', 'TEMPORAL_NAMESPACE', 'DATABASE_URL'];
  const load = (content: string | Buffer, shell: Record<string, string>) => {
    writeFileSync(join(folder, '.env'), content);
    process.chdir(folder);
    for (const name of names) delete process.env[name];
    Object.assign(process.env, shell);
    try {
      return { ...loadEnvironment() };
    } finally {
      for (const name of names) delete process.env[name];
    }
  };
  const content = 'SLACK_BOT_TOKEN=xoxb-2\nLOG_LEVEL=debug\nTEMPORAL_NAMESPACE=ours\nDATABASE_URL=\n';

  it('is read, also with a byte order mark, and what the shell sets comes first', () => {
    const marked = [Buffer.from(`\uFEFF${content}`), Buffer.from(`\uFEFF${content}`, 'utf16le')];
    for (const bytes of [content, ...marked]) {
      const env = load(bytes, { LOG_LEVEL: 'warn' });
      assert.equal(env.SLACK_BOT_TOKEN, 'xoxb-2');
      assert.equal(env.TEMPORAL_NAMESPACE, 'ours');
      assert.equal(readVariable(env, 'LOG_LEVEL'), 'warn');
    }
  });

  it('is hidden by an empty variable of the shell, which is named', () => {
    const env = load(content, { SLACK_BOT_TOKEN: '', LOG_LEVEL: ' ', TEMPORAL_NAMESPACE: '' });
    assert.throws(
      () => readVariable(env, 'SLACK_BOT_TOKEN'),
      /SLACK_BOT_TOKEN is missing \(\.env sets it, but the shell has it with an empty value/,
    );
    const { warnings } = readConfig({ ...env, ...complete });
    assert.deepEqual(
      warnings.map((text) => text.split(' ')[0]),
      ['LOG_LEVEL', 'TEMPORAL_NAMESPACE'],
    );
    assert.match(warnings[0] ?? '', /empty value in the shell.*Unset it there\.$/);
  });

  it('is hidden from the variables of an MCP server in the same way', () => {
    const env = load('MINE=x\n', {});
    writeFileSync('.mcp.json', '{"mcpServers":{"a":{"command":"${MINE}"}}}');
    const [server] = readConfig({ ...env, ...complete, MINE: '', MCP_CONFIG: '' }).mcp;
    assert.ok(server?.transport === 'none');
    assert.match(server.problem, /command needs MINE, which is not set \(\.env sets it, but the shell/);
  });
});

describe('the policy file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = (text: string) => {
    const path = join(folder, 'policy.yml');
    writeFileSync(path, text);
    return path;
  };

  it('is read, the example too', () => {
    const book = readPolicy('policy.example.yml');
    assert.equal(book.default.expiresAfterMs, 3 * 86_400_000);
    assert.deepEqual(book.channels.C0123ABCD, {
      approvers: ['U0123ABCD', 'U0456EFGH', 'S0123ABCD'],
      approvals: 2,
      requesterMayApprove: false,
      escalate: { afterMs: 2 * 86_400_000, to: ['S0456EFGH'] },
    });
    assert.deepEqual(book.default.remindAfterMs, [4 * 3_600_000, 86_400_000]);
    assert.equal(book.default.notify, true);
    assert.equal(book.tools?.[0]?.rule, 'deny');
    assert.deepEqual(book.default.budget, {
      turns: 50,
      toolCalls: 200,
      tokens: 2_000_000,
      costUsd: 10,
      timeMs: 3_600_000,
    });
  });

  it('gives a channel the budget of the default but for what it names, and the rules for tools', () => {
    const book = readPolicy(
      file(
        'default:\n  budget: { turns: 5, cost: 2 }\nchannels:\n  C1: { budget: { turns: 9 } }\ntools:\n  - { match: "a__*", rule: ask }\n',
      ),
    );
    const policy = policyFor(book, 'C1');
    assert.deepEqual(policy.budget, { turns: 9, costUsd: 2 });
    assert.deepEqual(policy.tools, [{ match: 'a__*', rule: 'ask' }]);
  });

  it('that names channels and has no default takes goals in these channels only', () => {
    const only = readPolicy(file('channels:\n  C2: { approvers: [U2] }\n'));
    assert.equal(takesGoals(only, 'C2'), true);
    for (const channel of ['C1', 'D1', 'constructor']) assert.equal(takesGoals(only, channel), false);
    for (const text of ['', 'channels: {}\n', 'default: {}\nchannels:\n  C2: { approvers: [U2] }\n']) {
      assert.equal(takesGoals(readPolicy(file(text)), 'C1'), true, text);
    }
  });

  it('that is channels-only may have a rule which only these channels can meet', () => {
    const channel = 'channels:\n  C2: { approvers: [U2, U3], approvals: 2, requesterMayApprove: false }\n';
    const rule = 'tools:\n  - { match: "pay__*", rule: ask, approvals: 2 }\n';
    assert.equal(readPolicy(file(channel + rule)).tools?.[0]?.approvals, 2);
    assert.throws(() => readPolicy(file(`default: {}\n${channel}${rule}`)), /nobody could approve/);
  });

  it('says who may ask, and how many runs may start', () => {
    const text =
      'requesters: [members, S1, T2/U3]\nlimits: { perPerson: { atOnce: 5, perDay: 50 }, perChannel: { perDay: 9 } }\n';
    const { requesters, limits } = readPolicy(file(text));
    assert.deepEqual(requesters, ['members', 'S1', 'T2/U3']);
    assert.deepEqual(limits, { perPerson: { atOnce: 5, perDay: 50 }, perChannel: { perDay: 9 } });
    assert.equal(readPolicy(file('')).requesters, undefined);
    assert.ok(readPolicy('policy.example.yml').limits?.perPerson?.atOnce);
  });

  it('may be empty: the requester alone', () => {
    assert.deepEqual(readPolicy(file('')).default.approvers, ['requester']);
  });

  it('has rules with conditions on arguments, channels and approvers of their own', () => {
    const book = readPolicy(
      file(
        'tools:\n  - { match: "pay__*", where: { amount: "> 1000", currency: [USD, EUR] }, rule: ask, approvers: [U2, U3], approvals: 2 }\n  - { match: "pay__*", rule: deny, channels: [C2] }\n',
      ),
    );
    const [large, inC2] = book.tools ?? [];
    assert.deepEqual(large?.where, { amount: ['> 1000'], currency: ['USD', 'EUR'] });
    assert.deepEqual(policyFor(book, 'C1').tools, [large]);
    assert.deepEqual(policyFor(book, 'C2').tools, [large, inC2]);
    const { approvers, approvals, escalate } = policyOfCall(
      { ...policyFor(book, 'C1'), escalate: { afterMs: 1, to: ['U9'] } },
      large,
    );
    assert.deepEqual([approvers, approvals, escalate], [['U2', 'U3'], 2, undefined]);
    assert.equal(ruleFor(policyFor(book, 'C1').tools ?? [], { name: 'pay__send', readOnly: false }), 'ask');
  });

  const broken: [string, RegExp][] = [
    ['tools:\n  - match: *delete*\n    rule: deny\n', /line 2: \*delete\* needs quotes.*Write "\*delete\*"/],
    ['tools:\n  - { match: *__delete_*, rule: deny }\n', /line 2: \*__delete_\* needs quotes/],
    ['tools:\n  - match: *\n    rule: deny\n', /line 2: \* needs quotes/],
    ['default:\n  approvers: [@ana]\n', /line 2: .*reserved character @.*Put the text in quotes/],
    ['default:\n  approvers: [ana]\n', /line 2: default\.approvers\.0: must be a user id/],
    ['default:\n  approvals: 0\n', /line 2: default\.approvals/],
    ['default:\n  expiresAfter: soon\n', /line 2: default\.expiresAfter: must be a duration/],
    [
      'default:\n  expiresAfter: 99999999 weeks\n',
      /line 2: default\.expiresAfter: must be .* at most 90 days/,
    ],
    [
      'default:\n  remindAfter: 0.0001 seconds\n',
      /line 2: default\.remindAfter\.0: must be at least 1 second/,
    ],
    [
      'channels:\n  C1: { approvers: [U1] }\n  "#approvals": { approvers: [U1] }\n',
      /line 3: channels\.#approvals: is no channel id \(C…/,
    ],
    ['channels:\n  approvals: { approvers: [U1] }\n', /line 2: channels\.approvals: is no channel id/],
    ['channels:\n  c0123abcd: { approvers: [U1] }\n', /line 2: channels\.c0123abcd: is no channel id/],
    ['default:\n  approvals: 1\n  quorum: 2\n', /line 3: default\.quorum/],
    ['default:\n  remindAfter: soon\n', /line 2: default\.remindAfter\.0: must be a duration/],
    ['default:\n  remindAfter: 4 days\n', /line 1: default: a reminder would come after the expiry/],
    [
      'channels:\n  C1: { approvers: [U1], approvals: 2 }\n',
      /line 2: channels\.C1: nobody could approve: it asks for 2 approvals and names one person/,
    ],
    [
      'default:\n  requesterMayApprove: false\n',
      /line 1: default: nobody could approve: it asks for 1 approval and names nobody besides the requester/,
    ],
    [
      'channels:\n  C2: { approvers: [anyone] }\n  C1:\n    escalate: { after: 3 days, to: [U1] }\n',
      /line 3: channels\.C1: the escalation would come after the expiry/,
    ],
    ['default:\n  escalate: { after: 1 day }\n', /line 2: default\.escalate\.to/],
    ['default:\n  approvers: [T1-U1]\n', /line 2: default\.approvers\.0: must be a user id/],
    ['tools:\n  - { match: "a b", rule: ask }\n', /line 2: tools\.0\.match: must be a tool's name/],
    ['tools:\n  - { match: "a__*", rule: maybe }\n', /line 2: tools\.0\.rule: must be allow, ask or deny/],
    [
      'tools:\n  - match: "a__*"\n    where: { amount: "> 1,000" }\n    rule: ask\n',
      /line 3: tools\.0\.where\.amount\.0: must compare with a number, such as "> 1000"/,
    ],
    [
      'tools:\n  - { match: "a__*", where: { id: "> 9007199254740993" }, rule: ask }\n',
      /line 2: tools\.0\.where\.id\.0: is too large/,
    ],
    [
      'tools:\n  - { match: "a__*", where: { id: { is: 5 } }, rule: ask }\n',
      /where\.id\.0: must be a number/,
    ],
    [
      'tools:\n  - { match: "a__*", rule: deny, approvals: 2 }\n',
      /line 2: tools\.0\.approvals: has no effect on rule: deny/,
    ],
    [
      'tools:\n  - { match: "a__*", rule: ask, approvals: 2 }\n',
      /line 2: tools\.0: nobody could approve: it asks for 2 approvals and names one person\. Name approvers/,
    ],
    ['tools:\n  - { match: "a__*", rule: ask, channels: [general] }\n', /channels\.0: is no channel id/],
    ['default:\n  budget: { cost: cheap }\n', /line 2: default\.budget\.cost: must be dollars/],
    ['default:\n  budget: { steps: 3 }\n', /line 2: default\.budget\.steps/],
    ['requesters: [everybody]\n', /line 1: requesters\.0: must be a user id .* members, anyone/],
    ['requesters: [requester]\n', /line 1: requesters\.0: must be a user id/],
    ['requesters: []\n', /line 1: requesters: must name somebody/],
    ['limits: { perPerson: { atOnce: 0 } }\n', /line 1: limits\.perPerson\.atOnce/],
    ['limits: { perTeam: { atOnce: 1 } }\n', /line 1: limits\.perTeam/],
    ['default: [\n', /line \d/],
  ];
  for (const [text, message] of broken) {
    it(`names the line of ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => readPolicy(file(text)),
        (error) => error instanceof ConfigError && message.test(error.message),
      );
    });
  }
});
