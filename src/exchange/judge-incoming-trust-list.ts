import { judgeTrustList } from '../trust/accept-trust-list.ts'
import { TrustList } from '../trust/trust-list.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import type { Trust } from '../trust/trust.ts'
import type { Incoming } from './examine.ts'
import { trustListEffect } from './projection.ts'
import { payloadOf } from './registered.ts'
import { accepted, refused, type Verdict } from './verdict.ts'

/** The decision on the next trust list of a peer: it must continue the version held here. */
export async function judgeIncomingTrustList(
  { sha256, jws, sender }: Incoming,
  { trustStore }: { readonly trustStore: TrustStore },
  { trust, now }: { trust: Trust; now: Date },
): Promise<Verdict> {
  const known = (await trustStore.newest()).find(({ state }) => state === sender)
  const previous = known && { list: TrustList.parse(payloadOf(known.jws)), sha256: known.sha256 }
  const { pins, crls, environment } = trust
  const list = await judgeTrustList(jws, { pins, previous, crls, now, environment })
  if (!('refused' in list)) {
    if (list.state !== sender) return refused('SENDER-DIFFERS')
    return accepted([trustListEffect(sha256, list)])
  }
  if (list.refused === 'cannot-tell') return { verdict: 'wait', waitsFor: 'revocation data' }
  if (list.refused === 'gap') return { verdict: 'wait', waitsFor: 'earlier trust lists' }
  // The poll may have fetched this very version before the message with it arrived.
  if (list.refused === 'rollback') {
    const versions = await trustStore.versions(sender)
    if (versions.some((version) => version.sha256 === sha256)) return accepted([])
  }
  return refused(`TRUST-LIST-${list.refused.toUpperCase()}`)
}
