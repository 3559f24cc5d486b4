import {
  type CertificateId,
  certificateKey,
  parseCertificateId,
} from '../../certificate/certificate-id.ts'
import { documentTypeOf } from '../../certificate/document-types.ts'
import type { CertificatePayload } from '../../certificate/payload.ts'
import { StatusChange } from '../../certificate/status-change.ts'
import { replay } from '../../certificate/status-transition.ts'
import { parseJws } from '../../jose/parse.ts'
import type { LostDocuments } from '../log/lost-documents.ts'
import { certificateEffect } from '../projection.ts'
import { type LoadedCertificate, payloadOf, readStored } from '../registered.ts'

/**
 * A certificate of this state with this number that takes no effect here, because another one has come to its
 * number while it was lost. Its recipients may have it in force: they learn of its end by a change of it.
 */
export async function displacedCertificate(
  {
    lost,
    state: node,
  }: { readonly lost: Pick<LostDocuments, 'displaced'>; readonly state: string },
  id: CertificateId,
  sha256: string,
): Promise<LoadedCertificate | undefined> {
  const found = await lost.displaced(sha256)
  if (!found) return undefined
  const { jws, at: appendedAt, index: idx } = found
  const { payload: read, signature } = readStored(parseJws(jws))
  const payload = read as CertificatePayload
  const type = documentTypeOf(payload.schema)
  if (!type) return undefined
  const { certificate } = certificateEffect({ sha256, payload, type, signature, node })
  const own = parseCertificateId(certificate)
  if (!own || certificateKey(own) !== certificateKey(id)) return undefined
  const changes = found.changes.map((one) => ({
    sha256: one.sha256,
    at: one.at,
    provenAt: one.at,
    change: StatusChange.parse(payloadOf(one.jws)),
  }))
  const words = changes.map(({ change }) => change)
  const { state: reached } = replay(type, payload.certificate, words)
  const stored = { ...certificate, status: reached.status, appendedAt, idx, replacedBy: undefined }
  return { stored, jws, type, payload, changes, state: reached }
}
