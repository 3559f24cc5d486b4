import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demoStates } from '../../src/cli/demo/states.ts'
import { prepareDevState, publishDevTrust } from '../../src/node/dev-state.ts'
import { certifyBody, reread, type SelfSigningBody } from './self-signing.ts'
import { eventually, freePort, startTestNode, type TwoNodes } from './two-nodes.ts'

/**
 * Belarus with every kind of party that changes the status of certificates: a chamber and a certifier
 * whose seals the node keeps, the authority above the certifier, and a chamber that signs itself.
 */
export async function startChangingStates(): Promise<TwoNodes & { readonly own: SelfSigningBody }> {
  const folder = await mkdtemp(join(tmpdir(), 'certex-changes-'))
  const states = demoStates(folder, { BY: await freePort(), UZ: await freePort() })
  const [chamber, certifier] = states.BY.bodies
  const bodies = [
    chamber!,
    { ...chamber!, id: 'BY.CCI.002', code: '002', custody: 'body' as const },
    { ...certifier!, id: 'BY.GOSSTANDART.TESTCERT' },
    { ...certifier!, id: 'BY.GOSSTANDART', code: '998', authorityId: 'BY/112 998.01' },
  ]
  const prepared = await prepareDevState({ ...states.BY, bodies })
  const own = await certifyBody(prepared, folder, 'BY.CCI.002')
  const BY = await reread(prepared)
  const UZ = await prepareDevState(states.UZ)
  await publishDevTrust(BY, [UZ])
  await publishDevTrust(UZ, [BY])
  const nodes = { BY: await startTestNode(BY), UZ: await startTestNode(UZ) }
  await eventually('the nodes have met', async () => {
    const peers = await Promise.all(
      [nodes.BY, nodes.UZ].map(({ running }) => running.deps.peers.all()),
    )
    return peers.every(([peer]) => peer?.trustCheckedAt && peer.lastHeardAt)
  })
  return {
    folder,
    own,
    ...nodes,
    async close() {
      await Promise.all([nodes.BY.running.stop(), nodes.UZ.running.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
