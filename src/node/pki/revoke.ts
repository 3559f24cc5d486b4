import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyX509Signature } from '../../crypto/suite.ts'
import { type CrlEntry, type CrlReason, parseCrl } from '../../x509/crl.ts'
import { parseX509Certificate, type X509Certificate } from '../../x509/x509-certificate.ts'
import { issueNextCrl } from './next-crl.ts'
import type { PkiDirectory, StoredKey } from './pki-directory.ts'

export type RevokeOutcome =
  | { readonly outcome: 'revoked'; readonly ca: StoredKey; readonly crl: Uint8Array }
  /** Revoked before: an entry is never changed. */
  | { readonly outcome: 'already-revoked'; readonly ca: StoredKey; readonly entry: CrlEntry }
  | { readonly outcome: 'not-issued-here' | 'is-root' }

/** Revokes an X.509 certificate that an authority of the folder issued, with that authority's next CRL. */
export async function revokeCertificate(
  pki: PkiDirectory,
  certificate: X509Certificate,
  passphrase: string,
  revocation: { reason: CrlReason; invalidityDate: Date | undefined; now: Date },
): Promise<RevokeOutcome> {
  const { reason, invalidityDate, now } = revocation
  const { serialNumber } = certificate
  const ca = await issuerOf(pki, certificate)
  if (!ca) return { outcome: 'not-issued-here' }
  if (certificate.isSelfIssued) return { outcome: 'is-root' }
  const previous = parseCrl(new Uint8Array(await readFile(join(pki.dir, ca.crlFile!))))
  if ('malformed' in previous) throw new Error(`${ca.crlFile}: ${previous.malformed}`)
  const entry = previous.entries.get(serialNumber)
  if (entry) return { outcome: 'already-revoked', ca, entry }
  const added = { serialNumber, revokedAt: now, reason, ...(invalidityDate && { invalidityDate }) }
  return { outcome: 'revoked', ca, crl: await issueNextCrl(pki, ca, passphrase, [added], now) }
}

/** The authority of the folder whose key signed the X.509 certificate. */
async function issuerOf(
  pki: PkiDirectory,
  certificate: X509Certificate,
): Promise<StoredKey | undefined> {
  const { signatureAlgorithm, signature, tbs, issuer } = certificate
  for (const stored of pki.keys.filter(({ crlFile }) => crlFile !== undefined)) {
    const ca = parseX509Certificate(stored.certificate)
    if ('malformed' in ca || !ca.key || ca.subject.key !== issuer.key) continue
    if ((await verifyX509Signature(signatureAlgorithm, ca.key, signature, tbs)) === 'valid')
      return stored
  }
  return undefined
}
