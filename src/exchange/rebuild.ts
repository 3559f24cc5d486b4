import type { CertificateState, Validity } from '../certificate/certificate-state.ts'
import type { DocumentType } from '../certificate/document-type.ts'
import { documentTypeOf } from '../certificate/document-types.ts'
import type { CertificatePayload } from '../certificate/payload.ts'
import { StatusChange } from '../certificate/status-change.ts'
import { applyStatusChange, isOvertaken } from '../certificate/status-transition.ts'
import type { EntryKind } from '../tlog/leaf.ts'
import { OfficialsRegister } from '../trust/officials-register.ts'
import { TrustList } from '../trust/trust-list.ts'
import { Attestation, attestationEffect } from './attestation.ts'
import type { Effect } from './effect.ts'
import { officialsEffect } from './officials.ts'
import {
  certificateEffect,
  decisionEffect,
  statusChangeEffect,
  trustListEffect,
} from './projection.ts'
import { type ChainEnd, noticeEffect } from './notice-projection.ts'
import { ReceiptPayload } from './receipt.ts'
import { payloadOf, signatureOf } from './registered.ts'
import { SecondSignature } from './second-signature.ts'
import { SecurityNotice } from './security-notice.ts'

/** An entry of the log with the bytes of its document. */
export interface LoggedDocument {
  readonly kind: EntryKind
  readonly sha256: string
  readonly jws: string
}

/** How far one certificate has come in the log read so far. */
interface Progress {
  readonly type: DocumentType
  readonly validity: Validity
  readonly state: CertificateState
  readonly changes: number
}

/**
 * Reads the log of a node again: called with its documents in order, tells what each changes in the
 * projections. The documents were judged when they were appended; nothing is judged again.
 *
 * @throws {Error} the document cannot stand at this place of the log
 */
export function replayLog(node: string): (document: LoggedDocument) => Effect[] {
  const certificates = new Map<string, Progress>()
  const chainEnds = new Map<string, ChainEnd>()

  function certificate({ sha256, jws }: LoggedDocument): Effect[] {
    const payload = payloadOf(jws) as CertificatePayload
    const type = documentTypeOf(payload.schema)
    if (!type) throw new Error(`it is of the unknown type ${payload.schema}`)
    certificates.set(sha256, {
      type,
      validity: type.validity(payload.certificate),
      state: type.initialState(payload.certificate),
      changes: 0,
    })
    return [certificateEffect({ sha256, payload, type, signature: signatureOf(jws), node })]
  }

  function statusChange({ sha256, jws }: LoggedDocument): Effect[] {
    const change = StatusChange.parse(payloadOf(jws))
    const { target } = change
    const progress = certificates.get(target)
    if (!progress) throw new Error(`it changes ${target}, which is not before it in the log`)
    const { type, validity, state: before, changes: earlier } = progress
    const result = applyStatusChange(type, before, change, validity)
    if (result.outcome === 'refused' && !isOvertaken(before, change))
      throw new Error(`it does not apply: ${result.reason}`)
    const state = result.outcome === 'changed' ? result.state : before
    certificates.set(target, { ...progress, state, changes: earlier + 1 })
    return [statusChangeEffect({ sha256, target, earlier, state })]
  }

  function securityNotice({ sha256, jws }: LoggedDocument): Effect[] {
    const payload = SecurityNotice.parse(payloadOf(jws))
    const end = payload.change === 'declare' ? undefined : chainEnds.get(payload.amends)
    const effect = noticeEffect(sha256, payload, end)
    chainEnds.set(sha256, { notice: end?.notice ?? sha256, length: (end?.length ?? 0) + 1 })
    return [effect]
  }

  const statements = new Map<string, number>()

  function statement({ kind, sha256, jws }: LoggedDocument): Effect[] {
    const attestation = kind === 'attestation' ? Attestation.parse(payloadOf(jws)) : undefined
    const { target } = attestation ?? SecondSignature.parse(payloadOf(jws))
    const isKnown = attestation ? statements.has(target) : certificates.has(target)
    if (!isKnown) throw new Error(`it is about ${target}, which is not before it in the log`)
    const n = (statements.get(target) ?? 0) + 1
    statements.set(target, n)
    if (kind === 'second-signature') statements.set(sha256, 0)
    return attestation
      ? [attestationEffect(attestation, { sha256, n })]
      : [{ effect: 'second-signature', record: { target, n, sha256 } }]
  }

  return (document) => {
    const { kind, sha256, jws } = document
    switch (kind) {
      case 'certificate':
        return certificate(document)
      case 'status-change':
        return statusChange(document)
      case 'security-notice':
        return securityNotice(document)
      case 'second-signature':
      case 'attestation':
        return statement(document)
      case 'trust-list':
        return [trustListEffect(sha256, TrustList.parse(payloadOf(jws)))]
      case 'officials-register':
        return [officialsEffect(sha256, OfficialsRegister.parse(payloadOf(jws)))]
      case 'receipt': {
        const payload = ReceiptPayload.parse(payloadOf(jws))
        return payload.decisions.map((decision) =>
          decisionEffect({ sha256, payload }, decision, node),
        )
      }
      case 'administrative':
      case 'unknown':
        return []
    }
  }
}
