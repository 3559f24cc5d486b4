import { parseCertificateId } from '../certificate/certificate-id.ts'
import type { CertificateState } from '../certificate/certificate-state.ts'
import type { DocumentType } from '../certificate/document-type.ts'
import { stateOf } from '../certificate/party-id.ts'
import type { CertificatePayload } from '../certificate/payload.ts'
import { searchTermsOf } from '../certificate/search-terms.ts'
import type { TrustList } from '../trust/trust-list.ts'
import { formatInstant } from '../encoding/time.ts'
import type { CertificateEffect, CertificateRecord, Effect } from './effect.ts'
import type { Decision, ReceiptPayload } from './delivery/receipt.ts'
import type { Reconciliation } from './reconciliation/payload.ts'

// What each kind of document changes, for the live path and for `replayLog` alike.

/** Who signed a certificate, and when by its own word; nothing where its bytes cannot be read. */
export type SignatureFacts = Pick<CertificateRecord, 'seal' | 'signedAt'>

export function signatureFacts({ x5tS256, iat }: { x5tS256: string; iat: number }): SignatureFacts {
  return { seal: x5tS256, signedAt: formatInstant(new Date(iat * 1000)) }
}

/** The certificate's own place, a function of its document alone. */
export function certificateEffect(input: {
  sha256: string
  payload: CertificatePayload
  type: DocumentType
  signature: SignatureFacts
  /** The node's own state: what it issued is of its own bodies. */
  node: string
}): CertificateEffect {
  const { sha256, payload, type, signature, node } = input
  const { state, number } = type.identity(payload.certificate)
  const id = parseCertificateId({ state, number, type: type.type })
  if (!id) throw new Error(`Document ${sha256} has no usable number`)
  const { from, until } = type.validity(payload.certificate)
  return {
    effect: 'certificate',
    certificate: {
      sha256,
      state,
      type: type.type,
      foldedNumber: id.number,
      number,
      issuer: payload.iss,
      recipients: payload.aud,
      origin: stateOf(payload.iss) === node ? 'issued' : 'received',
      usableFrom: from,
      usableUntil: until,
      status: type.initialState(payload.certificate).status,
      statusUri: payload.status.status_list.uri,
      statusIdx: payload.status.status_list.idx,
      ...signature,
    },
    terms: searchTermsOf(type, payload.certificate),
  }
}

/** The next change of `target` after `earlier` ones, leading to `state`. */
export function statusChangeEffect(change: {
  sha256: string
  target: string
  earlier: number
  state: CertificateState
}): Effect {
  const { sha256, target, earlier, state } = change
  return {
    effect: 'status-change',
    target,
    n: earlier + 1,
    sha256,
    status: state.status,
    ...(state.status === 'replaced' && { replacedBy: state.replacedBy }),
    ...('extendedUntil' in state &&
      state.extendedUntil !== undefined && { usableUntil: state.extendedUntil }),
  }
}

export function trustListEffect(
  sha256: string,
  { state, version }: Pick<TrustList, 'state' | 'version'>,
): Effect {
  return { effect: 'trust-list', state, version, sha256 }
}

/** One decision of a receipt: this node's own, or that of the peer whose registry signed it. */
export function decisionEffect(
  { sha256, payload }: { sha256: string; payload: Pick<ReceiptPayload, 'iss' | 'aud'> },
  decision: Decision,
  node: string,
): Effect {
  const signer = stateOf(payload.iss)
  return signer === node
    ? { effect: 'decision', ...decision, sender: payload.aud[0]!, receipt: sha256 }
    : { effect: 'decided-by-peer', ...decision, recipient: signer, receipt: sha256 }
}

/** A receipt of this node that says what the one before it said. */
export function furtherReceiptEffect(
  sha256: string,
  receipt: string,
  { aud, decisions }: Pick<ReceiptPayload, 'aud' | 'decisions'>,
): Effect {
  const decided = decisions.map((decision) => decision.sha256)
  return { effect: 'further-receipt', receipt, sha256, recipient: aud[0]!, decided }
}

/** A document of this node for a peer, or the other way round. */
export function reconciliationEffect(
  sha256: string,
  { iss, aud, epoch, until }: Pick<Reconciliation, 'iss' | 'aud' | 'epoch' | 'until'>,
): Effect {
  const record = { sha256, maker: stateOf(iss), recipient: aud[0]!, epoch, until }
  return { effect: 'reconciliation', record }
}
