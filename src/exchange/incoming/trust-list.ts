import type { Policy } from '../../certificate/policy.ts'
import { statementDigests } from '../../jose/statement.ts'
import { isOfSigner } from '../../trust/accept-trust-list.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import type { Trust } from '../../trust/trust.ts'
import { acceptList } from '../keep-trust/accept-list.ts'
import type { Incoming } from './examine.ts'
import { claimedList, previousList } from '../keep-trust/publish-trust.ts'
import { accepted, mayBecomeTrusted, refused, type Verdict, waiting } from './verdict.ts'

/**
 * The decision on the next trust list of a peer: it must continue the version held here. Where only its
 * signer is not believed any more, the newest list may name it all the same: that is seen when the trust
 * data is fetched the next time, and what has been taken then is accepted.
 */
export async function judgeIncomingTrustList(
  { sha256, jws, sender, arrivedAt }: Incoming,
  deps: { readonly policy: Policy; readonly trustStore: TrustStore },
  { trust, now, trustCheckedAt }: { trust: Trust; now: Date; trustCheckedAt: string | undefined },
): Promise<Verdict> {
  const { trustStore } = deps
  const claimed = claimedList(jws)
  if (claimed && claimed.state !== sender) return refused('SENDER-DIFFERS')
  const known = (await trustStore.newest()).find(({ state }) => state === sender)
  const previous = known && previousList(known.jws)
  const { pins, crls, ocsp, environment } = trust
  const result = await acceptList(deps)(
    { jws, sha256 },
    { pins, previous, crls, ocsp, now, environment, state: sender },
    { claimed },
  )
  if (!('refused' in result)) return accepted(result.effects)
  // The poll may have fetched this very version before the message with it arrived, and its signer may
  // have ended since.
  if (result.refused === 'rollback' || isOfSigner(result)) {
    const [versions, digests] = [await trustStore.versions(sender), statementDigests(jws)]
    if (versions.some((version) => digests.includes(version.sha256))) return accepted([])
  }
  if (result.refused === 'cannot-tell') return waiting('revocation data')
  if (result.refused === 'gap') return waiting('earlier trust lists')
  if (isOfSigner(result) && mayBecomeTrusted(arrivedAt, trustCheckedAt))
    return waiting('trust list')
  if (result.refused === 'state-differs') return refused('SENDER-DIFFERS')
  const { alarm } = result
  return {
    ...refused(`TRUST-LIST-${result.refused.toUpperCase()}`),
    ...(alarm && { alarms: [alarm] }),
  }
}
