import { dayAt, type Day } from '../../src/certificate/day.ts'
import { DEFAULT_POLICY } from '../../src/certificate/default-policy.ts'
import { zoneOffset } from '../../src/certificate/zone.ts'
import { validateEvidence } from '../../src/cli/evidence-validation.ts'
import { claimedAsOf } from '../../src/exchange/evidence/check-statement.ts'
import { type EvidencePack, partDigests } from '../../src/exchange/evidence/pack.ts'
import { stateEvidence } from '../../src/exchange/evidence/statement.ts'
import { registryParty } from '../../src/exchange/working-keys.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import type { PreparedState } from '../../src/node/dev-state.ts'
import { ask, type Issued, pathOf } from './changes.ts'
import { digest, sealOf } from './hostile.ts'
import { eventually } from './two-nodes.ts'

/** The pack of a certificate as soon as nothing is missing in it. */
export function completePack(
  client: ApiClient,
  from: Pick<PreparedState, 'state'>,
  certificate: Pick<Issued, 'type' | 'number'>,
): Promise<EvidencePack> {
  return eventually('the pack is complete', async () => {
    const pack = await packOf(client, from, certificate)
    return pack.complete ? pack : undefined
  })
}

/** The pack as it is now. */
export async function packOf(
  client: ApiClient,
  from: Pick<PreparedState, 'state'>,
  certificate: Pick<Issued, 'type' | 'number'>,
): Promise<EvidencePack> {
  const { status, body } = await ask(client, pathOf(from, certificate, '/evidence'))
  if (status !== 200) throw new Error(`${status}: ${JSON.stringify(body)}`)
  return body as unknown as EvidencePack
}

/** The last day that a pack speaks of, where its state is. */
export function lastDayOf(pack: Pick<EvidencePack, 'state' | 'statement'>): Day {
  return dayAt(claimedAsOf(pack)!, zoneOffset(DEFAULT_POLICY, pack.state)!)
}

/** The root of a state as it is told in person. */
export function rootOf({ state, rootSha256 }: Pick<PreparedState, 'state' | 'rootSha256'>) {
  return { state, rootSha256 }
}

type Question = Parameters<typeof validateEvidence>[0]

/** What a verifier answers who has the pack and the roots, and nothing else. */
export function judgePack(
  pack: EvidencePack,
  roots: Question['given']['roots'],
  question: Partial<Question> = {},
) {
  return validateEvidence({
    pack,
    given: { roots, lists: [], crls: [], ocsp: [], environment: 'production' },
    day: undefined,
    policy: undefined,
    presentedIn: undefined,
    declaration: undefined,
    now: new Date(),
    id: 'test',
    ...question,
  })
}

/** The pack with some members changed, and a statement of its own node over what it holds then. */
export async function restated(
  node: PreparedState,
  pack: EvidencePack,
  changes: Partial<EvidencePack>,
): Promise<EvidencePack> {
  const changed = { ...pack, ...changes }
  const seal = await sealOf(node, 'registry-seal')
  const registry = { registry: async () => seal, registryParty: registryParty(node.state) }
  const statement = await stateEvidence(registry, {
    document: digest(pack.document.jws),
    parts: await partDigests(changed),
    now: new Date(claimedAsOf(pack)!),
  })
  return { ...changed, complete: changed.missing.length === 0, statement }
}
