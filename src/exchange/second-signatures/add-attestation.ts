import { encodeBase64url } from '../../encoding/base64url.ts'
import { sha256 as hash } from '../../crypto/suite.ts'
import { statementDigests } from '../../jose/statement.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import type { AdmissionRefusal } from '../issuing/admit.ts'
import { Attestation, attestationEffect, MAX_ATTESTATIONS } from './attestation.ts'
import { authenticate } from '../validation/authenticate.ts'
import type { CertificateStore, StoredCertificate } from '../certificate-store.ts'
import { CLOCK_SKEW_S, type SigningRefusal, stoppedAt } from '../issuing/issue-signed.ts'
import { brokenSchema, signedAhead } from '../issuing/signed-by-body.ts'
import { type Append, untilWon } from '../journal.ts'
import { payloadOf } from '../registered.ts'
import { isPathTooLong, nationalBytes, PATH_TOO_LONG, SecondSignature } from './second-signature.ts'
import type { SecondSignatureStore } from './store.ts'

export interface AttestationDependencies {
  readonly state: string
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly paths: PathCache
  readonly certificates: CertificateStore
  readonly secondSignatures: SecondSignatureStore
  readonly append: Append
}

export type AttestationOutcome =
  | { readonly outcome: 'added' | 'already-added'; readonly sha256: string }
  | { readonly outcome: 'second-signature-unknown' }
  | { readonly outcome: 'too-many' }
  | AdmissionRefusal
  | SigningRefusal

/**
 * Appends what a trust service of this state found about a national signature, these exact bytes, and
 * sends it to whoever has the certificate: to its recipients, or back to the state that issued it.
 */
export function addAttestation(deps: AttestationDependencies) {
  return (jws: string): Promise<AttestationOutcome> => untilWon(() => attempt(deps, jws))
}

async function attempt(
  deps: AttestationDependencies,
  jws: string,
): Promise<AttestationOutcome | 'lost-race'> {
  const now = deps.now()
  const context = { trust: await deps.trust(), paths: deps.paths, at: now, now }
  const { checks, document } = await authenticate(jws, {
    ...context,
    purpose: 'attestation',
    typs: ['attestation+jwt'],
  })
  if (!document) return stoppedAt(checks)
  if (document.state !== deps.state) {
    const { signer: detail } = document
    const code = 'key-of-other-state'
    const check = { check: 'registration', outcome: 'failed', code, detail } as const
    return { outcome: 'document-invalid', check }
  }
  const parsed = Attestation.safeParse(document.payload)
  if (!parsed.success) return brokenSchema(parsed.error.issues[0])
  if (isPathTooLong(document)) return brokenSchema(PATH_TOO_LONG)
  const claims = parsed.data
  const ahead = signedAhead(document, now)
  if (ahead) return ahead

  const attested = await attestedSignature(deps, claims.target)
  if (!attested) return { outcome: 'second-signature-unknown' }
  const digests = statementDigests(jws)
  const [sha256] = digests
  const earlier = await deps.secondSignatures.attestations(claims.target)
  const same = earlier.find((statement) => digests.includes(statement.sha256))
  if (same) return { outcome: 'already-added', sha256: same.sha256 }
  const to = audienceOf(attested.certificate)
  const differences: string[] = []
  if (claims.iss !== document.signer) differences.push('/iss')
  if (claims.aud.toSorted().join() !== to.join()) differences.push('/aud')
  const fault = await attestationFault(claims, document.iat, attested.signature)
  if (fault) differences.push(fault === 'ORIGINAL-DIFFERS' ? '/original' : '/at')
  if (differences.length > 0) return { outcome: 'claims-differ', differences }
  const count = await deps.secondSignatures.countAttestations(claims.target, deps.state)
  if (count.ofIssuer >= MAX_ATTESTATIONS) return { outcome: 'too-many' }

  const effects = [attestationEffect(claims, { sha256, n: count.all + 1 })]
  const entry = { kind: 'attestation', sha256, jws, to, effects } as const
  if ((await deps.append({ entries: [entry] })) === 'duplicate') return 'lost-race'
  return { outcome: 'added', sha256 }
}

/** The certificate's recipients, or for a foreign one the state that issued it. */
function audienceOf({ origin, state, recipients }: StoredCertificate): readonly string[] {
  return origin === 'issued' ? recipients.toSorted() : [state]
}

/** A second signature of the log with the certificate that it stands beside. */
export async function attestedSignature(
  {
    certificates,
    secondSignatures,
  }: Pick<AttestationDependencies, 'certificates' | 'secondSignatures'>,
  sha256: string,
): Promise<{ signature: SecondSignature; certificate: StoredCertificate } | undefined> {
  const target = await secondSignatures.certificateOf(sha256)
  if (target === undefined) return undefined
  const [certificate, jws] = await Promise.all([
    certificates.findByDigest(target),
    certificates.document(sha256),
  ])
  if (!certificate || jws === undefined) throw new Error(`What ${sha256} stands beside is missing`)
  return { signature: SecondSignature.parse(payloadOf(jws)), certificate }
}

/** Why an attestation cannot be about this national signature. */
export async function attestationFault(
  { original, at }: Attestation,
  iat: number,
  signature: SecondSignature,
): Promise<'ORIGINAL-DIFFERS' | 'VERIFIED-AFTER-SIGNING' | undefined> {
  if (encodeBase64url(await hash(nationalBytes(signature))) !== original) return 'ORIGINAL-DIFFERS'
  return Date.parse(at) / 1000 > iat + CLOCK_SKEW_S ? 'VERIFIED-AFTER-SIGNING' : undefined
}
