import { Command, Option } from 'commander';
import type { CommandContext, OnHangUp } from './command-context.ts';
import { type DeliverCommandOptions, deliverCommand } from './commands/deliver-command.ts';
import { demoCommand } from './commands/demo-command.ts';
import { serveCommand } from './commands/serve/serve-command.ts';
import type { ServeCommandOptions } from './commands/serve/serve-plan.ts';
import { type SyncCommandOptions, syncCommand } from './commands/sync-command.ts';
import {
  type UserCommandOptions,
  userAddCommand,
  userListCommand,
  userPasswdCommand,
  userRemoveCommand,
} from './commands/user-command.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { jsonOutput } from './output/json-output.ts';
import type { Streams } from './output/output.ts';
import { textOutput } from './output/text-output.ts';

export interface ProgramOptions extends Streams {
  readonly version: string;
  readonly signal: AbortSignal;
  /** Calls back for each SIGHUP. @defaultValue never */
  readonly onHangUp?: OnHangUp | undefined;
  /** @defaultValue that of the process */
  readonly stdin?: AsyncIterable<Uint8Array | string> | undefined;
}

interface CommonOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const PASSWORDS = `
Passwords come from --password-file, --password-command, the environment
(POSTHORN_PASSWORD) or a prompt, never from the command line.`;

const SYSEXITS = `
Ends with the codes that mail systems know: 0 the message is on the disk, 64 usage,
67 no such user, 73 no such mailbox, 75 try again later (anything else).`;

/** The command line. Resolves to the exit code; rejects with a `CommanderError` for a bad or a merely informative one. */
export async function runProgram(
  args: readonly string[],
  { version, signal, stdin, stdout, stderr, onHangUp = () => () => {} }: ProgramOptions,
): Promise<ExitCode> {
  let exitCode: ExitCode | undefined;
  const program = new Command('posthorn')
    .description('reads, moves, keeps and serves mail')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: () => {} });
  const context = ({ json = false, verbose = false }: CommonOptions): CommandContext => ({
    output: json ? jsonOutput({ stdout, stderr }) : textOutput({ stdout, stderr }),
    args,
    signal,
    onHangUp,
    stdin,
    stdout,
    stderr,
    verbose,
  });

  command(program, 'demo', 'run server, client, sync and Maildir end to end on made-up mail')
    .option('--keep <dir>', 'write the Maildir there instead of a temporary folder')
    .action(async (options: CommonOptions & { keep?: string }) => {
      exitCode = await demoCommand(options, context(options));
    });

  withPassword(command(program, 'sync', 'bring a target in step with a source'))
    .argument('<source>', 'imaps:// or pop3s://USER@HOST[:PORT], or imap:// or pop3:// (STARTTLS)')
    .argument('<target>', 'maildir:DIR or memory:')
    .option('--plaintext', 'with imap:// and pop3://, stay in clear text, password included (loopback, tests)', false)
    .option('--tls-ca <file>', 'trust the certificate authorities in this PEM file')
    .option('--expunge', 'remove messages from the target that are gone at the source (IMAP)', false)
    .option('--max-expunge <percent>', 'remove nothing where more of a mailbox is gone, beyond 10 messages')
    .addOption(
      new Option('--delete-after <days>', 'delete at the server what was stored so many days ago (POP3)').conflicts(
        'leaveOnServer',
      ),
    )
    .option('--leave-on-server', 'delete nothing at the server, as without --delete-after (POP3)', false)
    .addHelpText('after', PASSWORDS)
    .action(async (source: string, target: string, options: CommonOptions & SyncCommandOptions) => {
      exitCode = await syncCommand(source, target, options, context(options));
    });

  command(program, 'deliver', 'put the message on standard input into a Maildir, as mail systems ask for')
    .requiredOption('--maildir <dir>', 'the Maildir, or its URL with options; it is made when it is missing')
    .option('--user <name>', 'the user whose mail it is; --maildir holds a Maildir for each, as with serve --users')
    .option('--users <file>', 'the users file')
    .option('--folder <name>', 'the mailbox, such as Lists/cats (default: INBOX)')
    .option('--create', 'make the mailbox when it is missing', false)
    .option('--flags <flags>', "flags of the message, such as '\\Seen,$Label'")
    .addHelpText('after', SYSEXITS)
    .action(async (options: CommonOptions & DeliverCommandOptions) => {
      exitCode = await deliverCommand(options, context(options));
    });

  withPassword(command(program, 'serve', 'serve a store until interrupted'))
    .requiredOption('--store <url>', 'maildir:DIR or memory:')
    .option('--user <name>', 'the one who may log in; the store is their account')
    .option('--users <file>', 'those in this file may log in; each has an account below the store')
    .option('--scram <hashes>', 'SCRAM to offer, for which all users have keys (default: SHA-256)')
    .option('--imap <host:port>', 'listen for IMAP; port 0 takes any free one')
    .option('--imaps <host:port>', 'listen for IMAP over TLS')
    .option('--pop3 <host:port>', 'listen for POP3')
    .option('--pop3s <host:port>', 'listen for POP3 over TLS')
    .option('--pop3-mailbox <name>', 'the mailbox POP3 serves (default: INBOX)')
    .option('--tls-cert <file>', 'certificate chain in PEM; offers STARTTLS and STLS too')
    .option('--tls-key <file>', 'private key in PEM')
    .option('--allow-insecure-auth', 'allow logins in clear text', false)
    .option('--seed <dir>', 'first load a folder of .eml files or a Maildir')
    .option('--processes <n>', 'serve in so many processes, which share the ports (default: 1)')
    .option('--metrics <host:port>', 'answer /metrics there, for Prometheus; a port alone is on the loopback')
    .option('--max-connections <n>', 'connections at once (default: 10000)')
    .option('--max-connections-per-address <n>', 'connections at once from one address (default: 1024)')
    .option('--max-connections-per-user <n>', 'connections at once of one user (default: 128)')
    .option('--log-format <format>', 'text or json: the log on standard error', 'text')
    .option('--log-level <level>', 'debug, info, warn or error (default: warn, with --verbose debug)')
    .addHelpText('after', PASSWORDS)
    .action(async (options: CommonOptions & ServeCommandOptions) => {
      exitCode = await serveCommand(options, context(options));
    });

  const user = program.command('user').description('keep a users file for serve --users');
  withPassword(userCommand(user, 'add', 'add a user'))
    .argument('<name>')
    .option('--scram <hashes>', 'keep keys for SCRAM with SHA-1, SHA-256, SHA-512 (commas between)', 'SHA-256')
    .addHelpText('after', PASSWORDS)
    .action(async (name: string, options: CommonOptions & UserCommandOptions) => {
      exitCode = await userAddCommand(name, options, context(options));
    });
  withPassword(userCommand(user, 'passwd', 'give a user another password'))
    .argument('<name>')
    .option('--scram <hashes>', 'keep keys for SCRAM with SHA-1, SHA-256, SHA-512 (commas between; default: as before)')
    .addHelpText('after', PASSWORDS)
    .action(async (name: string, options: CommonOptions & UserCommandOptions) => {
      exitCode = await userPasswdCommand(name, options, context(options));
    });
  userCommand(user, 'remove', 'remove a user, and leave their mail')
    .argument('<name>')
    .action(async (name: string, options: CommonOptions & UserCommandOptions) => {
      exitCode = await userRemoveCommand(name, options, context(options));
    });
  userCommand(user, 'list', 'print the names of all users').action(
    async (options: CommonOptions & UserCommandOptions) => {
      exitCode = await userListCommand(options, context(options));
    },
  );

  if (args.every((arg) => arg === '--')) {
    stderr.write(program.helpInformation());
    return EXIT.usage;
  }
  await program.parseAsync([...args], { from: 'user' });
  if (exitCode === undefined) throw new TypeError('the command line led nowhere');
  return exitCode;
}

function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--json', 'one JSON object a line on standard output')
    .option('--verbose', 'add the protocol, without secrets, on standard error');
}

function userCommand(parent: Command, name: string, description: string): Command {
  return command(parent, name, description).requiredOption('--users <file>', 'the users file');
}

function withPassword(command: Command): Command {
  return command
    .addOption(new Option('--password-file <file>', 'read the password from the first line of a file'))
    .addOption(
      new Option('--password-command <command>', 'run a command that prints the password').conflicts('passwordFile'),
    );
}
