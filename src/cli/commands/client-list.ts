import type { Command } from 'commander'
import { calculateJwkThumbprint, type JWK } from 'jose'
import { withBench } from '../bench.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult, table } from '../print.ts'

/** `certex client list`: who is registered, and with which key. */
export function declare(client: Command): void {
  const command = client
    .command('list')
    .description('list the client systems, their roles and the thumbprints of their keys')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex client list --config by/node.json')
}

async function run({ config, json }: { config?: string; json?: boolean }) {
  await withBench(config, {}, async ({ clients }) => {
    const registered = await Promise.all(
      (await clients.all()).map(async ({ id, role, party, jwk, person, disabledAt }) => ({
        id,
        role,
        party,
        person,
        keyThumbprint: await calculateJwkThumbprint(jwk as JWK),
        disabledAt,
      })),
    )
    const rows = registered.map(({ disabledAt, person = '', ...rest }) => [
      ...Object.values({ ...rest, person }),
      disabledAt === undefined ? 'enabled' : `disabled ${disabledAt}`,
    ])
    const headings = ['id', 'role', 'party', 'key (RFC 7638)', 'person', 'standing']
    const text = rows.length === 0 ? 'No client is registered' : table(headings, rows)
    printResult(json, { clients: registered }, text)
  })
}
