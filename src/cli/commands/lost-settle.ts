import { type Command } from 'commander'
import { parseCertificateId } from '../../certificate/certificate-id.ts'
import type { LostDocuments } from '../../exchange/log/lost-documents.ts'
import { parseFingerprint } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

interface Options {
  config?: string
  sha256?: string
  type?: string
  number?: string
  rest?: boolean
  changes?: boolean
  reason?: string
  as?: string
  json?: boolean
}

/** `certex lost settle`: which numbers lost certificates bore, and that lost changes are made up for. */
export function declare(lost: Command): void {
  const command = lost
    .command('settle')
    .description(
      'say which number a lost certificate bore: it is never issued again; or that what a lost status change changed is changed again',
    )
    .addOption(configOption())
    .option(
      '--sha256 <digest>',
      'the lost certificate or status change, as certex lost list shows it',
      parseFingerprint,
    )
    .option('--type <type>', 'type of the certificate, such as origin.ct1')
    .option('--number <number>', 'its number, as the books of its body have it')
    .option(
      '--rest',
      'all other certificates, and what stood behind the end that was mirrored: the bodies answer for never using those numbers again',
    )
    .option(
      '--changes',
      'all lost status changes, and what stood behind the end that was mirrored: the bodies have made again all that they made since the backup',
    )
    .option(
      '--reason <text>',
      'of a status change: which certificate it was about, and what was done; of several: who answered for it, and how',
    )
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex lost settle --config by/node.json --sha256 DIGEST --type origin.ct1 --number BYUZ6001000017',
    'certex lost settle --config by/node.json --sha256 DIGEST --reason "annulment of BYUZ6001000017, made again"',
  )
}

async function run({ config, as, json, ...said }: Options) {
  await withBench(config, { as }, async ({ lost, act }, { state }) => {
    const settlers: Settlers = {
      number(sha256, words, id) {
        const done = act('lost-number-settled', sha256, words)
        return lost.settle({ sha256, id }, done.at, [done])
      },
      change(sha256, words) {
        const done = act('lost-change-settled', sha256, words)
        return lost.settleChange(sha256, done.at, [done])
      },
    }
    if (said.rest || said.changes) {
      const count = await settleAll(lost, settlers, said)
      return printResult(json, { settled: count }, `${count} ${count === 1 ? 'is' : 'are'} settled`)
    }
    const { sha256, type, number, reason } = said
    if (sha256 === undefined) throw new CliError('usage', GIVE)
    if (type === undefined && number === undefined && reason !== undefined) {
      assertSettled(await settlers.change(sha256, reason), sha256, 'status change of this state')
      const { changes } = await lost.count()
      return printResult(json, { sha256, changes }, `It is settled. ${leftOf(changes)}`)
    }
    if (type === undefined || number === undefined) throw new CliError('usage', GIVE)
    const id = idOf({ state, type, number })
    assertSettled(
      await settlers.number(sha256, `${id.type} ${id.number}`, id),
      sha256,
      'certificate',
    )
    const { unsettled } = await lost.count()
    const text = `${type} ${number} stays used. ${leftOf(unsettled)}`
    printResult(json, { sha256, type, number, unsettled }, text)
  })
}

const GIVE =
  'Give --sha256, --type and --number of a certificate; --sha256 and --reason of a status change; or --rest or --changes with --reason'

type Settled = Awaited<ReturnType<LostDocuments['settle']>>

interface Settlers {
  number(sha256: string, words: string, id?: ReturnType<typeof idOf>): Promise<Settled>
  change(sha256: string, words: string): Promise<Settled>
}

/** How many were settled: everything that awaits a word of the kinds that were named. */
async function settleAll(
  lost: Pick<LostDocuments, 'list'>,
  settlers: Settlers,
  { rest, changes, reason }: Options,
): Promise<number> {
  if (!reason)
    throw new CliError('usage', '--rest and --changes need --reason TEXT: who answered for it')
  let count = 0
  for (let page = await lost.list(undefined, PAGE); page.length > 0;) {
    for (const { sha256, awaits } of page) {
      if (rest && awaits.includes('number'))
        if ((await settlers.number(sha256, `none: ${reason}`)) === 'settled') count++
      if (changes && awaits.includes('change'))
        if ((await settlers.change(sha256, reason)) === 'settled') count++
    }
    const last = page.at(-1)!
    page = await lost.list({ index: last.index ?? -1, sha256: last.sha256 }, PAGE)
  }
  return count
}

function assertSettled(outcome: Settled, sha256: string, what: string): void {
  if (outcome === 'not-lost')
    throw new CliError('refused', `${sha256} is no lost ${what}: see certex lost list`)
  if (outcome === 'settled-before') throw new CliError('refused', `${sha256} was settled before`)
}

function leftOf(count: number): string {
  return count === 0 ? 'None is left' : `${count} are left`
}

const PAGE = 1000

function idOf(parts: { state: string; type: string; number: string }) {
  const id = parseCertificateId(parts)
  if (!id) throw new CliError('usage', `${parts.type} ${parts.number} names no certificate`)
  return id
}
