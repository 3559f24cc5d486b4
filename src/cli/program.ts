import { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { EXIT_HELP } from './exit-codes.ts'

interface CommandFile {
  declare(parent: Command): void
}

const GROUPS: Readonly<Record<string, string>> = {
  pki: 'keys of a state: make, add, revoke, show',
  trust: 'trust lists: sign, publish, pin, approve, show',
  client: 'client systems of a node',
  peer: 'nodes of other states',
  log: 'the log of a node: its policy, claims against it',
  lost: 'what a restore could not bring back: list it, settle its numbers',
  config: 'what the node is configured with',
}

/** Every command by its words. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandFile>>> = {
  demo: () => import('./commands/demo.ts'),
  serve: () => import('./commands/serve.ts'),
  status: () => import('./commands/status.ts'),
  'admin-acts': () => import('./commands/admin-acts.ts'),
  'config check': () => import('./commands/config-check.ts'),
  'config table': () => import('./commands/config-table.ts'),
  migrate: () => import('./commands/migrate.ts'),
  issue: () => import('./commands/issue.ts'),
  validate: () => import('./commands/validate.ts'),
  evidence: () => import('./commands/evidence.ts'),
  call: () => import('./commands/call.ts'),
  operations: () => import('./commands/operations.ts'),
  'pki init': () => import('./commands/pki-init.ts'),
  'pki add-body': () => import('./commands/pki-add-body.ts'),
  'pki add-seal': () => import('./commands/pki-add-seal.ts'),
  'pki add-trust-service': () => import('./commands/pki-add-trust-service.ts'),
  'pki renew': () => import('./commands/pki-renew.ts'),
  'pki renew-crls': () => import('./commands/pki-renew-crls.ts'),
  'pki add-responder': () => import('./commands/pki-add-responder.ts'),
  'pki sign-ocsp': () => import('./commands/pki-sign-ocsp.ts'),
  'pki revoke': () => import('./commands/pki-revoke.ts'),
  'pki show': () => import('./commands/pki-show.ts'),
  'pki export-secrets': () => import('./commands/pki-export-secrets.ts'),
  'trust issue': () => import('./commands/trust-issue.ts'),
  'trust publish': () => import('./commands/trust-publish.ts'),
  'trust pin': () => import('./commands/trust-pin.ts'),
  'trust hasten': () => import('./commands/trust-hasten.ts'),
  'trust withdraw-root': () => import('./commands/trust-withdraw-root.ts'),
  'trust settle-fork': () => import('./commands/trust-settle-fork.ts'),
  'trust approve': () => import('./commands/trust-approve.ts'),
  'trust show': () => import('./commands/trust-show.ts'),
  'trust revocation': () => import('./commands/trust-revocation.ts'),
  'trust versions': () => import('./commands/trust-versions.ts'),
  'trust issue-officials': () => import('./commands/trust-issue-officials.ts'),
  'trust publish-officials': () => import('./commands/trust-publish-officials.ts'),
  'trust officials': () => import('./commands/trust-officials.ts'),
  'log policy': () => import('./commands/log-policy.ts'),
  'log set-aside': () => import('./commands/log-set-aside.ts'),
  'client generate-key': () => import('./commands/client-generate-key.ts'),
  'client add': () => import('./commands/client-add.ts'),
  'client list': () => import('./commands/client-list.ts'),
  'client disable': () => import('./commands/client-disable.ts'),
  'peer list': () => import('./commands/peer-list.ts'),
  'peer reconciliations': () => import('./commands/peer-reconciliations.ts'),
  audit: () => import('./commands/audit.ts'),
  backup: () => import('./commands/backup.ts'),
  restore: () => import('./commands/restore.ts'),
  'lost list': () => import('./commands/lost-list.ts'),
  'lost settle': () => import('./commands/lost-settle.ts'),
}

/** The program with the command that the words name, or with all that they may mean. */
export async function createProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('certex')
    .description('Electronic certificate exchange between states')
    .version(manifest.version)
    // Else the program's own --version takes that of `trust hasten`, prints itself and ends well.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'certex: ')) })
    .showHelpAfterError('(--help says what it takes)')
    .addHelpText('after', EXIT_HELP)
  const groups = new Map<string, Command>()
  for (const name of namesMeant(words)) {
    const [group = '', command] = name.split(' ')
    if (command !== undefined && !groups.has(group))
      groups.set(group, program.command(group).description(GROUPS[group] ?? ''))
    const file = await COMMANDS[name]!()
    file.declare(groups.get(group) ?? program)
  }
  return program
}

/**
 * Only what is declared is loaded, so that an offline validation starts fast and works without a
 * database engine.
 */
function namesMeant([first = '', second = '']: readonly string[]): string[] {
  const names = Object.keys(COMMANDS)
  const named = [`${first} ${second}`, first].filter((name) => names.includes(name))
  if (named.length > 0) return named
  const inGroup = names.filter((name) => name.startsWith(`${first} `))
  return inGroup.length > 0 ? inGroup : names
}
