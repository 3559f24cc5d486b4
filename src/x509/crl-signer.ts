import type { PublicKey } from '../crypto/public-key.ts'
import { verifyX509Signature } from '../crypto/suite.ts'
import { isSameOctets } from '../encoding/octets.ts'
import type { Crl } from './crl.ts'
import { isSameName } from './distinguished-name.ts'
import { isBefore } from './instants.ts'
import type { CrlIssuer, RevocationQuery } from './revocation.ts'
import { type UnknownStatus, unknownStatus } from './revocation-evidence.ts'

const NOT_SIGNED = unknownStatus(
  'crl-signature-invalid',
  'no validated key of the issuer signed the list',
)

/** The validated issuer whose key signed the list. */
export async function signerAmong(
  crl: Crl,
  query: Pick<RevocationQuery, 'issuers' | 'issuanceRules'>,
): Promise<CrlIssuer | UnknownStatus> {
  if (!isSameOctets(crl.signatureAlgorithm, crl.tbsSignatureAlgorithm))
    return unknownStatus('crl-malformed', 'the list names two signature algorithms')
  let failure = NOT_SIGNED
  for (const issuer of query.issuers) {
    const { certificate, key } = issuer
    const maySign = certificate.keyUsage?.includes('cRLSign') ?? !query.issuanceRules
    if (!maySign || !isSameName(certificate.subject, crl.issuer)) continue
    const verdict = await verifyOnce(crl, key)
    // A key that has ended may be in other hands.
    if (verdict === 'valid' && isBefore(certificate.notAfter, crl.thisUpdate))
      failure = unknownStatus('crl-too-late', 'issued after its issuer had ended')
    else if (verdict === 'valid') return issuer
    if (verdict !== 'invalid' && verdict !== 'valid')
      failure = unknownStatus('signature-algorithm-not-supported', 'of the CRL')
  }
  return failure
}

/** An authority has few keys; who has many issuers of one name makes only itself slow. */
const MAX_KEYS_OF_A_LIST = 16

interface VerdictByKey {
  readonly spki: Uint8Array
  readonly verdict: ReturnType<typeof verifyX509Signature>
}

/** Verdicts by list and key, the latest last: one list decides about many certificates. */
const verdicts = new WeakMap<Crl, VerdictByKey[]>()

function verifyOnce(crl: Crl, key: PublicKey): ReturnType<typeof verifyX509Signature> {
  const held = verdicts.get(crl)
  const known = held?.find(({ spki }) => isSameOctets(spki, key.spki))
  if (known) return known.verdict
  const verdict = verifyX509Signature(crl.signatureAlgorithm, key, crl.signature, crl.tbs)
  const found = { spki: key.spki, verdict }
  if (!held) verdicts.set(crl, [found])
  else if (held.push(found) > MAX_KEYS_OF_A_LIST) held.shift()
  // Who had no answer may have one the next time.
  void verdict.then((said) => {
    if (said !== 'unknown') return
    verdicts.set(crl, verdicts.get(crl)?.filter((one) => one !== found) ?? [])
  })
  return verdict
}
