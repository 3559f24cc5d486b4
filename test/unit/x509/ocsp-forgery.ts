import { derElement } from '../../../src/encoding/der-writer.ts'
import { derGeneralizedTime } from '../../../src/node/pki/der-writer.ts'
import { certIdDer } from '../../../src/x509/ocsp-request.ts'
import type { X509Certificate } from '../../../src/x509/x509-certificate.ts'
import { type Actor, derOid, ECDSA_SHA256, signDer } from './forgery.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** What is said of one X.509 certificate; extensions as `extension` writes them. */
export interface ForgedStatement {
  readonly certificate: X509Certificate
  readonly issuer: X509Certificate
  /** CertStatus, encoded. */
  readonly status: Bytes
  readonly extensions?: readonly Bytes[]
}

export const GOOD: Bytes = derElement(0x80)

/** Revoked for a stolen key since an instant as `YYYYMMDDhhmmssZ`. */
export function revokedSince(instant: string): Bytes {
  const reason = derElement(0xa0, derElement(0x0a, new Uint8Array([1])))
  return derElement(0xa1, derElement(0x18, new TextEncoder().encode(instant)), reason)
}

/** A response of an authority itself for the day that begins at `at`, with any statements in it. */
export async function forgeOcspResponse(
  signer: Pick<Actor, 'name' | 'pkcs8'>,
  statements: readonly ForgedStatement[],
  extensions: readonly Bytes[] = [],
  at = new Date(),
): Promise<Bytes> {
  const until = new Date(at.getTime() + 86_400_000)
  const singles = statements.map(async ({ certificate, issuer, status, extensions: own = [] }) =>
    derElement(
      0x30,
      await certIdDer(certificate, issuer),
      status,
      derGeneralizedTime(at),
      derElement(0xa0, derGeneralizedTime(until)),
      ...explicit(own),
    ),
  )
  const tbs = derElement(
    0x30,
    derElement(0xa1, signer.name),
    derGeneralizedTime(at),
    derElement(0x30, ...(await Promise.all(singles))),
    ...explicit(extensions),
  )
  const basic = derElement(0x30, tbs, ECDSA_SHA256, await signDer(tbs, signer.pkcs8))
  const bytes = derElement(0x30, derOid('1.3.6.1.5.5.7.48.1.1'), derElement(0x04, basic))
  return derElement(0x30, derElement(0x0a, new Uint8Array([0])), derElement(0xa0, bytes))
}

function explicit(extensions: readonly Bytes[]): Bytes[] {
  return extensions.length > 0 ? [derElement(0xa1, derElement(0x30, ...extensions))] : []
}
