import { type Command, InvalidArgumentError } from 'commander'
import { withBench } from '../bench.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult, table } from '../print.ts'

const MOST = 1000

/** `certex admin-acts`: who changed the node itself. */
export function declare(program: Command): void {
  const command = program
    .command('admin-acts')
    .description('who changed the node itself: clients, pins, lists, keys, restores, migrations')
    .addOption(configOption())
    .option('--after <n>', 'only those after this one', parseNumber, 0)
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex admin-acts --config by/node.json')
}

function parseNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('A number, as the list shows it.')
  return Number(text)
}

async function run({ config, after, json }: { config?: string; after: number; json?: boolean }) {
  await withBench(config, {}, async ({ adminActs }) => {
    const acts = await adminActs.list(after, MOST)
    const rows = acts.map(({ n, at, actor, act, subject, detail = '' }) => [
      String(n),
      at,
      actor,
      act,
      subject,
      detail,
    ])
    const more = acts.length === MOST ? [`More: --after ${acts.at(-1)!.n}`] : []
    const text =
      rows.length === 0
        ? 'Nothing was recorded'
        : [table(['n', 'at', 'who', 'act', 'subject', 'detail'], rows), ...more].join('\n')
    printResult(json, { acts }, text)
  })
}
