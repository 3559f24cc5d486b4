import type { CertificateState, Validity } from '../certificate/certificate-state.ts'
import type { DocumentType } from '../certificate/document-type.ts'
import { documentTypeOf } from '../certificate/document-types.ts'
import { stateOf } from '../certificate/party-id.ts'
import type { CertificatePayload } from '../certificate/payload.ts'
import { StatusChange } from '../certificate/status-change.ts'
import { applyStatusChange, isOvertaken } from '../certificate/status-transition.ts'
import { sha256Sync } from '../crypto/suite.ts'
import { encodeBase64url } from '../encoding/base64url.ts'
import type { EntryKind } from '../tlog/leaf.ts'
import { OfficialsRegister } from '../trust/officials-register.ts'
import { TrustList } from '../trust/trust-list.ts'
import { Attestation, attestationEffect } from './second-signatures/attestation.ts'
import type { CertificateEffect, Effect } from './effect.ts'
import { officialsEffect } from './keep-trust/officials.ts'
import {
  certificateEffect,
  decisionEffect,
  furtherReceiptEffect,
  reconciliationEffect,
  type SignatureFacts,
  statusChangeEffect,
  trustListEffect,
} from './projection.ts'
import { type ChainEnd, noticeEffect } from './notices/projection.ts'
import { ReceiptPayload } from './delivery/receipt.ts'
import { Reconciliation } from './reconciliation/payload.ts'
import { SecondSignature } from './second-signatures/second-signature.ts'
import { SecurityNotice } from './notices/security-notice.ts'

const utf8 = new TextEncoder()

/** An entry of the log with what its document says. */
export interface LoggedDocument {
  readonly kind: EntryKind
  readonly sha256: string
  readonly payload: unknown
  readonly signature: SignatureFacts
  /** A restore had listed it as lost: what stands behind it may have been decided without it. */
  readonly wasLost?: true
}

/** What a certificate says by itself, whatever changed it later. */
export interface ReadCertificate {
  readonly kind: 'read-certificate'
  readonly sha256: string
  readonly schema: string
  readonly validity: Validity
  readonly state: CertificateState
}

/** A certificate read for replay, and what it makes of the projections at its own place. */
export function readCertificate(
  { sha256, payload: read, signature }: Omit<LoggedDocument, 'kind'>,
  node: string,
): { certificate: ReadCertificate; effect: CertificateEffect } {
  const payload = read as CertificatePayload
  const type = documentTypeOf(payload.schema)
  if (!type) throw new Error(`it is of the unknown type ${payload.schema}`)
  const certificate = {
    kind: 'read-certificate',
    sha256,
    schema: payload.schema,
    validity: type.validity(payload.certificate),
    state: type.initialState(payload.certificate),
  } as const
  return { certificate, effect: certificateEffect({ sha256, payload, type, signature, node }) }
}

/** An entry whose document a restore could not bring back: what it changed nobody here knows. */
export interface LostDocument {
  readonly kind: 'lost-document'
  readonly sha256: string
  /** What it was, as its leaf says. */
  readonly of: string
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
export function replayLog(
  node: string,
): (document: LoggedDocument | ReadCertificate | LostDocument) => Effect[] {
  const certificates = new Map<string, Progress>()
  const chainEnds = new Map<string, ChainEnd>()
  /** Lost documents, and what is about them alone. */
  const lost = new Set<string>()
  /** Of the changes that are or were lost nobody knew the certificate: any may lack one. */
  let lacksChanges = false

  function lose({ sha256, of }: LostDocument): void {
    lost.add(sha256)
    if (of === 'status-change') lacksChanges = true
  }

  /** Whether a document is about a lost one: then it changes nothing either. */
  function followsLost(sha256: string, target: string): boolean {
    if (!lost.has(target)) return false
    lost.add(sha256)
    return true
  }

  function begin({ sha256, schema, validity, state }: ReadCertificate): void {
    certificates.set(sha256, { type: documentTypeOf(schema)!, validity, state, changes: 0 })
  }

  function certificate(document: LoggedDocument): Effect[] {
    const { certificate: read, effect } = readCertificate(document, node)
    begin(read)
    return [effect]
  }

  function statusChange({ sha256, payload }: LoggedDocument): Effect[] {
    const change = StatusChange.parse(payload)
    const { target } = change
    const progress = certificates.get(target)
    if (!progress && followsLost(sha256, target)) return []
    if (!progress) throw new Error(`it changes ${target}, which is not before it in the log`)
    const { type, validity, state: before, changes: earlier } = progress
    const result = applyStatusChange(type, before, change, validity)
    if (result.outcome === 'refused' && !isOvertaken(before, change) && !lacksChanges)
      throw new Error(`it does not apply: ${result.reason}`)
    const state = result.outcome === 'changed' ? result.state : before
    certificates.set(target, { ...progress, state, changes: earlier + 1 })
    return [statusChangeEffect({ sha256, target, earlier, state })]
  }

  function securityNotice({ sha256, payload: read }: LoggedDocument): Effect[] {
    const payload = SecurityNotice.parse(read)
    const end = payload.change === 'declare' ? undefined : chainEnds.get(payload.amends)
    if (!end && payload.change !== 'declare' && followsLost(sha256, payload.amends)) return []
    const effect = noticeEffect(sha256, payload, end)
    chainEnds.set(sha256, { notice: end?.notice ?? sha256, length: (end?.length ?? 0) + 1 })
    return [effect]
  }

  const statements = new Map<string, number>()

  function statement({ kind, sha256, payload }: LoggedDocument): Effect[] {
    const attestation = kind === 'attestation' ? Attestation.parse(payload) : undefined
    const { target } = attestation ?? SecondSignature.parse(payload)
    const isKnown = attestation ? statements.has(target) : certificates.has(target)
    if (!isKnown && followsLost(sha256, target)) return []
    if (!isKnown) throw new Error(`it is about ${target}, which is not before it in the log`)
    const n = (statements.get(target) ?? 0) + 1
    statements.set(target, n)
    if (kind === 'second-signature') statements.set(sha256, 0)
    return attestation
      ? [attestationEffect(attestation, { sha256, n })]
      : [{ effect: 'second-signature', record: { target, n, sha256 } }]
  }

  /** This node's receipts by what they decide on first: the last of those that say the same. */
  const receipts = new Map<string, { readonly sha256: string; readonly said: string }>()

  function receipt({ sha256, payload: read }: LoggedDocument): Effect[] {
    const payload = ReceiptPayload.parse(read)
    const { iss, aud, decisions } = payload
    if (stateOf(iss) === node) {
      const recipient = aud[0]!
      const key = `${recipient} ${decisions[0]!.sha256}`
      const said = encodeBase64url(sha256Sync(utf8.encode(JSON.stringify(decisions))))
      const before = receipts.get(key)
      receipts.set(key, { sha256, said })
      if (before?.said === said) return [furtherReceiptEffect(sha256, before.sha256, payload)]
    }
    return decisions.map((decision) => decisionEffect({ sha256, payload }, decision, node))
  }

  return (document) => {
    // Whoever read it has its effect.
    if (document.kind === 'read-certificate') {
      begin(document)
      return []
    }
    if (document.kind === 'lost-document') {
      lose(document)
      return []
    }
    const { kind, sha256, payload, wasLost } = document
    if (wasLost && kind === 'status-change') lacksChanges = true
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
        return [trustListEffect(sha256, TrustList.parse(payload))]
      case 'officials-register':
        return [officialsEffect(sha256, OfficialsRegister.parse(payload))]
      case 'receipt':
        return receipt(document)
      case 'reconciliation':
        return [reconciliationEffect(sha256, Reconciliation.parse(payload))]
      case 'administrative':
      case 'unknown':
        return []
    }
  }
}
