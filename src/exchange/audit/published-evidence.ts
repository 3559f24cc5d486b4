import { decodeBase64 } from '../../encoding/base64url.ts'
import { type Crl, parseCrl } from '../../x509/crl.ts'

/** An act that tells of a CRL (`crl-published`), or of a serial number that one revokes (`key-revoked`). */
export interface CrlAct {
  readonly act: string
  readonly subject: string
  readonly detail: string | null
}

/** The authority of an act, `STATE SKI`, as its CRL is kept. */
export function authorityIn({ subject }: CrlAct): string {
  return subject.split(' ', 2).join(' ')
}

export type KeptCrl = Partial<Pick<Crl, 'crlNumber' | 'entries'>>

/** What a CRL says, base64 DER; nothing, if it cannot be read. */
export function keptCrl(der: string): KeptCrl {
  const crl = parseCrl(decodeBase64(der) ?? new Uint8Array())
  return 'malformed' in crl ? {} : crl
}

/** Why the CRL that is kept is not one from after the act, with all that was revoked by then. */
export function publishedFlaw(kept: KeptCrl | undefined, act: CrlAct): string | undefined {
  const { crlNumber = -1n, entries } = kept ?? {}
  if (act.act === 'crl-published') {
    const number = /^number (\d{1,60}),/.exec(act.detail ?? '')?.[1]
    if (number === undefined || crlNumber >= BigInt(number)) return undefined
    return `an earlier one than the number ${number}`
  }
  const serial = act.subject.split(' ')[2] ?? ''
  return entries?.has(serial) ? undefined : `${serial} is not revoked`
}
