import type { Command } from 'commander'
import { parseState } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { type Language, languageOf } from '../language.ts'
import { configOption, example, jsonOption, languageOption } from '../options.ts'
import { printResult } from '../print.ts'
import { revocationText } from '../revocation-text.ts'

interface Options {
  config?: string
  state?: string
  language?: Language
  json?: boolean
}

/** `certex trust revocation`: how current CRLs and OCSP responses are. */
export function declare(trust: Command): void {
  const command = trust
    .command('revocation')
    .description('every CRL and OCSP response: how long it counts, whence it comes, what to do')
    .addOption(configOption())
    .option('--state <code>', 'only this state', parseState)
    .addOption(languageOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex trust revocation --config by/node.json')
}

async function run({ config, state, language, json }: Options) {
  await withBench(config, {}, async (bench) => {
    const all = await bench.revocation()
    const isAsked = (one: { state: string }) => state === undefined || one.state === state
    const shown = { crls: all.crls.filter(isAsked), ocsp: all.ocsp.filter(isAsked) }
    printResult(json, shown, revocationText(shown, languageOf(language, process.env)))
  })
}
