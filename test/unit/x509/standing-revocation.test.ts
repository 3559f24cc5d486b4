import { beforeAll, describe, expect, it } from 'vitest'
import type { Malformed } from '../../../src/encoding/der.ts'
import { issueCrl } from '../../../src/node/pki/issue.ts'
import { issueOcspResponse } from '../../../src/node/pki/ocsp-issue.ts'
import {
  createResponder,
  createStatePki,
  DEFAULT_VALIDITY_DAYS,
  type StatePki,
} from '../../../src/node/pki/state-pki.ts'
import { type Crl, type CrlReason, parseCrl } from '../../../src/x509/crl.ts'
import { crlSource, keptCrlSource } from '../../../src/x509/crl-source.ts'
import { type OcspResponse, parseOcspResponse } from '../../../src/x509/ocsp-response.ts'
import { keptOcspSource, nameForOcsp, ocspSource } from '../../../src/x509/ocsp-source.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'

const DAY_MS = 86_400_000
const BEGIN = new Date('2027-06-01T00:00:00Z')
const day = (days: number) => new Date(BEGIN.getTime() + days * DAY_MS)

let pki: StatePki
let seal: X509Certificate
let responder: Awaited<ReturnType<typeof createResponder>>

beforeAll(async () => {
  const issuance = {
    state: 'BY',
    now: BEGIN,
    sealAlgorithm: 'ES256',
    validity: DEFAULT_VALIDITY_DAYS,
  } as const
  const bodies = [{ partyId: 'BY.CCI', name: 'Chamber', code: '001' }]
  pki = await createStatePki({ ...issuance, organization: 'Registry', bodies })
  responder = await createResponder(pki.bodies[0]!.ca, {
    state: 'BY',
    now: BEGIN,
    organization: 'Registry',
    name: 'Responder',
  })
  seal = read<X509Certificate>(parseX509Certificate(pki.bodies[0]!.seal.certificate))
})

function read<T extends object>(parsed: T | Malformed): T {
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  return parsed
}

/** What revokes: as of the day on which it is issued, unless told otherwise. */
type Reason = CrlReason | undefined

async function list(from: number, until: number, reason?: Reason, since = from): Promise<Crl> {
  const { ca } = pki.bodies[0]!
  const entry = reason && {
    serialNumber: seal.serialNumber,
    revokedAt: day(since),
    reason,
  }
  const times = { thisUpdate: day(from), nextUpdate: day(until) }
  const revoked = entry ? [entry] : []
  return read<Crl>(parseCrl(await issueCrl({ ca, revoked, number: BigInt(from + 1), ...times })))
}

async function response(from: number, until: number, reason?: Reason): Promise<OcspResponse> {
  const issuer = read<X509Certificate>(parseX509Certificate(pki.bodies[0]!.ca.certificate))
  const entry = reason && {
    serialNumber: seal.serialNumber,
    revokedAt: day(from),
    reason,
    invalidityDate: undefined,
  }
  const times = { thisUpdate: day(from), nextUpdate: day(until) }
  return read<OcspResponse>(
    parseOcspResponse(
      await issueOcspResponse({ certificate: seal, issuer, entry, ...times }, responder),
    ),
  )
}

interface At {
  readonly at?: number
  readonly now: number
}

async function judge(...question: Parameters<typeof pathBy>) {
  const result = await pathBy(...question)
  return result.result === 'valid' ? 'valid' : result.code
}

async function pathBy(
  crls: readonly Crl[],
  responses: readonly OcspResponse[],
  { now, at = now }: At,
  cache = createPathCache(),
) {
  const above = [pki.root.crl, pki.stateCa.crl].map((der) => read<Crl>(parseCrl(der)))
  return cache.validate({
    x5c: pki.bodies[0]!.seal.x5c,
    anchor: pki.root.certificate,
    at: day(at),
    now: day(now),
    purpose: 'document-seal',
    crls: crlSource([...above, ...crls]),
    ocsp: ocspSource(responses),
    revocationRequired: true,
  })
}

/** The same evidence in either order must say the same. */
async function both(crls: readonly Crl[], responses: readonly OcspResponse[], at: At) {
  const one = await judge(crls, responses, at)
  expect(await judge(crls.toReversed(), responses.toReversed(), at)).toBe(one)
  return one
}

describe('a revocation whose evidence has gone stale', () => {
  it('is not made good by older evidence, nor by evidence of the same instant', async () => {
    const revokingList = await list(2, 9, 'keyCompromise')
    const revokingResponse = await response(2, 9, 'keyCompromise')
    for (const from of [1, 2]) {
      const goodList = await list(from, 30)
      const goodResponse = await response(from, 30)
      for (const [crls, responses] of [
        [[revokingList], [goodResponse]],
        [[revokingList, goodList], []],
        [[goodList], [revokingResponse]],
        [[], [goodResponse, revokingResponse]],
      ] as const) {
        expect(await both(crls, responses, { now: 8 })).toBe('revoked')
        for (const now of [10, 14]) {
          const code = await both(crls, responses, { now })
          expect(code).toMatch(/^(crl|ocsp)-stale$/)
        }
      }
    }
  })

  it('is told apart from silence, and the key is at hand in both cases', async () => {
    const revoking = await list(2, 9, 'keyCompromise')
    const stale = await pathBy([revoking], [], { now: 12 })
    expect(stale).toMatchObject({ result: 'unknown', revokes: true, key: { type: 'P-256' } })
    const silent = await pathBy([await list(2, 9)], [], { now: 12 })
    expect(silent).toMatchObject({ result: 'unknown', key: { type: 'P-256' } })
    expect(silent).not.toHaveProperty('revokes')
    const revoked = await pathBy([revoking], [], { now: 8 })
    expect(revoked).toMatchObject({ code: 'revoked', key: { type: 'P-256' } })
    // Nor does the end of the seal hide it, from when on lists may leave it out.
    const ended = { now: 4 * 365 }
    expect(await pathBy([revoking], [], ended)).toMatchObject({ code: 'expired', revokes: true })
    expect(await pathBy([await list(2, 9)], [], ended)).not.toHaveProperty('revokes')
  })

  it('is not made good by newer evidence either: only a hold can be released', async () => {
    const final = await list(2, 9, 'superseded')
    const hold = await list(2, 9, 'certificateHold')
    const older = await response(1, 30)
    const newer = await list(5, 30)
    expect(await both([final, newer], [], { now: 12 })).toBe('crl-stale')
    expect(await both([hold, newer], [], { now: 12 })).toBe('valid')
    expect(await both([hold, newer], [], { now: 8 })).toBe('valid')
    expect(await both([hold], [older], { now: 8 })).toBe('revoked')
    expect(await both([hold], [older], { now: 12 })).toBe('crl-stale')
  })

  it('a response signed before a hold does not release it, whenever it begins', async () => {
    const hold = await list(2, 9, 'certificateHold')
    const later = await response(5, 30)
    const signedBefore = { ...later, producedAt: day(1) }
    expect(await judge([hold], [{ ...later, producedAt: day(5) }], { now: 12 })).toBe('valid')
    expect(await judge([hold], [signedBefore], { now: 12 })).toBe('crl-stale')
  })

  it('outlives the responder that told it', async () => {
    const revoked = await response(2, 9, 'keyCompromise')
    const ofThatTime = await list(1, 9)
    expect(await both([ofThatTime], [revoked], { at: 5, now: 2000 })).toBe('ocsp-signature-invalid')
    expect(await both([ofThatTime], [], { at: 5, now: 2000 })).toBe('valid')
  })

  it('does not touch what was signed before it, and is not forgotten by the memory of that', async () => {
    for (const until of [9, 30]) {
      const cache = createPathCache()
      const revoking = await list(6, until, 'superseded')
      const good = await response(1, 30)
      const at = (instant: number) => judge([revoking], [good], { at: instant, now: 12 }, cache)
      expect(await at(5)).toBe('valid')
      expect(await at(10)).toBe(until === 9 ? 'crl-stale' : 'revoked')
      expect(await at(5)).toBe('valid')
    }
  })
})

describe('evidence that one state keeps', () => {
  it('says nothing about the authorities of another', async () => {
    const [old, newer] = [await list(1, 30), await list(2, 9)]
    const kept = keptCrlSource([
      { state: 'KZ', crl: old },
      { state: 'BY', crl: newer },
    ])
    expect(kept.of('BY').find(seal.issuer)).toEqual([newer])
    expect(kept.of('KZ').find(seal.issuer)).toEqual([old])
    expect(kept.of('UZ').find(seal.issuer)).toEqual([])
    expect(kept.find(seal.issuer)).toHaveLength(2)
  })

  it('is found only under what it was kept about', async () => {
    const about = await response(1, 30)
    const [single] = about.responses
    const stuffed = { ...about, responses: Array.from({ length: 100 }, () => single!) }
    const name = nameForOcsp(seal)
    const source = keptOcspSource([
      { state: 'BY', ...name, response: about },
      { state: 'KZ', serialNumber: '01', issuerSki: 'ff', response: stuffed },
      { state: 'KZ', ...name, response: stuffed },
    ])
    expect(source.of('BY').find(name)).toEqual([about])
    expect(source.of('UZ').find(name)).toEqual([])
    expect(source.find({ serialNumber: '01', issuerSki: 'ff' })).toEqual([stuffed])
  })
})
