import { stateOf } from '../../certificate/party-id.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { Check } from '../validation/check.ts'
import type { EvidencePack, LoggedPart } from './pack.ts'
import { type Decision, ReceiptPayload } from '../delivery/receipt.ts'
import { sealedPart, type SealedPartContext } from './sealed-part.ts'

/** What the registry of a state decided, under its seal, on the certificate or on a change of it. */
export interface PackedDecision extends Decision {
  readonly state: string
}

export interface PackReceipts {
  readonly decisions: readonly PackedDecision[]
  /** Digests of receipts in the pack of which it cannot be told who made them. */
  readonly notBelieved: readonly string[]
}

/** The decisions in a pack on its certificate and the changes of it, each by the seal of a registry. */
export async function packReceipts(
  pack: EvidencePack,
  { issuedIn }: { readonly issuedIn: string },
  context: SealedPartContext,
): Promise<PackReceipts> {
  const decided = [pack.document, ...pack.statusChanges].map(({ jws }) => digestOf(jws))
  const documents = new Set(await Promise.all(decided))
  const decisions: PackedDecision[] = []
  const notBelieved: string[] = []
  for (const part of pack.receipts) {
    const sha256 = await digestOf(part.jws)
    const receipt = await authenticReceipt(part, sha256, issuedIn, context)
    if (!receipt) notBelieved.push(sha256)
    for (const decision of receipt?.decisions ?? [])
      if (documents.has(decision.sha256))
        decisions.push({ state: stateOf(receipt!.iss), ...decision })
  }
  return { decisions, notBelieved }
}

async function authenticReceipt(
  part: LoggedPart,
  sha256: string,
  issuedIn: string,
  context: SealedPartContext,
): Promise<ReceiptPayload | undefined> {
  const document = await sealedPart(part, sha256, 'receipt+jwt', context)
  const payload = document && ReceiptPayload.safeParse(document.payload).data
  const isOfRecipient = payload?.iss === document?.signer && document?.state !== issuedIn
  return payload && isOfRecipient && payload.aud[0] === issuedIn ? payload : undefined
}

/**
 * What the receipts say against using the certificate. A refusal speaks for the state that signed it:
 * where the certificate is presented there, it cannot be told whether it is of use.
 */
export function receiptChecks(
  { decisions, notBelieved }: PackReceipts,
  { sha256, presentedIn }: { readonly sha256: string; readonly presentedIn: string | undefined },
): Check[] {
  const check = 'addressee'
  const refused = decisions.filter(
    ({ outcome }) => outcome === 'refused' || outcome === 'not-readable',
  )
  return [
    ...refused.map((decision): Check => {
      const ofCertificate = decision.sha256 === sha256
      const isHere = ofCertificate && decision.state === presentedIn
      const about = ofCertificate ? [] : [decision.sha256]
      const detail = [decision.state, ...about, ...decision.findings].join(' ')
      const outcome = isHere ? 'unknown' : 'warning'
      return { check, outcome, code: 'refused-by-recipient', detail }
    }),
    ...notBelieved.map((detail): Check => {
      return { check, outcome: 'warning', code: 'receipt-not-believed', detail }
    }),
  ]
}
