import { validateEvidence } from '../../src/cli/evidence-validation.ts'
import type { EvidencePack } from '../../src/exchange/evidence-pack.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import type { PreparedState } from '../../src/node/dev-state.ts'
import { ask, type Issued, pathOf } from './changes.ts'
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
    given: { roots, lists: [], crls: [], environment: 'production' },
    day: undefined,
    witnesses: 1,
    presentedIn: undefined,
    declaration: undefined,
    now: new Date(),
    id: 'test',
    ...question,
  })
}
