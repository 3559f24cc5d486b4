import type { ClientRole } from '../../src/http/stores.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { prepareDevState, type PreparedState } from '../../src/node/dev-state.ts'
import { demoStates } from '../../src/cli/demo/states.ts'
import { certifyBody, reread, type SelfSigningBody } from './self-signing.ts'
import { freePort } from './two-nodes.ts'

/** Client systems of both states in the suite, under their ids. */
export const SYSTEMS = {
  BY: {
    chamber: ['issuer', 'BY.CCI'],
    certifier: ['issuer', 'BY.TESTCERT'],
    authority: ['authority', 'BY.CCI'],
    auditor: ['auditor', 'BY.CCI'],
  },
  UZ: {
    customs: ['customs', 'UZ.CUSTOMS'],
    auditor: ['auditor', 'UZ.EXPERTIZA'],
  },
} as const satisfies Record<string, Record<string, readonly [role: ClientRole, party: string]>>
export type Systems = typeof SYSTEMS
export type Place = keyof Systems

/** A node with its client systems; on what it runs is not seen from here. */
export interface SurfaceNode<S extends Place> extends PreparedState {
  readonly clients: Readonly<Record<keyof Systems[S], ApiClient>>
}

/** Belarus and Uzbekistan, after they have met. */
export interface Surface {
  readonly BY: SurfaceNode<'BY'>
  readonly UZ: SurfaceNode<'UZ'>
  /** A body of Belarus that keeps its own seal: `BY.CCI.002`. */
  readonly selfSigning: SelfSigningBody
  close(): Promise<void>
}

/** Keys of both states, one body that signs itself among those of Belarus; nothing runs yet. */
export async function prepareSurfaceStates(
  folder: string,
): Promise<{ BY: PreparedState; UZ: PreparedState; selfSigning: SelfSigningBody }> {
  const states = demoStates(folder, { BY: await freePort(), UZ: await freePort() })
  const [first] = states.BY.bodies
  const second = { ...first!, id: 'BY.CCI.002', code: '002', custody: 'body' as const }
  const BY = await prepareDevState({ ...states.BY, bodies: [...states.BY.bodies, second] })
  const selfSigning = await certifyBody(BY, folder, second.id)
  return { BY: await reread(BY), UZ: await prepareDevState(states.UZ), selfSigning }
}
