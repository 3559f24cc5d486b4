import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Revocation } from './issue.ts'
import { loadIssuer, type PkiDirectory, type StoredKey } from './pki-directory.ts'
import { storeCrl } from './pki-store.ts'
import { parseX509Certificate } from '../../x509/x509-certificate.ts'
import { renewCrl } from './renew-crl.ts'
import { DEFAULT_VALIDITY_DAYS } from './state-pki.ts'

/**
 * Signs the next CRL of every authority of the folder. One whose X.509 certificate has expired signs no
 * more: its last list stays what there is to say (RFC 5280 §3.3).
 */
export function renewCrls(
  pki: PkiDirectory,
  passphrase: string,
  now: Date,
): Promise<Uint8Array<ArrayBuffer>[]> {
  const authorities = pki.keys.filter((key) => key.crlFile !== undefined && !hasEnded(key, now))
  return Promise.all(authorities.map((ca) => issueNextCrl(pki, ca, passphrase, [], now)))
}

function hasEnded({ certificate, certificateFile }: StoredKey, now: Date): boolean {
  const parsed = parseX509Certificate(certificate)
  if ('malformed' in parsed) throw new Error(`${certificateFile}: ${parsed.malformed}`)
  return parsed.notAfter < now
}

/** Signs and stores the next CRL of one authority, with everything it revoked before. */
export async function issueNextCrl(
  pki: PkiDirectory,
  ca: StoredKey,
  passphrase: string,
  revoke: readonly Revocation[],
  now: Date,
): Promise<Uint8Array<ArrayBuffer>> {
  const days = ca.purpose === 'root' ? DEFAULT_VALIDITY_DAYS.rootCrl : DEFAULT_VALIDITY_DAYS.crl
  const crl = await renewCrl({
    ca: await loadIssuer(pki, ca, passphrase),
    previous: new Uint8Array(await readFile(join(pki.dir, ca.crlFile!))),
    revoke,
    thisUpdate: now,
    nextUpdate: new Date(now.getTime() + days * 86_400_000),
  })
  await storeCrl(pki, ca, crl)
  return crl
}
