import type { Command } from 'commander'
import { parseState } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { claimedOfficials } from '../claimed-list.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult, table } from '../print.ts'

/** `certex trust officials`: who may sign for the bodies of a state, by the register held here. */
export function declare(trust: Command): void {
  const command = trust
    .command('officials')
    .description('who may sign for the bodies of a state, with dated deputies; personal data')
    .addOption(configOption())
    .requiredOption('--state <code>', 'whose register', parseState)
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex trust officials --config by/node.json --state UZ')
}

async function run({ config, state, json }: { config?: string; state: string; json?: boolean }) {
  await withBench(config, {}, async ({ officials }) => {
    const stored = await officials.newest(state)
    const register = stored && claimedOfficials(stored.jws, `the stored register of ${state}`)
    if (!register) {
      printResult(json, { state }, `No register of officials of ${state} is here`)
      return
    }
    const rows = register.officials.map(({ id, body, name, position, from, until, removedAt }) => [
      id,
      body,
      name.cyrillic,
      position,
      from,
      removedAt === undefined ? (until ?? '') : `removed ${removedAt}`,
    ])
    const deputies = register.deputies.map((deputy) => [
      deputy.deputy,
      deputy.for,
      deputy.from,
      deputy.until,
      deputy.basis,
    ])
    const tables = [
      table(['id', 'body', 'name', 'position', 'from', 'until'], rows),
      ...(deputies.length > 0
        ? [table(['deputy', 'for', 'from', 'until', 'basis'], deputies)]
        : []),
    ]
    const heading = `${state}  register of officials version ${register.version} of ${register.issuedAt}`
    printResult(json, register, [heading, ...tables].join('\n\n'))
  })
}
