import { verifyX509Signature } from '../../crypto/suite.ts'
import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import { decodeBase64, encodeBase64 } from '../../encoding/base64url.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Environment } from '../../jose/environment.ts'
import { statementDigests } from '../../jose/statement.ts'
import type { PreviousList, RefusedTrustList } from '../../trust/accept-trust-list.ts'
import { authoritiesOf, entryTakenBack, isUnderRoot, verifyCrl } from '../../trust/accept-crl.ts'
import { anchorsOf } from '../../trust/anchors.ts'
import { TrustList } from '../../trust/trust-list.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import { type Crl, parseCrl } from '../../x509/crl.ts'
import type { X509Certificate } from '../../x509/x509-certificate.ts'
import { acceptList, delaysEntry } from './accept-list.ts'
import { actsEntry } from '../log/administrative-entry.ts'
import { findLost, type FindDependencies } from '../incoming/find-lost.ts'
import { digestOf } from '../validation/authenticate.ts'
import { crlActs, listActs } from '../publish-acts.ts'
import { payloadOf } from '../registered.ts'

export interface PublishDependencies extends FindDependencies {
  readonly environment: Environment
  readonly trustStore: TrustStore
  readonly trust: CurrentTrust
}

interface Publishing {
  /** Who publishes, for the record of administrative acts. */
  readonly actor?: string | undefined
  /** Whose list it has to be. */
  readonly state?: string
  /** At the first contact with a state there is nobody yet who could notice an addition. */
  readonly atOnce?: boolean
  /** Whether a later version, whose signer is believed, names its digest. */
  readonly isVouched?: boolean
}

export type PublishOutcome =
  | {
      readonly outcome: 'published' | 'already-published'
      readonly version: number
      readonly sha256: string
    }
  | { readonly outcome: 'refused'; readonly refusal: RefusedTrustList }

/**
 * Takes the next version of a state's trust list into the log. The own state's list goes to all peers in
 * the same feed as the documents that rely on it. What an `actor` publishes is recorded as an act of theirs.
 */
export function publishTrustList(deps: PublishDependencies) {
  const accept = acceptList(deps)
  return async (
    jws: string,
    { actor, state: expected, atOnce, isVouched }: Publishing = {},
  ): Promise<PublishOutcome> => {
    const sha256 = await digestOf(jws)
    const { trustStore } = deps
    const newest = await trustStore.newest()
    const claimed = claimedList(jws)
    const digests = statementDigests(jws)
    if (claimed && (expected ?? claimed.state) === claimed.state) {
      const published = await known(trustStore, claimed, digests)
      if (published) return { outcome: 'already-published', ...published }
      const lost = (await findLost(deps, claimed.state, [{ sha256, jws }])).get(sha256)
      if (lost?.standing === 'found')
        return { outcome: 'already-published', version: claimed.version, sha256 }
    }

    const before = newest.find(({ state }) => state === claimed?.state)
    const previous = before && previousList(before.jws)
    const { pins, crls, ocsp } = await deps.trust()
    const accepted = await accept(
      { jws, sha256 },
      {
        pins,
        previous,
        crls,
        ocsp,
        now: deps.now(),
        environment: deps.environment,
        ...(expected !== undefined && { state: expected }),
        ...(isVouched && { isVouched }),
      },
      { claimed, atOnce },
    )
    if ('refused' in accepted) {
      const { alarm, ...refusal } = accepted
      if (alarm) await deps.append({ entries: [], effects: [{ effect: 'alarm', alarm }] })
      return { outcome: 'refused', refusal }
    }
    const { list, effects } = accepted
    const { state, version } = list
    const own = state === deps.state
    const to = own ? newest.map((other) => other.state).filter((other) => other !== deps.state) : []
    const appended = await deps.append({
      entries: [
        {
          kind: 'trust-list',
          sha256,
          jws,
          to,
          effects,
        },
        ...(actor === undefined
          ? []
          : [
              actsEntry(
                listActs(list, previous?.list).map((act) => ({
                  at: formatInstant(deps.now()),
                  actor,
                  ...act,
                })),
              ),
            ]),
        ...delaysEntry(effects, formatInstant(deps.now())),
      ],
    })
    if (appended !== 'duplicate') return { outcome: 'published', version, sha256 }
    const winner = await known(trustStore, list, digests)
    if (winner) return { outcome: 'already-published', ...winner }
    const detail = `another version ${version} was accepted at the same time`
    return { outcome: 'refused', refusal: { refused: 'fork', detail } }
  }
}

export type CrlOutcome =
  | { readonly outcome: 'stored' | 'not-newer'; readonly ski: string }
  /** `alarming`: no authority that is to be trusted would have signed it. */
  | { readonly outcome: 'refused'; readonly detail: string; readonly alarming?: boolean }

/**
 * Keeps a CRL that one of the listed CAs below a pinned root signed, each state for itself; the newer of two
 * wins. What a CA has revoked it does not take back: a list that does so was signed by somebody else.
 */
export function publishCrl(deps: Pick<PublishDependencies, 'now' | 'trustStore'>) {
  return async (der: Uint8Array, list: TrustList, actor?: string): Promise<CrlOutcome> => {
    const verified = await verifyCrl(der, list)
    if ('refused' in verified) return { outcome: 'refused', detail: verified.refused }
    const { ski, crl, ca } = verified
    const anchors = await anchorsOf(list, await deps.trustStore.pins())
    const roots = anchors.map(({ certificate }) => certificate)
    if (!(await isUnderRoot(ca, authoritiesOf(list), roots)))
      return { outcome: 'refused', detail: 'no pinned root certified the CA that signed it' }
    if (!crl.nextUpdate) return { outcome: 'refused', detail: 'it names no next update' }
    if (crl.crlNumber === undefined) return { outcome: 'refused', detail: 'it has no CRL number' }
    if (crl.isNumberCritical)
      return { outcome: 'refused', detail: 'its CRL number is marked critical' }
    if (crl.thisUpdate.getTime() > deps.now().getTime() + CLOCK_SKEW_MS)
      return { outcome: 'refused', detail: 'it was issued in the future' }
    if (crl.thisUpdate > ca.notAfter) {
      const detail = `it was issued after its CA ended at ${formatInstant(ca.notAfter)}`
      return { outcome: 'refused', detail, alarming: true }
    }
    const at = formatInstant(deps.now())
    const before = await deps.trustStore.crl(list.state, ski)
    const contradiction = before && (await contradictionOf(before.der, crl, ca))
    if (contradiction !== undefined)
      return { outcome: 'refused', detail: contradiction, alarming: true }
    const acts = actor === undefined ? [] : crlActs(list.state, ski, crl, before)
    const outcome = await deps.trustStore.putCrl(
      {
        ski,
        state: list.state,
        der: encodeBase64(der),
        number: crl.crlNumber.toString(16).padStart(40, '0'),
        thisUpdate: formatInstant(crl.thisUpdate),
        nextUpdate: formatInstant(crl.nextUpdate),
      },
      at,
      acts.map((act) => ({ at, actor: actor ?? '', ...act })),
    )
    return { outcome, ski }
  }
}

/** Why a CRL cannot follow the one that is kept under the same key identifier. */
async function contradictionOf(
  kept: string,
  crl: Crl,
  ca: X509Certificate,
): Promise<string | undefined> {
  const before = parseCrl(decodeBase64(kept)!)
  if ('malformed' in before) return undefined
  const { signatureAlgorithm, signature, tbs } = before
  if (
    !ca.key ||
    (await verifyX509Signature(signatureAlgorithm, ca.key, signature, tbs)) !== 'valid'
  )
    return 'another CA of the state has the same key identifier'
  if (crl.crlNumber !== undefined && crl.crlNumber <= (before.crlNumber ?? 0n)) return undefined
  const serialNumber = entryTakenBack(before, crl)
  return serialNumber === undefined ? undefined : `it takes back the revocation of ${serialNumber}`
}

/** An accepted list as the one that the next has to follow. */
export function previousList(jws: string): PreviousList {
  return { list: TrustList.parse(payloadOf(jws)), digests: statementDigests(jws) }
}

/** What a list says of itself, before anything of it is believed. */
export function claimedList(jws: string): TrustList | undefined {
  try {
    const parsed = TrustList.safeParse(payloadOf(jws))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

/** The accepted version that a list is, with the digest under which it was accepted. */
async function known(
  store: TrustStore,
  { state, version }: TrustList,
  digests: readonly string[],
): Promise<{ version: number; sha256: string } | undefined> {
  return (await store.versions(state)).find(
    (one) => one.version === version && digests.includes(one.sha256),
  )
}
