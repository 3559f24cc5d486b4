import type { Command } from 'commander'
import { parseState } from '../arguments.ts'
import { withBench } from '../bench.ts'
import { claimedList } from '../claimed-list.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult, table } from '../print.ts'

/** `certex trust versions`: every version of a state's trust list that the node accepted. */
export function declare(trust: Command): void {
  const command = trust
    .command('versions')
    .description('every version of the trust list of a state that this node accepted')
    .addOption(configOption())
    .requiredOption('--state <code>', 'whose list', parseState)
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex trust versions --config by/node.json --state BY')
}

async function run(options: { config?: string; state: string; json?: boolean }) {
  const { config, state, json } = options
  await withBench(config, {}, async ({ trustStore }) => {
    const versions = await Promise.all(
      (await trustStore.versions(state)).map(async ({ version, sha256 }) => {
        const jws = (await trustStore.version(state, version))!
        const { issuedAt, nextUpdate } = claimedList(jws, `version ${version}`)
        return { version, sha256, issuedAt, nextUpdate }
      }),
    )
    const rows = versions.map(({ version, ...rest }) => [String(version), ...Object.values(rest)])
    const text =
      rows.length === 0
        ? `No trust list of ${state} was accepted yet`
        : table(['version', 'SHA-256', 'issued', 'next update'], rows)
    printResult(json, { state, versions }, text)
  })
}
