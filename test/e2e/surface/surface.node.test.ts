import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publishDevTrust } from '../../../src/node/dev-state.ts'
import {
  type Place,
  prepareSurfaceStates,
  type SurfaceNode,
  SYSTEMS,
} from '../../support/surface.ts'
import { eventually, startTestNode, type TestNode } from '../../support/two-nodes.ts'
import { surfaceSuite } from './surface-suite.ts'

surfaceSuite('Node and SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'certex-surface-'))
  const { BY, UZ, selfSigning } = await prepareSurfaceStates(folder)
  await publishDevTrust(BY, [UZ])
  await publishDevTrust(UZ, [BY])
  const nodes = { BY: await startTestNode(BY), UZ: await startTestNode(UZ) }
  await eventually('the nodes have met', async () => {
    const known = [nodes.BY, nodes.UZ].map(({ running }) => running.deps.peers.all())
    return (await Promise.all(known)).every(([peer]) => peer?.trustCheckedAt && peer.lastHeardAt)
  })
  return {
    BY: await withClients('BY', nodes.BY),
    UZ: await withClients('UZ', nodes.UZ),
    selfSigning,
    async close() {
      await Promise.all([nodes.BY.running.stop(), nodes.UZ.running.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
})

async function withClients<S extends Place>(place: S, node: TestNode): Promise<SurfaceNode<S>> {
  const clients = await Promise.all(
    Object.entries(SYSTEMS[place]).map(
      async ([id, [role, party]]) => [id, await node.client(role, party)] as const,
    ),
  )
  return { ...node, clients: Object.fromEntries(clients) as unknown as SurfaceNode<S>['clients'] }
}
