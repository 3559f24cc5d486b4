import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Crl, parseCrl } from '../../x509/crl.ts'
import { parseX509Certificate, type X509Certificate } from '../../x509/x509-certificate.ts'
import { issueOcspResponse } from './ocsp-issue.ts'
import { loadKey, type PkiDirectory, respondersOf, type StoredKey } from './pki-directory.ts'

export interface SignedOcspResponse {
  /** Of the key that it is about. */
  readonly certificateFile: string
  readonly file: string
  readonly status: 'good' | 'revoked'
  readonly nextUpdate: Date
}

/** Below the fetchers' patience with a responder, above a long weekend. */
const VALID_DAYS = 7
const DAY_MS = 86_400_000

/**
 * Signs an OCSP response (RFC 6960 §4.2.1) about every key below an authority that has a responder, by what
 * the authority's CRL in the folder says, and writes them to the folder `ocsp`.
 */
export async function signOcspResponses(
  pki: PkiDirectory,
  passphrase: string,
  now: Date,
): Promise<SignedOcspResponse[]> {
  const folder = join(pki.dir, 'ocsp')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const nextUpdate = new Date(now.getTime() + VALID_DAYS * DAY_MS)
  const signed: SignedOcspResponse[] = []
  for (const ca of pki.keys) {
    const responder = respondersOf(pki, ca).at(-1)
    if (!responder) continue
    const pkcs8 = await loadKey(pki, responder, passphrase)
    const crl = await crlOf(pki, ca)
    for (const key of pki.keys) {
      if (key.chain[1] !== ca.certificateFile || key.purpose === 'ocsp-responder') continue
      const certificate = read(key.certificate)
      const entry = crl.entries.get(certificate.serialNumber)
      const issuer = read(ca.certificate)
      const statement = { certificate, issuer, entry, thisUpdate: now, nextUpdate }
      const by = { certificate: responder.certificate, pkcs8 }
      const der = await issueOcspResponse(statement, by)
      const file = join(folder, `${key.certificateFile.replace(/\.pem$/, '')}.ocsp`)
      await writeFile(file, der)
      const status = entry ? 'revoked' : 'good'
      signed.push({ certificateFile: key.certificateFile, file, status, nextUpdate })
    }
  }
  return signed
}

async function crlOf({ dir }: PkiDirectory, ca: StoredKey): Promise<Crl> {
  const crl = parseCrl(new Uint8Array(await readFile(join(dir, ca.crlFile!))))
  if ('malformed' in crl) throw new Error(`The CRL of ${ca.certificateFile}: ${crl.malformed}`)
  return crl
}

function read(der: Uint8Array): X509Certificate {
  const certificate = parseX509Certificate(der)
  if ('malformed' in certificate) throw new Error(certificate.malformed)
  return certificate
}
