import type { SearchTerm } from '../../src/certificate/search-terms.ts'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { encodeBase64url } from '../../src/encoding/base64url.ts'
import type { CertificateRecord, Effect } from '../../src/exchange/effect.ts'
import type { NewEntry } from '../../src/exchange/journal.ts'

/** The document of this name: any text will do, the journal never reads it. */
export function sampleDocument(name: string): { sha256: string; jws: string } {
  const jws = `header.${name}.signature`
  return { sha256: encodeBase64url(sha256Sync(new TextEncoder().encode(jws))), jws }
}

export function sampleCertificate(
  name: string,
  with_: Partial<CertificateRecord> = {},
): CertificateRecord {
  const { sha256 } = sampleDocument(name)
  return {
    sha256,
    state: 'BY',
    type: 'origin.ct1',
    foldedNumber: name,
    number: name,
    issuer: 'BY.CCI.001',
    recipients: ['UZ'],
    origin: 'issued',
    usableFrom: '2026-03-02',
    usableUntil: '2027-03-02',
    status: 'issued',
    statusUri: 'https://node.example/status/1',
    statusIdx: Number.parseInt(sha256Hex(sha256), 16),
    seal: 'a-seal',
    signedAt: '2026-03-02T09:15:00Z',
    ...with_,
  }
}

/** A certificate on its way into the log. */
export function certificateEntry(
  name: string,
  to: readonly string[] = ['UZ'],
  with_: Partial<CertificateRecord> = {},
  terms: readonly SearchTerm[] = [],
): NewEntry {
  const certificate = sampleCertificate(name, with_)
  const effects: Effect[] = [{ effect: 'certificate', certificate, terms }]
  return { kind: 'certificate', ...sampleDocument(name), to, effects }
}

/** The n-th change of a certificate. */
export function changeEntry(
  name: string,
  target: string,
  n: number,
  to: readonly string[] = ['UZ'],
): NewEntry {
  const document = sampleDocument(name)
  const effect: Effect = {
    effect: 'status-change',
    target: sampleDocument(target).sha256,
    n,
    sha256: document.sha256,
    status: 'annulled',
  }
  return { kind: 'status-change', ...document, to, effects: [effect] }
}

export function trustListEntry(name: string, state: string, version: number): NewEntry {
  const document = sampleDocument(name)
  const effect: Effect = { effect: 'trust-list', state, version, sha256: document.sha256 }
  return { kind: 'trust-list', ...document, to: [], effects: [effect] }
}

/** A document that changes nothing beside the log. */
export function plainEntry(name: string, to: readonly string[] = []): NewEntry {
  return { kind: 'unknown', ...sampleDocument(name), to, effects: [] }
}

function sha256Hex(digest: string): string {
  return Buffer.from(digest, 'base64url').toString('hex').slice(0, 12)
}
