import type { Command } from 'commander'
import { readHostFacts } from '../../node/host-facts.ts'
import { onOneLine } from '../../exchange/texts/foreign-text.ts'
import type { Workbench } from '../../node/bootstrap.ts'
import { type BenchSettings, withBench } from '../bench.ts'
import { copyable } from '../copyable.ts'
import { type Language, languageOf } from '../language.ts'
import { asOption, configOption, example, jsonOption, languageOption } from '../options.ts'
import { printResult, table } from '../print.ts'
import { revocationSummary } from '../revocation-text.ts'

interface Options {
  config?: string
  seen?: boolean
  as?: string
  language?: Language
  json?: boolean
}

const MOST_ALARMS = 1000

/** `certex status`: what the operator has to know, on one screen. */
export function declare(program: Command): void {
  const command = program
    .command('status')
    .description('how the node is: log, peers, warnings, alarms that nobody has seen')
    .addOption(configOption())
    .option('--seen', 'from now on leave out the alarms shown here')
    .addOption(asOption())
    .addOption(languageOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex status --config by/node.json')
}

async function run({ config, seen = false, as, language, json }: Options) {
  await withBench(config, { as }, async (bench, settings) => {
    const status = await statusOf(bench, settings)
    const last = status.alarms.at(-1)
    if (seen && last) await bench.adminActs.record([bench.act('alarms-seen', String(last.n))])
    const text = textOf(status, { config, language: languageOf(language, process.env) })
    printResult(json, status, text)
  })
}

type Status = Awaited<ReturnType<typeof statusOf>>

async function statusOf(bench: Workbench, { state, environment, ...settings }: BenchSettings) {
  const contacts = await bench.peers.all()
  const seen = await bench.adminActs.last('alarms-seen')
  const alarms = await bench.alarms.list(Number(seen?.subject ?? 0), MOST_ALARMS)
  return {
    state,
    environment,
    publicUrl: settings.publicUrl,
    epoch: bench.epoch,
    logSize: await bench.logSize(),
    peers: await Promise.all(
      contacts.map(async ({ feed: _feed, ...contact }) => ({
        ...contact,
        ...(await bench.outbox.backlog(contact.state)),
      })),
    ),
    revocation: await bench.revocation(),
    warnings: await bench.warnings(readHostFacts(settings)),
    alarms,
  }
}

function textOf(
  status: Status,
  { config, language }: { config: string | undefined; language: Language },
): string {
  const { state, environment, publicUrl, epoch, logSize, peers, warnings, alarms } = status
  const marked = environment === 'training' ? 'TRAINING' : environment
  const rows = peers.map((peer) => [
    peer.state,
    String(peer.waiting),
    peer.waitingSince ?? '',
    String(peer.undecided),
    peer.lastHeardAt ?? 'never',
    peer.attempts === 0 ? '' : (peer.nextAttemptAt ?? ''),
    peer.lastError ?? '',
  ])
  const head = ['peer', 'waiting', 'since', 'undecided', 'last heard', 'next try', 'last error']
  const dropped = alarms.length === MOST_ALARMS ? ' or more' : ''
  return [
    `${state} (${marked})  ${publicUrl}  epoch ${epoch}  ${logSize} entries`,
    '',
    rows.length === 0 ? 'No peer was met yet' : table(head, rows),
    '',
    copyable(revocationSummary(status.revocation), { config }),
    '',
    warnings.length === 0 ? 'No warnings' : `Warnings: ${warnings.length}`,
    ...warnings.map(
      ({ overdue, at, kind, message }) =>
        `  ${overdue ? '!' : '-'} ${kind}${at === undefined ? '' : ` ${at}`}: ${onOneLine(copyable(message[language], { config }))}`,
    ),
    '',
    alarms.length === 0
      ? 'No alarms that nobody has seen'
      : `Alarms that nobody has seen: ${alarms.length}${dropped} (--seen leaves them out next time)`,
    // Kept as they were told: their commands stand in the warnings, as long as there is something to do.
    ...alarms.map(
      ({ at, kind, peer, detail }) => `  ${at} ${kind} ${peer ?? ''} ${onOneLine(detail)}`,
    ),
  ].join('\n')
}
