import type { Command } from 'commander'
import { parseFingerprint, parseState } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { copyable } from '../copyable.ts'
import { fingerprintText } from '../fingerprint-text.ts'
import { asOption, configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'
import { proposed } from '../trust-question.ts'

interface Options {
  config?: string
  state: string
  fingerprint: string
  as?: string
  json?: boolean
}

/** `certex trust pin`: the first of two persons, after the fingerprint of a root was compared. */
export function declare(trust: Command): void {
  const command = trust
    .command('pin')
    .description(
      'propose to pin the root of a state, after its fingerprint was compared in person; another person approves it',
    )
    .addOption(configOption())
    .requiredOption('--state <code>', 'the state, also the own one', parseState)
    .requiredOption('--fingerprint <sha256>', 'SHA-256 of its root certificate', parseFingerprint)
    .addOption(asOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex trust pin --config by/node.json --state UZ --fingerprint 3F:A0:…:9C')
}

async function run({ config, state, fingerprint: rootSha256, as, json }: Options) {
  await withBench(config, { create: true, as }, async (bench) => {
    const others = (await bench.trustStore.pins()).filter(
      (pin) => pin.state === state && pin.rootSha256 !== rootSha256,
    )
    const outcome = await bench.propose({ kind: 'root', state, subject: rootSha256 })
    const what = `the root of ${state}, SHA-256 ${fingerprintText(rootSha256)}`
    const approve = `certex trust approve --state ${state} --fingerprint ${fingerprintText(rootSha256)}`
    const lines = [
      proposed(outcome, { what, done: 'pinned', approve }),
      ...others.map(
        (pin) =>
          `Note: the root ${fingerprintText(pin.rootSha256)} of ${state} is pinned since ${pin.pinnedAt}; it stays pinned, and lists under either are believed`,
      ),
    ]
    const text = copyable(lines.join('\n'), { config, as })
    printResult(json, { state, rootSha256, ...outcome }, text)
  })
}
