import { parseCrl } from '../../x509/crl.ts'
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

/**
 * The next CRL of an authority: the next number, every earlier entry as it was, the new ones after
 * them. Entries outlive their certificates, since documents are checked long after (RFC 5280 §5.2.3).
 */
export function renewCrl(renewal: CrlRenewal): Promise<Uint8Array<ArrayBuffer>> {
  const previous = parseCrl(renewal.previous)
  if ('malformed' in previous) throw new Error(`The previous CRL: ${previous.malformed}`)
  const kept = [...previous.entries.values()].map(({ invalidityDate, ...entry }): Revocation => ({
    ...entry,
    ...(invalidityDate && { invalidityDate }),
  }))
  const revoke = renewal.revoke.filter(({ serialNumber }) => !previous.entries.has(serialNumber))
  return issueCrl({
    ca: renewal.ca,
    revoked: [...kept, ...revoke],
    number: (previous.crlNumber ?? 0n) + 1n,
    thisUpdate: renewal.thisUpdate,
    nextUpdate: renewal.nextUpdate,
  })
}
