import type { Policy } from '../certificate/policy.ts'
import { TrustList } from '../trust/trust-list.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import type { Trust } from '../trust/trust.ts'
import { acceptList } from './accept-list.ts'
import type { Incoming } from './examine.ts'
import { claimedList } from './publish-trust.ts'
import { payloadOf } from './registered.ts'
import { accepted, refused, type Verdict } from './verdict.ts'

/** The decision on the next trust list of a peer: it must continue the version held here. */
export async function judgeIncomingTrustList(
  { sha256, jws, sender }: Incoming,
  deps: { readonly policy: Policy; readonly trustStore: TrustStore },
  { trust, now }: { trust: Trust; now: Date },
): Promise<Verdict> {
  const { trustStore } = deps
  const claimed = claimedList(jws)
  if (claimed && claimed.state !== sender) return refused('SENDER-DIFFERS')
  const known = (await trustStore.newest()).find(({ state }) => state === sender)
  const previous = known && { list: TrustList.parse(payloadOf(known.jws)), sha256: known.sha256 }
  const { pins, crls, environment } = trust
  const result = await acceptList(deps)(
    { jws, sha256 },
    { pins, previous, crls: crls.of(sender), now, environment, state: sender },
    { claimed },
  )
  if (!('refused' in result)) return accepted(result.effects)
  if (result.refused === 'cannot-tell') return { verdict: 'wait', waitsFor: 'revocation data' }
  if (result.refused === 'gap') return { verdict: 'wait', waitsFor: 'earlier trust lists' }
  if (result.refused === 'state-differs') return refused('SENDER-DIFFERS')
  // The poll may have fetched this very version before the message with it arrived.
  if (result.refused === 'rollback') {
    const versions = await trustStore.versions(sender)
    if (versions.some((version) => version.sha256 === sha256)) return accepted([])
  }
  const { alarm } = result
  return {
    ...refused(`TRUST-LIST-${result.refused.toUpperCase()}`),
    ...(alarm && { alarms: [alarm] }),
  }
}
