import { describe, expect, it } from 'vitest'
import { issueCrl } from '../../../src/node/pki/issue.ts'
import type { Issuer, Revocation } from '../../../src/node/pki/issue.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import { type Crl, parseCrl } from '../../../src/x509/crl.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { validateSealPath } from '../../../src/x509/profile.ts'
import type { SealPath } from '../../../src/x509/profile.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import { CONFORMING, forge, forgePath } from './forgery.ts'

const day = (date: string) => new Date(`${date}T00:00:00Z`)
/** The proven time of a signature. */
const AT = day('2027-06-01')
/** Long after everything in the path has ended. */
const NOW = day('2031-01-01')

const path = await forgePath({
  seal: { notAfter: '270901000000Z' },
  bodyCa: { notAfter: '271001000000Z' },
  stateCa: { notAfter: '271101000000Z' },
  root: { notAfter: '271201000000Z' },
})

async function list(
  ca: Issuer,
  [thisUpdate, nextUpdate]: readonly [string, string],
  revoked: readonly Revocation[] = [],
): Promise<Crl> {
  const times = { thisUpdate: day(thisUpdate), nextUpdate: day(nextUpdate) }
  const crl = parseCrl(await issueCrl({ ca, revoked, number: 1n, ...times }))
  if ('malformed' in crl) throw new Error(crl.malformed)
  return crl
}

const ask = (crls: readonly Crl[], changes: Partial<SealPath> = {}) => ({
  x5c: path.x5c,
  anchor: path.root.certificate,
  at: AT,
  now: NOW,
  purpose: 'document-seal' as const,
  crls: crlSource(crls),
  revocationRequired: true,
  ...changes,
})

async function verdict(crls: readonly Crl[], changes: Partial<SealPath> = {}): Promise<string> {
  const result = await validateSealPath(ask(crls, changes))
  return result.result === 'valid' ? 'valid' : result.code
}

const lastOfRoot = await list(path.root, ['2027-11-20', '2028-02-01'])
const lastOfState = await list(path.stateCa, ['2027-10-20', '2027-11-19'])
const lastOfBody = await list(path.bodyCa, ['2027-09-20', '2027-10-19'])
const last = [lastOfRoot, lastOfState, lastOfBody]

describe('a path whose authorities have all ended', () => {
  it('is judged at the proven time by the last list of each', async () => {
    expect(await verdict(last)).toBe('valid')
    expect(await verdict(last, { at: day('2027-08-31') })).toBe('valid')
    expect(await verdict(last, { at: day('2027-09-02') })).toBe('expired')
    expect(await verdict(last, { at: NOW })).toBe('expired')
  })

  it('is cannot tell while one of the lists is not the last one', async () => {
    const early = await list(path.bodyCa, ['2027-08-01', '2027-08-30'])
    expect(await verdict([lastOfRoot, lastOfState, early])).toBe('crl-stale')
    // The list of that time itself serves for that time.
    const ofThatTime = await list(path.bodyCa, ['2027-05-20', '2027-06-18'])
    expect(await verdict([lastOfRoot, lastOfState, ofThatTime])).toBe('valid')
    expect(await verdict([lastOfRoot, lastOfState])).toBe('crl-missing')
  })

  it('a list from after the expiry of the seal stays, though its authority lives on', async () => {
    const living = await forgePath({ seal: { notAfter: '270901000000Z' } })
    const lists = async (ofBody: [string, string]) => [
      await list(living.root, ['2030-12-01', '2031-02-01']),
      await list(living.stateCa, ['2030-12-20', '2031-01-18']),
      await list(living.bodyCa, ofBody),
    ]
    const of = { x5c: living.x5c, anchor: living.root.certificate }
    expect(await verdict(await lists(['2027-09-20', '2027-10-19']), of)).toBe('valid')
    expect(await verdict(await lists(['2027-08-20', '2027-09-19']), of)).toBe('crl-stale')
  })

  it('what the last list revokes stays revoked', async () => {
    const seal = parseX509Certificate(path.seal.certificate)
    if ('malformed' in seal) throw new Error(seal.malformed)
    const entry = {
      serialNumber: seal.serialNumber,
      revokedAt: day('2027-08-01'),
      reason: 'keyCompromise',
      invalidityDate: day('2027-07-01'),
    } as const
    const revoking = await list(path.bodyCa, ['2027-09-20', '2027-10-19'], [entry])
    const lists = [lastOfRoot, lastOfState, revoking]
    expect(await verdict(lists)).toBe('valid')
    expect(await verdict(lists, { at: day('2027-07-02') })).toBe('revoked')
  })

  it('the cache answers for it again, until other evidence is at hand', async () => {
    const cache = createPathCache()
    const first = await cache.validate(ask(last))
    expect(first.result).toBe('valid')
    expect(await cache.validate(ask(last, { now: day('2032-01-01') }))).toBe(first)
    expect(await cache.validate(ask(last, { at: day('2027-09-02') }))).toMatchObject({
      code: 'expired',
    })
    expect(await cache.validate(ask(last.slice(1)))).toMatchObject({ code: 'crl-missing' })
  })
})

describe('two authorities of one name with different keys', () => {
  it('neither disturbs the lists of the other', async () => {
    const living = await forgePath()
    const twin = await forge({
      subject: living.bodyCa.name,
      issuer: living.stateCa,
      extensions: CONFORMING.bodyCa,
      serialNumber: new Uint8Array([0x5b]),
    })
    const seal = parseX509Certificate(living.seal.certificate)
    if ('malformed' in seal) throw new Error(seal.malformed)
    const times = ['2027-05-20', '2027-06-18'] as const
    const lists = [await list(living.root, times), await list(living.stateCa, times)]
    const own = await list(living.bodyCa, times)
    const entry = { serialNumber: seal.serialNumber, revokedAt: AT, reason: 'superseded' } as const
    const ofTwin = await list(twin, times, [entry])
    const of = { x5c: living.x5c, anchor: living.root.certificate, now: AT }
    for (const both of [
      [own, ofTwin],
      [ofTwin, own],
    ])
      expect(await verdict([...lists, ...both], of)).toBe('valid')
    expect(await verdict([...lists, ofTwin], of)).toBe('crl-signature-invalid')
  })
})
