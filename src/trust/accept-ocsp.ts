import { CLOCK_SKEW_MS } from '../encoding/clock-skew.ts'
import { decodeBase64, encodeBase64 } from '../encoding/base64url.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { formatInstant } from '../encoding/time.ts'
import { parseOcspResponse, type SingleResponse } from '../x509/ocsp-response.ts'
import { ocspStatement } from '../x509/profile.ts'
import { isReleasable } from '../x509/revocation-evidence.ts'
import { isTakenBack } from './accept-crl.ts'
import { isSignedBy } from './anchors.ts'
import type { OcspStore, StoredOcspResponse } from './ocsp-store.ts'
import type { OcspTarget } from './ocsp-targets.ts'

/**
 * One response about one certificate, with its responder's X.509 certificate, needs a fifth of it. A state has
 * thousands of keys, and all of their responses are at hand.
 */
const MAX_KEPT_OCTETS = 16 * 1024

/**
 * Checks an OCSP response before it is kept (RFC 6960 §3.2, trust profile R2): about this X.509 certificate
 * of this authority, signed by the authority or a responder of it, current, and saying good or revoked.
 */
export async function verifyOcspResponse(
  der: Uint8Array,
  target: OcspTarget,
  now: Date,
): Promise<StoredOcspResponse | { refused: string }> {
  if (der.length > MAX_KEPT_OCTETS)
    return {
      refused: `it is longer than ${MAX_KEPT_OCTETS} octets: sign one about one certificate`,
    }
  const response = parseOcspResponse(der)
  if ('malformed' in response)
    return { refused: `it is not an OCSP response: ${response.malformed}` }
  const { x5c, root: anchor, state, ski } = target
  const statement = await ocspStatement({
    x5c,
    anchor,
    response,
    now: new Date(now.getTime() + CLOCK_SKEW_MS),
  })
  if ('result' in statement) return { refused: `${statement.code}: ${statement.detail}` }
  if (statement.status === 'unknown') return { refused: `${statement.code}: ${statement.detail}` }
  const serial = target.certificate.serialNumber
  const about = response.responses.filter(({ certId }) => certId.serialNumber === serial)
  // With several about one serial number it is not told here which of them was judged.
  const [single] = about
  if (!single?.nextUpdate || about.length > 1)
    return { refused: 'it says more than one thing about the certificate' }
  return {
    state,
    ski,
    serial,
    der: encodeBase64(new Uint8Array(der)),
    status: heldStatus(single),
    thisUpdate: formatInstant(single.thisUpdate),
    nextUpdate: formatInstant(single.nextUpdate),
    storedAt: formatInstant(now),
  }
}

function heldStatus({ status }: SingleResponse): StoredOcspResponse['status'] {
  if (status.status !== 'revoked') return 'good'
  return isReleasable(status) ? 'on-hold' : 'revoked'
}

/** Why a response cannot take the place of the one that is kept: who revokes for good weakens nothing of it. */
export async function ocspContradiction(
  next: StoredOcspResponse,
  store: Pick<OcspStore, 'ocspResponse'>,
): Promise<string | undefined> {
  if (next.status !== 'revoked') return undefined
  const held = await store.ocspResponse(next.state, next.serial)
  const kept = held.find(({ ski, status }) => ski === next.ski && status === 'revoked')
  const [before, after] = [kept && revocationIn(kept), revocationIn(next)]
  return before && isTakenBack(before, after)
    ? `it takes back the revocation of ${next.serial}`
    : undefined
}

function revocationIn({ der, serial }: StoredOcspResponse) {
  const response = parseOcspResponse(decodeBase64(der) ?? new Uint8Array())
  if ('malformed' in response) return undefined
  const about = response.responses.find(({ certId }) => certId.serialNumber === serial)
  return about?.status.status === 'revoked' ? about.status : undefined
}

/**
 * Whether it brings an X.509 certificate that is none of the way up, and not of its authority: no signature
 * covers what is enclosed.
 */
export async function enclosesAnother(
  der: Uint8Array,
  { x5c, issuer, root }: OcspTarget,
): Promise<boolean> {
  const parsed = parseOcspResponse(der)
  if ('malformed' in parsed) return true
  const known = [...x5c, issuer.der, root.der]
  for (const enclosed of parsed.certificates)
    if (
      !known.some((one) => isSameOctets(one, enclosed.der)) &&
      !(await isSignedBy(enclosed, issuer))
    )
      return true
  return false
}
