import { verifyX509Signature } from '../crypto/suite.ts'
import { type Crl, type CrlEntry, decisiveAt, parseCrl } from '../x509/crl.ts'
import { isReleasable } from '../x509/revocation-evidence.ts'
import { readX509, type X509Certificate } from '../x509/x509-certificate.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { isSignedBy } from './anchors.ts'
import type { TrustList } from './trust-list.ts'

/**
 * Checks that a CRL was signed by the root or a CA of a trust list, before it is kept: what it says of a
 * certificate is for path validation to judge. `ski` names the CA, `ca` is the certificate of it that
 * lasts longest.
 */
export async function verifyCrl(
  der: Uint8Array,
  list: TrustList,
): Promise<{ crl: Crl; ski: string; ca: X509Certificate } | { refused: string }> {
  const crl = parseCrl(der)
  if ('malformed' in crl) return { refused: `it is not a CRL: ${crl.malformed}` }
  const authorities = authoritiesOf(list).toSorted(
    (a, b) => Number(b.notAfter) - Number(a.notAfter),
  )
  for (const ca of authorities) {
    if (ca.subject.key !== crl.issuer.key || !ca.key) continue
    const verdict = await verifyX509Signature(
      crl.signatureAlgorithm,
      ca.key,
      crl.signature,
      crl.tbs,
    )
    if (verdict === 'valid') return { crl, ski: skiOf(ca), ca }
  }
  return { refused: 'no CA of the trust list signed it' }
}

/** Certificates between a CA and its root, and signatures that are tried on the way: nobody needs more. */
const MAX_DEPTH = 4
const MAX_TRIED = 24

/**
 * Whether one of these roots certified a CA, over the CAs of the list: whoever writes a list names in it
 * what they like. Says nothing of instants, the CA may have ended.
 */
export async function isUnderRoot(
  ca: X509Certificate,
  authorities: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): Promise<boolean> {
  let tried = 0
  let below = [ca]
  const isRoot = ({ subject, spki }: X509Certificate) =>
    roots.some((root) => root.subject.key === subject.key && isSameOctets(root.spki, spki))
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (below.some(isRoot)) return true
    const above: X509Certificate[] = []
    for (const child of below)
      for (const parent of [...roots, ...authorities]) {
        if (parent.subject.key !== child.issuer.key || parent.basicConstraints?.cA !== true)
          continue
        if (tried++ >= MAX_TRIED) return false
        if (await isSignedBy(child, parent)) above.push(parent)
      }
    below = above
  }
  return false
}

/** The serial number of an entry for good that the next list leaves out or weakens. */
export function entryTakenBack(before: Crl, after: Crl): string | undefined {
  for (const [serialNumber, entry] of before.entries)
    if (isTakenBack(entry, after.entries.get(serialNumber))) return serialNumber
  return undefined
}

type Revoked = Pick<CrlEntry, 'revokedAt' | 'reason' | 'invalidityDate'>

/** Whether a revocation for good is gone, became one that may be released, or counts from later on. */
export function isTakenBack(before: Revoked, after: Revoked | undefined): boolean {
  if (isReleasable(before)) return false
  return !after || isReleasable(after) || decisiveAt(after) > decisiveAt(before)
}

/** Root and CAs of a list. */
export function authoritiesOf(list: TrustList): X509Certificate[] {
  return [list.root, ...list.cas].flatMap((text) => readX509(text) ?? [])
}

/** Subject key identifier as lower-case hex: the name under which a CA's CRL is published. */
export function skiOf(certificate: X509Certificate): string {
  const bytes = certificate.subjectKeyIdentifier ?? new Uint8Array()
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
