import type { Command } from 'commander'
import { formatInstant } from '../../encoding/time.ts'
import { withBench } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

/** `certex client disable`: shuts a client system out, its tokens included. */
export function declare(client: Command): void {
  const command = client
    .command('disable')
    .description('shut a client system out at once, its tokens included; the id is not used again')
    .addOption(configOption())
    .requiredOption('--id <id>', 'the client system')
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex client disable --config by/node.json --id chamber')
}

async function run({ config, id, json }: { config: string; id: string; json?: boolean }) {
  await withBench(config, {}, async ({ clients }) => {
    const client = await clients.find(id)
    if (!client) throw new CliError('usage', `No client is called ${id}: see certex client list`)
    const disabledAt = client.disabledAt ?? formatInstant(new Date())
    if (client.disabledAt === undefined) await clients.disable(id, disabledAt)
    printResult(json, { id, disabledAt }, `${id} is disabled since ${disabledAt}`)
  })
}
