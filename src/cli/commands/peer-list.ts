import type { Command } from 'commander'
import type { Workbench } from '../../node/bootstrap.ts'
import { withBench } from '../bench.ts'
import { claimedList } from '../claimed-list.ts'
import { fingerprintText } from '../fingerprint-text.ts'
import { configOption, example, jsonOption } from '../options.ts'
import { printResult } from '../print.ts'

/** `certex peer list`: how the exchange with every other state goes. */
export function declare(peer: Command): void {
  const command = peer
    .command('list')
    .description('what waits for every peer, when it was last heard, what failed, what is pinned')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(run)
  example(command, 'certex peer list --config by/node.json')
}

async function run({ config, json }: { config?: string; json?: boolean }) {
  await withBench(config, {}, async (bench, { state: own, peers }) => {
    const contacts = await bench.peers.all()
    const pins = await bench.trustStore.pins()
    const states = [...peers, ...contacts, ...pins].map(({ state }) => state)
    const others = [...new Set(states)].filter((state) => state !== own).sort()
    const known = await Promise.all(
      others.map((state) =>
        describe(bench, state, peers.find((configured) => configured.state === state)?.url),
      ),
    )
    const text = known.map(textOf).join('\n\n') || 'No peer is known yet'
    printResult(json, { epoch: bench.epoch, peers: known }, text)
  })
}

type Known = Awaited<ReturnType<typeof describe>>

async function describe(bench: Workbench, state: string, configured: string | undefined) {
  const stored = (await bench.trustStore.newest()).find((list) => list.state === state)
  const list = stored && claimedList(stored.jws, `the stored list of ${state}`)
  const pin = (await bench.trustStore.pins()).find(
    (known) => known.state === state && known.withdrawnFrom === undefined,
  )
  return {
    ...(await bench.peers.find(state)),
    ...(await bench.outbox.backlog(state)),
    url: list?.nodes[0]?.url ?? configured,
    rootSha256: pin?.rootSha256,
    trustListVersion: list?.version,
  }
}

function textOf(peer: Known): string {
  const { state, url = 'address unknown', rootSha256, trustListVersion } = peer
  const pinned = rootSha256 === undefined ? 'not pinned' : fingerprintText(rootSha256)
  const list = trustListVersion === undefined ? 'none yet' : `version ${trustListVersion}`
  const failed =
    peer.lastError === undefined
      ? 'none'
      : `${peer.lastError} (attempt ${peer.attempts}, next ${peer.nextAttemptAt ?? 'unknown'})`
  return [
    `${state}  ${url}`,
    `  root        ${pinned}`,
    `  trust list  ${list}, checked ${peer.trustCheckedAt ?? 'never'}`,
    `  waiting     ${peer.waiting} not received, ${peer.undecided} not decided`,
    `  last sent   ${peer.lastSentAt ?? 'never'}`,
    `  last heard  ${peer.lastHeardAt ?? 'never'}, complete until ${peer.completeAt ?? 'unknown'}`,
    `  last error  ${failed}`,
  ].join('\n')
}
