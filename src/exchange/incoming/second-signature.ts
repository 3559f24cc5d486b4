import { isWithin } from '../../certificate/party-id.ts'
import { attestationFault, attestedSignature } from '../second-signatures/add-attestation.ts'
import {
  Attestation,
  ATTESTATION_SCHEMA,
  attestationEffect,
  MAX_ATTESTATIONS,
} from '../second-signatures/attestation.ts'
import type { AuthenticDocument } from '../validation/authenticate.ts'
import type { CertificateStore } from '../certificate-store.ts'
import type { Incoming } from './examine.ts'
import type { Inbox } from './inbox.ts'
import type { LostPlaces } from '../log/lost-documents.ts'
import { withoutTarget } from './change.ts'
import {
  isPathTooLong,
  MAX_SECOND_SIGNATURES,
  SECOND_SIGNATURE_SCHEMA,
  SecondSignature,
} from '../second-signatures/second-signature.ts'
import type { SecondSignatureStore } from '../second-signatures/store.ts'
import { accepted, notReadable, refused, type Verdict, waiting } from './verdict.ts'
import { timeToCome } from '../validation/signing-time.ts'
import { WAITS_FOR_ITS_TIME, waitsForSecondSignature } from './waiting-changes.ts'

interface StatementDependencies {
  readonly state: string
  readonly certificates: CertificateStore
  readonly secondSignatures: SecondSignatureStore
  readonly inbox: Inbox
  readonly lost: Pick<LostPlaces, 'listed'>
}

/**
 * The decision on a national signature that its certificate's issuer sends. Its bytes are only kept: what
 * they are worth is asked when somebody validates the certificate.
 */
export async function judgeSecondSignature(
  { sha256, sender }: Incoming,
  document: AuthenticDocument,
  deps: StatementDependencies,
): Promise<Verdict> {
  const { payload, signer } = document
  if (isOtherVersion(payload, SECOND_SIGNATURE_SCHEMA)) return notReadable('SCHEMA-UNKNOWN')
  const parsed = SecondSignature.safeParse(payload)
  if (!parsed.success) return refused('SCHEMA-BROKEN')
  if (isPathTooLong(document)) return refused('PATH-TOO-LONG')
  const { iss, aud, target } = parsed.data
  if (iss !== signer) return refused('ISSUER-DIFFERS')
  if (!aud.includes(deps.state)) return refused('NOT-ADDRESSED-HERE')
  const stored = await deps.certificates.findByDigest(target)
  if (!stored) return withoutTarget(target, sender, deps)
  if (!isWithin(stored.issuer, iss)) return refused('NOT-YOUR-CERTIFICATE')
  const { length } = await deps.secondSignatures.of(target)
  if (length >= MAX_SECOND_SIGNATURES) return refused('TOO-MANY-SECOND-SIGNATURES')
  return accepted([{ effect: 'second-signature', record: { target, n: length + 1, sha256 } }])
}

/** How long an attestation waits for what it attests: another state may have still to send it. */
const PATIENCE_MS = 30 * 86_400_000

/** The decision on what a trust service of the sending state found, whoever attached the signature. */
export async function judgeAttestation(
  { sha256, sender, arrivedAt }: Incoming,
  document: AuthenticDocument,
  deps: StatementDependencies,
  now: Date,
): Promise<Verdict> {
  const { payload, signer, iat } = document
  if (isOtherVersion(payload, ATTESTATION_SCHEMA)) return notReadable('SCHEMA-UNKNOWN')
  const parsed = Attestation.safeParse(payload)
  if (!parsed.success) return refused('SCHEMA-BROKEN')
  if (isPathTooLong(document)) return refused('PATH-TOO-LONG')
  const claims = parsed.data
  const { iss, aud, target } = claims
  if (iss !== signer) return refused('ISSUER-DIFFERS')
  if (!aud.includes(deps.state)) return refused('NOT-ADDRESSED-HERE')
  const ahead = timeToCome(new Date(iat * 1000), now)
  if (ahead === 'far') return refused('SIGNED-IN-FUTURE')
  if (ahead === 'soon') return waiting(WAITS_FOR_ITS_TIME)
  const attested = await attestedSignature(deps, target)
  if (!attested) {
    const decision = (await deps.inbox.find(sender, [target])).get(target)?.decision
    if (decision?.outcome === 'not-readable') return notReadable('TARGET-NOT-READABLE')
    if (decision?.outcome === 'refused') return refused('TARGET-REFUSED')
    const isLate = now.getTime() - Date.parse(arrivedAt) >= PATIENCE_MS
    return isLate ? refused('TARGET-UNKNOWN') : waiting(waitsForSecondSignature(target))
  }
  const fault = await attestationFault(claims, iat, attested.signature)
  if (fault) return refused(fault)
  const count = await deps.secondSignatures.countAttestations(target, document.state)
  if (count.ofIssuer >= MAX_ATTESTATIONS) return refused('TOO-MANY-ATTESTATIONS')
  return accepted([attestationEffect(claims, { sha256, n: count.all + 1 })])
}

function isOtherVersion(payload: unknown, schema: string): boolean {
  const claimed = (payload as { schema?: unknown } | null)?.schema
  const [name] = schema.split('/')
  return (
    typeof claimed === 'string' &&
    claimed !== schema &&
    claimed.startsWith(`${name}/`) &&
    /^\d+$/.test(claimed.slice(name!.length + 1))
  )
}
