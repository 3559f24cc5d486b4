import { decodeBase64 } from '../../encoding/base64url.ts'
import { verifyCrl } from '../../trust/accept-crl.ts'
import { verifyOcspResponse } from '../../trust/accept-ocsp.ts'
import { evidenceDigest } from '../../trust/evidence-digest.ts'
import { type OcspTarget, ocspTargets } from '../../trust/ocsp-targets.ts'
import type { TrustList } from '../../trust/trust-list.ts'
import type { Trust } from '../../trust/trust.ts'
import { parseOcspResponse } from '../../x509/ocsp-response.ts'
import type { Report } from './finding.ts'
import type { StoredTrust, TrustHistory } from './log-history.ts'
import {
  earlierThan,
  type EvidenceName,
  type EvidenceRank,
  evidenceName,
  isNewerEvidence,
  type ToldEvidences,
} from './told-evidence.ts'

type Shown = Pick<StoredTrust, 'crls' | 'ocspResponses'>

/**
 * The newest CRL of every authority and the newest OCSP response about every X.509 certificate, as the rows
 * behind the log tell of them, is shown: or one that came after those rows, and is verified.
 */
export async function auditShownEvidence(
  shown: Shown,
  { told, history }: { readonly told: Pick<ToldEvidences, 'all'>; readonly history: TrustHistory },
  report: Report,
): Promise<void> {
  const digests = new Set(
    [...shown.crls, ...shown.ocspResponses].map(({ der }) => evidenceDigest(der)),
  )
  const missing = [...told.all()].filter(({ sha256 }) => !digests.has(sha256))
  if (missing.length === 0) return
  const ranks = new Map<string, EvidenceRank[]>()
  for await (const { rank, ...name } of verified(shown, history, new Set(missing.map(serialOf)))) {
    const of = evidenceName(name)
    ranks.set(of, [...(ranks.get(of) ?? []), rank])
  }
  for (const last of missing) {
    const found = ranks.get(evidenceName(last)) ?? []
    if (!found.some((rank) => isNewerEvidence(last, rank)))
      report('record-differs', evidenceName(last), earlierThan(last))
  }
}

function serialOf({ state, serial }: EvidenceName): string {
  return `${state} ${serial ?? ''}`
}

type VerifiedEvidence = EvidenceName & { readonly rank: EvidenceRank }

/** Each that is shown once: CRLs, and of OCSP responses what they say of X.509 certificates asked about. */
async function* verified(
  { crls, ocspResponses }: Shown,
  history: TrustHistory,
  asked: ReadonlySet<string>,
): AsyncGenerator<VerifiedEvidence> {
  for (const { state, der } of crls) {
    const list = history.versions(state).at(-1)?.list
    const found = list && (await verifyCrl(decodeBase64(der) ?? new Uint8Array(), list))
    if (!found || 'refused' in found) continue
    const number = found.crl.crlNumber?.toString(16).padStart(40, '0')
    yield { state, ski: found.ski, rank: { number, this_update: '' } }
  }
  const { anchors } = await history.now()
  const targets = new Map<string, readonly OcspTarget[]>()
  for (const { state, der } of ocspResponses) {
    const list = history.versions(state).at(-1)?.list
    if (list && !targets.has(state)) targets.set(state, everyTarget(list, anchors))
    const octets = decodeBase64(der) ?? new Uint8Array()
    const parsed = parseOcspResponse(octets)
    if ('malformed' in parsed) continue
    const said = new Map(
      parsed.responses.map(({ certId, thisUpdate }) => [certId.serialNumber, thisUpdate]),
    )
    for (const target of targets.get(state) ?? []) {
      const serial = target.certificate.serialNumber
      const at = said.get(serial)
      if (!at || !asked.has(`${state} ${serial}`)) continue
      const found = await verifyOcspResponse(octets, target, at)
      if ('refused' in found) continue
      const rank = { status: found.status, this_update: found.thisUpdate }
      yield { state, ski: target.ski, serial, rank }
    }
  }
}

/** Those that have ended as well: what was said of them is kept. */
function everyTarget(list: TrustList, anchors: Trust['anchors']): OcspTarget[] {
  const roots = anchors.flatMap(({ state, certificate }) =>
    state === list.state ? [certificate] : [],
  )
  return ocspTargets(list, roots, new Date(0), 'listed')
}
