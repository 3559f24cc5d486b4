import type { Command } from 'commander'
import { parseFingerprint, parseState } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { CliError } from '../cli-error.ts'
import { fingerprintText } from '../fingerprint-text.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

interface Options {
  config?: string
  state: string
  fingerprint: string
  as?: string
  json?: boolean
}

/** `certex trust pin`: the root of a state, after its fingerprint was compared in person. */
export function declare(trust: Command): void {
  const command = trust
    .command('pin')
    .description('pin the root of a state, after its fingerprint was compared in person')
    .addOption(configOption())
    .requiredOption('--state <code>', 'the state, also the own one', parseState)
    .requiredOption('--fingerprint <sha256>', 'SHA-256 of its root certificate', parseFingerprint)
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex trust pin --config by/node.json --state UZ --fingerprint 3F:A0:…:9C')
}

async function run({ config, state, fingerprint: rootSha256, as, json }: Options) {
  const outcome = await withBench(config, { create: true, as }, (bench) =>
    bench.pin(state, rootSha256),
  )
  if (outcome === 'other-root-pinned')
    throw new CliError(
      'refused',
      `Another root is pinned for ${state}: see certex trust show; a pinned root is not exchanged`,
    )
  const said = outcome === 'pinned' ? 'Pinned' : 'Pinned already:'
  printResult(
    json,
    { state, rootSha256, outcome },
    `${said} the root of ${state}, SHA-256 ${fingerprintText(rootSha256)}`,
  )
}
