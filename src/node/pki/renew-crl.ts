import { MAX_CRL_OCTETS, parseCrl } from '../../x509/crl.ts'
import { formatName } from '../../x509/distinguished-name.ts'
import { issueCrl } from './issue.ts'
import type { Issuer, Revocation } from './issue.ts'

export interface CrlRenewal {
  readonly ca: Issuer
  /** The list the authority published last. */
  readonly previous: Uint8Array
  readonly revoke: readonly Revocation[]
  readonly thisUpdate: Date
  readonly nextUpdate: Date
}

/** A list that no node would take. */
export class CrlTooLong extends Error {
  override name = 'CrlTooLong'
  constructor(authority: string, octets: number) {
    super(
      `The next CRL of ${authority} would have ${octets} octets, and no node takes one longer than ${MAX_CRL_OCTETS}. It was not written. To end the key all the same, revoke its CA by the one above it (certex pki revoke --certificate CA.pem); go on with a new CA (certex pki renew body-ca or state-ca)`,
    )
  }
}

/**
 * The next CRL of an authority: the next number, every earlier entry as it was, the new ones after
 * them. Entries outlive their certificates, since documents are checked long after (RFC 5280 §5.2.3).
 *
 * @throws {CrlTooLong} it would be longer than what nodes fetch
 */
export async function renewCrl(renewal: CrlRenewal): Promise<Uint8Array<ArrayBuffer>> {
  const previous = parseCrl(renewal.previous)
  if ('malformed' in previous) throw new Error(`The previous CRL: ${previous.malformed}`)
  const kept = [...previous.entries.values()].map(({ invalidityDate, ...entry }): Revocation => ({
    ...entry,
    ...(invalidityDate && { invalidityDate }),
  }))
  const revoke = renewal.revoke.filter(({ serialNumber }) => !previous.entries.has(serialNumber))
  const crl = await issueCrl({
    ca: renewal.ca,
    revoked: [...kept, ...revoke],
    number: (previous.crlNumber ?? 0n) + 1n,
    thisUpdate: renewal.thisUpdate,
    nextUpdate: renewal.nextUpdate,
  })
  if (crl.length > MAX_CRL_OCTETS) throw new CrlTooLong(formatName(previous.issuer), crl.length)
  return crl
}
