import { Command, Option } from 'commander';
import { ROLES } from '../config/role.js';
import { packageVersion } from '../platform/package-file.js';
import type { McpCommand } from './mcp.js';

/** Exit codes besides 0. docs/command-line.md explains them. */
export const EXIT = { failed: 1, usage: 2 } as const;

const EXIT_CODES = `
Exit codes: 0 when all went well, ${EXIT.failed} when something failed or is wrong, ${EXIT.usage} for a command that is none.
Settings come from the environment and from .env: docs/environment.md.`;

/** Handlers of commands that this folder may not import. */
interface Handlers {
  sandbox(options: object): Promise<void>;
}

/**
 * Creates the command line: every command, with its options and its help. The code of a command is loaded when the command runs.
 *
 * @throws CommanderError while it parses: after help and the version with exit code 0, and for a command that is none.
 */
export function createProgram({ sandbox }: Handlers): Command {
  const program = new Command('countersign')
    .description('Durable AI agents that wait for a human in Slack')
    .version(packageVersion(), '-v, --version', 'print the version')
    .addHelpText('after', EXIT_CODES)
    .showHelpAfterError()
    .exitOverride();

  program
    .command('start')
    .description('run against Slack, Temporal and Claude as the environment says')
    .addOption(roleOption('part of the service that this process runs'))
    .action(async ({ role }) => (await import('./start.js')).start(role));
  program
    .command('sandbox')
    .description('run with all three embedded; nothing to set up')
    .option('--port <port>', 'port of the page (4180)')
    .option('--directory <folder>', 'folder of its state (data/sandbox)')
    .addOption(
      new Option('--grid <kind>', 'a workspace, or a whole organization, on Enterprise Grid').choices([
        'workspace',
        'organization',
      ]),
    )
    .action(sandbox);
  program
    .command('doctor')
    .description(
      'check each setting and connection, and change nothing; exits with 1 where something is wrong',
    )
    .option(
      '--live <channel>',
      'try in a channel of the real Slack what the service relies on, and delete what was posted',
    )
    .addOption(roleOption('part of the service whose settings are checked'))
    .action(async ({ live, role }) => (await import('./doctor/run.js')).runDoctor(role, live));
  program
    .command('migrate')
    .description("make the ledger's tables, or bring them to this version; needs DATABASE_URL alone")
    .option('--grant-to <user>', 'the database user who runs the service gets the rights that it needs')
    .action(async (options) => (await import('./migrate.js')).migrate(options));
  addLedger(program.command('ledger').description('read the record of all runs, and erase old ones'));
  addMcp(program.command('mcp').description('log in to MCP servers that want OAuth'));
  const attributes = program
    .command('search-attributes')
    .description("list Temporal's search attributes for runs, and say how to register those that are missing")
    .action(async () => (await import('./search-attributes.js')).runSearchAttributes());
  attributes
    .command('register')
    .description('register those that are missing; on Temporal Cloud use tcld or Terraform')
    .action(async () => (await import('./search-attributes.js')).runSearchAttributes({ register: true }));
  const versions = program
    .command('versions')
    .description('list the versions of the service, and how many runs are on each')
    .action(async () => (await import('./versions.js')).runVersions());
  versions
    .command('current <build>')
    .description('send new runs to this version')
    .action(async (build) => (await import('./versions.js')).runVersions(build));
  return program;
}

function roleOption(description: string): Option {
  return new Option('--role <role>', description).choices(ROLES).default('all');
}

function addLedger(ledger: Command): void {
  const command = (words: string, description: string) =>
    ledger
      .command(words)
      .description(description)
      .option('--sandbox', 'the ledger of the sandbox, in data/sandbox')
      .option('--directory <folder>', 'the ledger of a sandbox with another folder');
  command('show <run>', "print a run's entries, one JSON object a line").action(async (run, options) =>
    (await import('./ledger/ledger-command.js')).show(run, options),
  );
  command('export [run]', 'print the entries of all runs, or of one')
    .addOption(
      new Option('--format <format>', 'one JSON object a line, or a table')
        .choices(['jsonl', 'csv'])
        .default('jsonl'),
    )
    .option(
      '--since <cursor>',
      'entries that were written after this one, in order; each line has its cursor',
    )
    .option('--follow', 'print later entries as they come, until SIGTERM or SIGINT')
    .action(async (run, options) => (await import('./ledger/ledger-command.js')).exportAll(run, options));
  command(
    'verify [run]',
    "check the chains, and where they end by Temporal's memos or by a finished card; exits with 1 when one is broken",
  )
    .option('--head <entry:hash>', 'where the chain of the run ends, as its finished card says')
    .addOption(new Option('--offline', 'ask nothing but the database').conflicts('head'))
    .action(async (run, options) => (await import('./ledger/ledger-command.js')).verify(run, options));
  command('prune', 'erase runs that are over: their entries stay, and nobody can read them any more')
    .requiredOption('--before <age>', 'runs that have not changed for so long, such as 90d, or since a date')
    .action(async (options) => (await import('./ledger/ledger-erase.js')).prune(options));
  command(
    'person <user>',
    'find the runs that a person asked for, and those of others that name them',
  ).action(async (user, options) => (await import('./ledger/ledger-erase.js')).findPerson(user, options));
  command('erase-person <user>', 'erase the runs that a person asked for')
    .option('--yes', 'do it')
    .action(async (user, options) => (await import('./ledger/ledger-erase.js')).erasePerson(user, options));
}

function addMcp(mcp: Command): void {
  const run = async (command: McpCommand) => (await import('./mcp.js')).runMcpHere(command);
  mcp
    .command('login <server>')
    .description('log in, in a browser')
    .addOption(new Option('--device', 'with a code on any device').conflicts('clientCredentials'))
    .option('--client-credentials', "with the client's own secret")
    .action(async (server, { device, clientCredentials }) => {
      const other = clientCredentials ? 'client-credentials' : 'browser';
      await run({ verb: 'login', server, flow: device ? 'device' : other });
    });
  mcp
    .command('logout <server>')
    .description('end a login')
    .action(async (server) => run({ verb: 'logout', server }));
  mcp
    .command('list')
    .description('list the MCP servers and their logins')
    .action(async () => run({ verb: 'list' }));
}
