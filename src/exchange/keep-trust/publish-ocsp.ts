import { formatInstant } from '../../encoding/time.ts'
import { ocspContradiction, verifyOcspResponse } from '../../trust/accept-ocsp.ts'
import type { AdminAct } from '../../trust/admin-act.ts'
import type { OcspStore, StoredOcspResponse } from '../../trust/ocsp-store.ts'
import { type OcspTarget, ocspTargets } from '../../trust/ocsp-targets.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import { parseOcspResponse } from '../../x509/ocsp-response.ts'
import { isReleasable } from '../../x509/revocation-evidence.ts'

export interface PublishOcspDependencies {
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly trustStore: OcspStore
}

export type OcspOutcome =
  | {
      readonly outcome: 'stored' | 'not-newer'
      readonly response: StoredOcspResponse
      readonly target: OcspTarget
    }
  /** Nothing else is judged of it, because nobody asks about its key. */
  | { readonly outcome: 'not-in-use'; readonly detail: string }
  | { readonly outcome: 'refused'; readonly detail: string }

/**
 * Keeps an OCSP response that an authority of a state's list, or a responder of it, signed beforehand about
 * a key of that list. The newest about a key wins, except over a revocation. About a key that has ended
 * there, only a revocation is kept: documents under it are still judged.
 */
export function publishOcsp(deps: PublishOcspDependencies) {
  return async (der: Uint8Array, state: string, actor: string): Promise<OcspOutcome> => {
    const { view, anchors } = await deps.trust()
    const list = view.list(state)
    if (!list) return refuse(`No trust list of ${state} has been published yet`)
    const parsed = parseOcspResponse(der)
    if ('malformed' in parsed) return refuse(`it is not an OCSP response: ${parsed.malformed}`)
    const now = deps.now()
    const roots = anchors.filter((anchor) => anchor.state === state)
    const about = (which: 'in-use' | 'listed', responses: typeof parsed.responses) => {
      const serials = new Set(responses.map(({ certId }) => certId.serialNumber))
      const certificates = roots.map(({ certificate }) => certificate)
      return ocspTargets(list, certificates, now, which).filter(({ certificate }) =>
        serials.has(certificate.serialNumber),
      )
    }
    const inUse = about('in-use', parsed.responses)
    // No hold: its release would not be taken about a key that has ended.
    const revoked = parsed.responses.filter(
      ({ status }) => status.status === 'revoked' && !isReleasable(status),
    )
    const targets = inUse.length > 0 ? inUse : about('listed', revoked)
    if (targets.length === 0)
      return {
        outcome: 'not-in-use',
        detail: `it is about no key in use of the trust list of ${state}`,
      }
    let why = ''
    for (const target of targets) {
      const response = await verifyOcspResponse(der, target, now)
      if ('refused' in response) {
        why = response.refused
        continue
      }
      const contradiction = await ocspContradiction(response, deps.trustStore)
      if (contradiction !== undefined) return refuse(contradiction)
      return { outcome: await keep(response, actor), response, target }
    }
    return refuse(why)
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

function refuse(detail: string): OcspOutcome {
  return { outcome: 'refused', detail }
}
