import type { Policy } from '../../certificate/policy.ts'
import { octetsToHex } from '../../encoding/octets.ts'
import { readX509 } from '../../x509/x509-certificate.ts'
import type { AuthenticDocument } from '../validation/authenticate.ts'
import { type Check, passed } from '../validation/check.ts'
import { mayFallInto, type SigningTimes } from './interval.ts'
import type { NoticeStore, OpenNotice } from './store.ts'

export interface NoticeDependencies {
  readonly state: string
  readonly policy: Pick<Policy, 'securityHold'>
  readonly notices: Pick<NoticeStore, 'open' | 'namesAuthorities'>
}

/** The key behind a signature, with the X.509 path that came with it. */
export type SignedBy = Pick<AuthenticDocument, 'state' | 'x5tS256' | 'x5c'>

/** Of more notices than these the first ones tell enough. */
const MAX_NAMED = 10

/**
 * What the security notices of the log mean for an authentic document: `unknown` where one puts it on
 * hold, because nobody can tell then who made it; a warning where one only names its key.
 */
export async function checkNotices(
  deps: NoticeDependencies,
  signer: SignedBy,
  times: SigningTimes,
): Promise<Check> {
  const check = 'security-notice'
  const open = (await openNotices(deps.notices, signer)).filter(({ interval }) =>
    mayFallInto(interval, times),
  )
  if (open.length === 0) return passed(check)
  const holding = open.filter((notice) => isHolding(notice, deps))
  const detail = (holding.length > 0 ? holding : open)
    .slice(0, MAX_NAMED)
    .map(({ sha256 }) => sha256)
    .join(', ')
  return holding.length > 0
    ? { check, outcome: 'unknown', code: 'held-by-security-notice', detail }
    : { check, outcome: 'warning', code: 'named-in-security-notice', detail }
}

/** The first notice for which nothing may be signed with this key at present, by digest. */
export async function noticeAgainstSigning(
  deps: NoticeDependencies,
  signer: SignedBy,
  at: string,
): Promise<string | undefined> {
  const { outcome, detail } = await checkNotices(deps, signer, {
    proven: at,
    claimed: at,
    now: at,
  })
  return outcome === 'unknown' ? detail?.split(', ')[0] : undefined
}

/**
 * Whether a notice holds something up at this node: that of the state whose key it is, or that of the own
 * state. A notice of another state about a foreign key is shown and no more: nobody stops another
 * state's trade (docs/decisions/0028-security-notices.md).
 */
export function isHolding(
  { measure, issuer, subject }: Pick<OpenNotice, 'measure' | 'issuer' | 'subject'>,
  { state, policy }: Pick<NoticeDependencies, 'state' | 'policy'>,
): boolean {
  const counts = issuer === subject.state || issuer === state
  return policy.securityHold === 'hold' && measure === 'hold' && counts
}

async function openNotices(
  notices: NoticeDependencies['notices'],
  { state, x5tS256, x5c }: SignedBy,
): Promise<OpenNotice[]> {
  const authorities = (await notices.namesAuthorities(state)) ? authoritiesAbove(x5c) : []
  return notices.open(state, x5tS256, [...authorities])
}

/** The same for many documents of few keys: what is open about a key is read once. */
export function askedOnce(notices: NoticeDependencies['notices']): NoticeDependencies['notices'] {
  const byKey = new Map<string, Promise<OpenNotice[]>>()
  const byState = new Map<string, Promise<boolean>>()
  return {
    open(state, x5tS256, authorities) {
      const key = JSON.stringify([state, x5tS256, authorities])
      const found = byKey.get(key) ?? notices.open(state, x5tS256, authorities)
      byKey.set(key, found)
      return found
    },
    namesAuthorities(state) {
      const found = byState.get(state) ?? notices.namesAuthorities(state)
      byState.set(state, found)
      return found
    },
  }
}

/** Key identifiers of the authorities of a valid path, up to its root. */
function authoritiesAbove(x5c: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const text of x5c) {
    const above = readX509(text)?.authorityKeyIdentifier?.keyIdentifier
    if (above) found.add(octetsToHex(above))
  }
  return found
}
