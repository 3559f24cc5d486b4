import { type Command } from 'commander'
import type { LateReason, LostEntry } from '../../exchange/log/lost-documents.ts'
import { withBench } from '../bench.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult, table } from '../print.ts'

const PAGE = 1000

interface Options {
  config?: string
  records?: boolean
  json?: boolean
}

/** `certex lost list`: what restores could not bring back. */
export function declare(lost: Command): void {
  const command = lost
    .command('list')
    .description(
      'documents whose leaves stand in the log and that no restore brought back into effect',
    )
    .addOption(configOption())
    .option('--records', 'administrative entries as well: acts and readings that were lost')
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex lost list --config by/node.json')
}

async function run({ config, records = false, json }: Options) {
  await withBench(config, {}, async ({ lost }) => {
    const entries: LostEntry[] = []
    let page: LostEntry[]
    do {
      const last: LostEntry | undefined = entries.at(-1)
      page = await lost.list(last && { index: last.index ?? -1, sha256: last.sha256 }, PAGE)
      entries.push(...page)
    } while (page.length === PAGE)
    const shown = entries.filter(({ kind }) => records || kind !== 'administrative')
    const rows = shown.map(({ index, kind, at = '', to, sha256, settledAt = '', ...rest }) => [
      index === undefined ? '-' : String(index),
      kind,
      at,
      Object.entries(to)
        .map(([state, seq]) => `${state} ${seq}`)
        .join(', '),
      sha256,
      settledAt,
      [...rest.awaits.map((what) => AWAITS[what]), ...(rest.late ? [LATE[rest.late]] : [])].join(
        '; ',
      ),
    ])
    const headings = ['entry', 'kind', 'appended', 'to', 'sha256', 'settled', 'to do']
    const text = rows.length === 0 ? 'Nothing is lost' : table(headings, rows)
    printResult(json, { lost: shown }, text)
  })
}

const AWAITS: Readonly<Record<LostEntry['awaits'][number], string>> = {
  number: 'say which number it bore (lost settle)',
  change: 'ask the recipients what it changed, have it made again (lost settle)',
}

const LATE: Readonly<Record<LateReason, string>> = {
  order: 'is here, and takes effect when this database is restored with a mirror',
  taken:
    'is here, and takes no effect: another document has its number; ask its issuer which counts',
}
