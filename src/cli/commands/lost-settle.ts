import { type Command } from 'commander'
import { parseCertificateId } from '../../certificate/certificate-id.ts'
import { type LostEntry, UNMIRRORED } from '../../exchange/log/lost-documents.ts'
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
  reason?: string
  as?: string
  json?: boolean
}

/** `certex lost settle`: which numbers lost certificates bore, so that none is issued twice. */
export function declare(lost: Command): void {
  const command = lost
    .command('settle')
    .description('say which number a lost certificate bore: it is never issued again')
    .addOption(configOption())
    .option(
      '--sha256 <digest>',
      'the lost certificate, as certex lost list shows it',
      parseFingerprint,
    )
    .option('--type <type>', 'its type, such as origin.ct1')
    .option('--number <number>', 'its number, as the books of its body have it')
    .option(
      '--rest',
      'all others, and what stood behind the end that was mirrored: the bodies answer for never using those numbers again',
    )
    .option('--reason <text>', 'with --rest: who answered for it, and how')
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(
    command,
    'certex lost settle --config by/node.json --sha256 DIGEST --type origin.ct1 --number BYUZ6001000017',
  )
}

async function run({ config, as, json, ...said }: Options) {
  await withBench(config, { as }, async ({ lost, act }, { state }) => {
    const settle = async (sha256: string, words: string, id?: ReturnType<typeof idOf>) => {
      const done = act('lost-number-settled', sha256, words)
      return lost.settle({ sha256, id }, done.at, [done])
    }
    if (said.rest) {
      if (!said.reason)
        throw new CliError('usage', '--rest needs --reason TEXT: who answered for it')
      let count = 0
      for (let page = await lost.list(undefined, PAGE); page.length > 0;) {
        for (const { sha256 } of page.filter(isOpen))
          if ((await settle(sha256, `none: ${said.reason}`)) === 'settled') count++
        const last = page.at(-1)!
        page = await lost.list({ index: last.index ?? -1, sha256: last.sha256 }, PAGE)
      }
      return printResult(json, { settled: count }, `${count} are settled`)
    }
    const { sha256, type, number } = said
    if (sha256 === undefined || type === undefined || number === undefined)
      throw new CliError('usage', 'Give --sha256, --type and --number, or --rest with --reason')
    const id = idOf({ state, type, number })
    const outcome = await settle(sha256, `${id.type} ${id.number}`, id)
    if (outcome === 'not-lost')
      throw new CliError('refused', `${sha256} is no lost certificate: see certex lost list`)
    if (outcome === 'settled-before')
      throw new CliError('refused', `The number of ${sha256} was settled before`)
    const { unsettled } = await lost.count()
    const left = unsettled === 0 ? 'None is left' : `${unsettled} are left`
    printResult(json, { sha256, type, number, unsettled }, `${type} ${number} stays used. ${left}`)
  })
}

const PAGE = 1000

const isOpen = ({ kind, to, settledAt }: LostEntry) =>
  settledAt === undefined &&
  (kind === UNMIRRORED || (kind === 'certificate' && Object.keys(to).length > 0))

function idOf(parts: { state: string; type: string; number: string }) {
  const id = parseCertificateId(parts)
  if (!id) throw new CliError('usage', `${parts.type} ${parts.number} names no certificate`)
  return id
}
