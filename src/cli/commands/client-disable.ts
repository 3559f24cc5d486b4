import type { Command } from 'commander'
import { withBench } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

/** `certex client disable`: shuts a client system out, its tokens included. */
export function declare(client: Command): void {
  const command = client
    .command('disable')
    .description('shut a client system out at once, its tokens included; the id is not used again')
    .addOption(configOption())
    .requiredOption('--id <id>', 'the client system')
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex client disable --config by/node.json --id chamber')
}

interface Options {
  config?: string
  id: string
  as?: string
  json?: boolean
}

async function run({ config, id, as, json }: Options) {
  await withBench(config, { as }, async ({ clients, act }) => {
    const client = await clients.find(id)
    if (!client) throw new CliError('usage', `No client is called ${id}: see certex client list`)
    const disabled = act('client-disabled', id)
    const disabledAt = client.disabledAt ?? disabled.at
    if (client.disabledAt === undefined) await clients.disable(id, disabledAt, [disabled])
    printResult(json, { id, disabledAt }, `${id} is disabled since ${disabledAt}`)
  })
}
