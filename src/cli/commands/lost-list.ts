import { type Command } from 'commander'
import type { LateReason, LostEntry } from '../../exchange/log/lost-documents.ts'
import { withBench } from '../bench.ts'
import { copyable } from '../copyable.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult, table } from '../print.ts'

const PAGE = 1000
/** Of administrative entries in one line. */
const MAX_NAMED = 20

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
      'what stands in the log and no restore brought back into effect: documents, and the records behind administrative entries',
    )
    .addOption(configOption())
    .option('--records', 'each administrative entry in a line of its own')
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex lost list --config by/node.json')
}

async function run({ config, records: eachRecord = false, json }: Options) {
  await withBench(config, {}, async ({ lost }) => {
    const entries: LostEntry[] = []
    let page: LostEntry[]
    do {
      const last: LostEntry | undefined = entries.at(-1)
      page = await lost.list(last && { index: last.index ?? -1, sha256: last.sha256 }, PAGE)
      entries.push(...page)
    } while (page.length === PAGE)
    const isRecord = ({ kind }: LostEntry) => kind === 'administrative'
    const administrative = entries.filter(isRecord)
    const shown = eachRecord ? entries : entries.filter((entry) => !isRecord(entry))
    const rows = shown.map(({ index, kind, at = '', to, sha256, settledAt = '', ...rest }) => [
      index === undefined ? '-' : String(index),
      kind,
      at,
      Object.entries(to)
        .map(([state, seq]) => `${state} ${seq}`)
        .join(', '),
      sha256,
      settledAt,
      [...rest.awaits.map((what) => AWAITS[what]), ...lateWords(rest.late, to)].join('; '),
    ])
    const headings = ['entry', 'kind', 'appended', 'to', 'sha256', 'settled', 'to do']
    const lines = [
      ...(rows.length === 0 ? [] : [table(headings, rows)]),
      ...(administrative.length === 0 || eachRecord ? [] : [recordsText(administrative)]),
    ]
    const { documents, administrative: records } = await lost.count()
    const result = { documents, administrative: records, lost: entries }
    const text = lines.join('\n') || 'Nothing is lost'
    printResult(json, result, copyable(text, { config }))
  })
}

/** Mostly many, of some minutes, and the same is to be done about all of them. */
function recordsText(entries: readonly LostEntry[]): string {
  const places = entries.flatMap(({ index }) => (index === undefined ? [] : [String(index)]))
  const named = places.length > MAX_NAMED ? [...places.slice(0, MAX_NAMED), '…'] : places
  const times = entries.flatMap(({ at }) => at ?? []).toSorted()
  return `The records (acts and readings of this node) behind ${entries.length} administrative ${entries.length === 1 ? 'entry' : 'entries'} of the log are lost, and nobody else ever had them: ${named.join(', ')}; ${times[0]} to ${times.at(-1)} (each: --records). What was done to clients, pins, lists and CRLs at that time is to be done again: docs/operating.md, After a loss`
}

const AWAITS: Readonly<Record<LostEntry['awaits'][number], string>> = {
  number: 'say which number it bore (lost settle)',
  change: 'ask the recipients what it changed, have it made again (lost settle)',
}

function lateWords(late: LateReason | undefined, to: LostEntry['to']): string[] {
  if (late === undefined) return []
  if (late === 'order')
    return ['is here, and takes effect when this database is restored with a mirror']
  const taken = 'is here, and takes no effect: another document has its number'
  return Object.keys(to).length === 0
    ? [`${taken}; ask its issuer which counts`]
    : [`${taken}; its body annuls it at its recipients (changeStatus with "displaced")`]
}
