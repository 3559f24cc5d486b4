import { stateOf } from '../../certificate/party-id.ts'
import { digestOf } from '../validation/authenticate.ts'
import { type Amendment, amendmentObstacle, isOvertaken } from '../notices/amendment.ts'
import type { EvidencePack, LoggedPart } from './pack.ts'
import type { Notice, NoticeStore } from '../notices/store.ts'
import { SecurityNotice } from '../notices/security-notice.ts'
import { sealedPart, type SealedPartContext } from './sealed-part.ts'

export interface PackNotices {
  readonly notices: Pick<NoticeStore, 'open' | 'namesAuthorities'>
  /** Digests of notices in the pack of which it cannot be told who made them or what they amend. */
  readonly undecided: readonly string[]
}

/** The security notices of a pack, each by its registry's seal, as their amendments left them. */
export async function packNotices(
  pack: EvidencePack,
  context: SealedPartContext,
): Promise<PackNotices> {
  const chains: Notice[] = []
  const undecided: string[] = []
  for (const part of pack.securityNotices) {
    const sha256 = await digestOf(part.jws)
    const payload = await authenticNotice(part, sha256, context)
    if (payload?.change === 'declare') {
      const { subject, measure, interval } = payload
      const said = { issuer: stateOf(payload.iss), subject, measure, interval, released: false }
      chains.push({ sha256, ...said, documents: [sha256], idx: chains.length })
      continue
    }
    const place = payload
      ? chains.findIndex(({ documents }) => documents.includes(payload.amends))
      : -1
    const amended = chains[place]
    if (!payload || !amended || !isTaken(amended, payload)) {
      undecided.push(sha256)
      continue
    }
    chains[place] = {
      ...amended,
      documents: [...amended.documents, sha256],
      ...(payload.change === 'release' ? { released: true } : { interval: payload.interval }),
    }
  }
  const of = (state: string) =>
    chains.filter(({ subject, released }) => subject.state === state && !released)
  const notices: PackNotices['notices'] = {
    open: async (state, x5tS256, authorities) =>
      of(state).filter(({ subject }) =>
        'ski' in subject ? authorities.includes(subject.ski) : subject.x5tS256 === x5tS256,
      ),
    namesAuthorities: async (state) => of(state).some(({ subject }) => 'ski' in subject),
  }
  return { notices, undecided }
}

/** As a node takes it that is sent it. */
function isTaken(notice: Notice, amendment: Amendment): boolean {
  return (
    stateOf(amendment.iss) === notice.issuer &&
    amendmentObstacle(notice, amendment) === undefined &&
    !isOvertaken(notice, amendment)
  )
}

async function authenticNotice(
  part: LoggedPart,
  sha256: string,
  context: SealedPartContext,
): Promise<SecurityNotice | undefined> {
  const document = await sealedPart(part, sha256, 'security-notice+jwt', context)
  const payload = document && SecurityNotice.safeParse(document.payload).data
  if (payload?.iss !== document?.signer) return undefined
  return payload && stateOf(payload.authority) === stateOf(payload.iss) ? payload : undefined
}
