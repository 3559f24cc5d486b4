import { octetsToHex } from '../../encoding/octets.ts'
import { formatInstant } from '../../encoding/time.ts'
import { ocspContradiction, verifyOcspResponse } from '../../trust/accept-ocsp.ts'
import type { AdminAct } from '../../trust/admin-act.ts'
import type { OcspStore, StoredOcspResponse } from '../../trust/ocsp-store.ts'
import { type OcspTarget, ocspTargets } from '../../trust/ocsp-targets.ts'
import type { TrustList } from '../../trust/trust-list.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import { type OcspResponse, parseOcspResponse } from '../../x509/ocsp-response.ts'
import { certIdHash } from '../../x509/ocsp-cert-id.ts'
import { namedBy } from '../../x509/ocsp-status.ts'
import { isReleasable } from '../../x509/revocation-evidence.ts'

export interface PublishOcspDependencies {
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly trustStore: OcspStore
}

/** What a response says of one key. */
export interface KeptOcsp {
  readonly outcome: 'stored' | 'not-newer'
  readonly response: StoredOcspResponse
  readonly target: OcspTarget
}

export type OcspOutcome =
  /** `further`: of other keys that the same response is about. */
  | (KeptOcsp & { readonly further: readonly KeptOcsp[] })
  /** Nothing else is judged of it, because nobody asks about its key. */
  | { readonly outcome: 'not-in-use'; readonly detail: string }
  | { readonly outcome: 'refused'; readonly detail: string }

/**
 * Keeps an OCSP response that an authority of a state's list, or a responder of it, signed beforehand about
 * keys of that list. The newest about a key wins, except over a revocation. About a key that has ended there,
 * only a revocation is kept: documents under it are still judged.
 */
export function publishOcsp(deps: PublishOcspDependencies) {
  return async (der: Uint8Array, state: string, actor: string): Promise<OcspOutcome> => {
    const trust = await deps.trust()
    const list = trust.view.list(state)
    if (!list) return refuse(`No trust list of ${state} has been published yet`)
    const parsed = parseOcspResponse(der)
    if ('malformed' in parsed) return refuse(`it is not an OCSP response: ${parsed.malformed}`)
    const now = deps.now()
    const targets = await targetsOf(parsed, { list, trust, now })
    if (targets.length === 0)
      return {
        outcome: 'not-in-use',
        detail: `it is about no key in use of the trust list of ${state}`,
      }
    const verified: Omit<KeptOcsp, 'outcome'>[] = []
    let why = ''
    for (const target of targets) {
      const response = await verifyOcspResponse(der, target, now)
      if ('refused' in response) {
        why = response.refused
        continue
      }
      const contradiction = await ocspContradiction(response, deps.trustStore)
      if (contradiction !== undefined) return refuse(contradiction)
      verified.push({ response, target })
    }
    const kept: KeptOcsp[] = []
    for (const one of verified) kept.push({ ...one, outcome: await keep(one.response, actor) })
    const [first, ...further] = kept
    return first ? { ...first, further } : refuse(why)
  }

  async function keep(response: StoredOcspResponse, actor: string) {
    const { state, ski, serial, status, nextUpdate } = response
    const subject = `${state} ${ski} ${serial}`
    const act = { at: formatInstant(deps.now()), actor, subject } as const
    const acts: AdminAct[] = [
      { ...act, act: 'ocsp-published', detail: `${status} until ${nextUpdate}` },
    ]
    const before = await deps.trustStore.ocspResponse(state, serial)
    const wasGood = !before.some((held) => held.ski === ski && held.status !== 'good')
    if (status !== 'good' && wasGood) acts.push({ ...act, act: 'key-revoked', detail: status })
    return (await deps.trustStore.putOcspResponses([response], acts)) > 0 ? 'stored' : 'not-newer'
  }
}

/** Of the keys in use those that a response is about, then of all others those that it revokes. */
async function targetsOf(
  { responses }: OcspResponse,
  { list, trust, now }: { list: TrustList; trust: Trust; now: Date },
): Promise<OcspTarget[]> {
  const anchors = trust.anchors.filter(({ state }) => state === list.state)
  const roots = anchors.map(({ certificate }) => certificate)
  // No hold: its release would not be taken about a key that has ended.
  const revoked = responses.filter(
    ({ status }) => status.status === 'revoked' && !isReleasable(status),
  )
  const inUse = await namedIn(responses, ocspTargets(list, roots, now))
  const listed = await namedIn(revoked, ocspTargets(list, roots, now, 'listed'))
  const known = new Set(inUse.map(({ certificate }) => octetsToHex(certificate.der)))
  return [...inUse, ...listed.filter(({ certificate }) => !known.has(octetsToHex(certificate.der)))]
}

/** A serial number alone is one of many authorities. */
async function namedIn(
  responses: OcspResponse['responses'],
  targets: readonly OcspTarget[],
): Promise<OcspTarget[]> {
  const named = new Set<OcspTarget>()
  for (const target of targets) {
    const { certificate, issuer } = target
    const { serialNumber } = certificate
    const said = responses.filter(({ certId }) => certId.serialNumber === serialNumber)
    for (const { certId } of said) {
      // Who names the authority by a hash that is not taken here is told so, and not passed over.
      const isUnclear = certIdHash(certId) === undefined
      if (isUnclear || (await namedBy(certificate, issuer)(certId))) named.add(target)
    }
  }
  return [...named]
}

function refuse(detail: string): OcspOutcome {
  return { outcome: 'refused', detail }
}
