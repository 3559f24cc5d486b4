import type { Command } from 'commander'
import { type Reconciliation, RECONCILED_VIEWS } from '../../exchange/reconciliation/payload.ts'
import { reconciliationState } from '../../exchange/reconciliation/state.ts'
import type { Difference, StoredVerdict } from '../../exchange/reconciliation/store.ts'
import { payloadOf } from '../../exchange/registered.ts'
import { parseState } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

const SHOWN_DAYS = 14
const SHOWN_DIFFERENCES = 20

/** `certex peer reconciliations`: what two nodes say of each other's messages, day by day. */
export function declare(peer: Command): void {
  const command = peer
    .command('reconciliations')
    .description('what this node and a peer say was sent, received and decided, and what differs')
    .addOption(configOption())
    .requiredOption('--peer <code>', 'state of the peer', parseState)
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex peer reconciliations --config by/node.json --peer UZ')
}

async function run({ config, peer, json }: { config?: string; peer: string; json?: boolean }) {
  await withBench(config, {}, async ({ reconciliations: store }, { state: own }) => {
    const deps = { state: own, now: () => new Date(), reconciliations: store }
    const state = await reconciliationState(deps)(peer)
    const found = await store.list(peer, { after: undefined, limit: 2 * SHOWN_DAYS })
    const documents = found.map(({ sha256, maker, jws, verdicts }) => {
      return { sha256, maker, document: payloadOf(jws) as Reconciliation, verdicts }
    })
    const lines = documents.flatMap((one) => linesOf(one))
    const text = [`${peer}  ${WORDS[state]}`, ...lines].join('\n')
    printResult(json, { state, documents }, text)
  })
}

const WORDS = {
  agrees: 'agrees',
  differs: 'DIFFERS',
  'cannot-tell': 'cannot be told yet',
} as const

function linesOf({
  maker,
  sha256,
  document,
  verdicts,
}: {
  maker: string
  sha256: string
  document: Reconciliation
  verdicts: readonly StoredVerdict[]
}): string[] {
  const counts = RECONCILED_VIEWS.map((view) => `${view} ${document[view].count}`).join(', ')
  return [
    '',
    `  ${maker} until ${document.until}: ${counts}  ${sha256}`,
    ...verdicts.flatMap((verdict) => verdictLines(verdict)),
  ]
}

function verdictLines({ view, outcome, reason, at, differences, complete }: StoredVerdict) {
  const shown = differences.slice(0, SHOWN_DIFFERENCES)
  const isCut = !complete || shown.length < differences.length
  return [
    `    ${view}  ${WORDS[outcome]} (${reason}) since ${at}`,
    ...shown.map((difference) => `      ${differenceText(difference)}`),
    ...(isCut && shown.length > 0 ? ['      and more: --json has what is kept'] : []),
  ]
}

function differenceText({ key, here, there }: Difference): string {
  const named = (row: Difference['here']) =>
    row === undefined ? 'nothing' : [row.sha256, row.receipt].filter(Boolean).join(' decided by ')
  return `${key}: here ${named(here)}, there ${named(there)}`
}
