import type { Command } from 'commander'

interface CommandFile {
  declare(parent: Command): void
}

const GROUPS: Readonly<Record<string, string>> = {
  pki: 'keys of a state: make, add, revoke, show',
  trust: 'trust lists: sign, publish, pin, show',
  client: 'client systems of a node',
  peer: 'nodes of other states',
}

const COMMANDS: Readonly<Record<string, () => Promise<CommandFile>>> = {
  demo: () => import('./commands/demo.ts'),
  serve: () => import('./commands/serve.ts'),
  migrate: () => import('./commands/migrate.ts'),
  issue: () => import('./commands/issue.ts'),
  validate: () => import('./commands/validate.ts'),
  'pki init': () => import('./commands/pki-init.ts'),
  'pki add-body': () => import('./commands/pki-add-body.ts'),
  'pki add-seal': () => import('./commands/pki-add-seal.ts'),
  'pki renew-crls': () => import('./commands/pki-renew-crls.ts'),
  'pki revoke': () => import('./commands/pki-revoke.ts'),
  'pki show': () => import('./commands/pki-show.ts'),
  'trust issue': () => import('./commands/trust-issue.ts'),
  'trust publish': () => import('./commands/trust-publish.ts'),
  'trust pin': () => import('./commands/trust-pin.ts'),
  'trust show': () => import('./commands/trust-show.ts'),
  'trust versions': () => import('./commands/trust-versions.ts'),
  'client generate-key': () => import('./commands/client-generate-key.ts'),
  'client add': () => import('./commands/client-add.ts'),
  'client list': () => import('./commands/client-list.ts'),
  'client disable': () => import('./commands/client-disable.ts'),
  'peer list': () => import('./commands/peer-list.ts'),
  backup: () => import('./commands/backup.ts'),
  restore: () => import('./commands/restore.ts'),
}

/**
 * Declares the command that the words name, or all that they may mean. Only what is declared is loaded, so
 * that an offline validation starts fast and works without a database engine.
 */
export async function declareCommands(
  program: Command,
  words: readonly string[],
): Promise<void> {
  const [first = '', second = ''] = words
  const names = Object.keys(COMMANDS)
  const named = [`${first} ${second}`, first].find((name) => names.includes(name))
  const inGroup = names.filter((name) => name.startsWith(`${first} `))
  const wanted = named !== undefined ? [named] : inGroup.length > 0 ? inGroup : names
  const groups = new Map<string, Command>()
  for (const name of wanted) {
    const [group = '', command] = name.split(' ')
    if (command !== undefined && !groups.has(group))
      groups.set(group, program.command(group).description(GROUPS[group] ?? ''))
    const file = await COMMANDS[name]!()
    file.declare(groups.get(group) ?? program)
  }
}
