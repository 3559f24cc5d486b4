import { describe, expect, it } from 'vitest'
import { issueCrl } from '../../../src/node/pki/issue.ts'
import type { Issuer, Revocation } from '../../../src/node/pki/issue.ts'
import { renewCrl } from '../../../src/node/pki/renew-crl.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import { MAX_CRL_OCTETS, parseCrl } from '../../../src/x509/crl.ts'
import type { Crl } from '../../../src/x509/crl.ts'
import type { PathResult } from '../../../src/x509/path-result.ts'
import { validateSealPath } from '../../../src/x509/profile.ts'
import type { SealPath } from '../../../src/x509/profile.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import { derElement, derInteger } from '../../../src/encoding/der-writer.ts'
import { EXTENSION } from '../../../src/x509/oids.ts'
import { CONFORMING, extension, forge, forgeCrl, forgePath } from './forgery.ts'
import type { Actor } from './forgery.ts'

const day = (date: string) => new Date(`2027-${date}T00:00:00Z`)
const AT = day('06-01')
const path = await forgePath({ seal: { notAfter: '270901000000Z' } })

interface ListOptions {
  readonly revoked?: readonly Revocation[]
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date
}

async function list(ca: Issuer, options: ListOptions = {}): Promise<Crl> {
  const { revoked = [], thisUpdate = day('05-20'), nextUpdate = day('06-15') } = options
  return read(await issueCrl({ ca, revoked, number: 1n, thisUpdate, nextUpdate }))
}

function read(der: Uint8Array): Crl {
  const crl = parseCrl(der)
  if ('malformed' in crl) throw new Error(crl.malformed)
  return crl
}

function ask(crls: readonly Crl[], changes: Partial<SealPath> = {}): Promise<PathResult> {
  return validateSealPath({
    x5c: path.x5c,
    anchor: path.root.certificate,
    at: AT,
    purpose: 'document-seal',
    crls: crlSource(crls),
    revocationRequired: true,
    ...changes,
  })
}

const rootList = await list(path.root, { nextUpdate: day('08-01') })
const stateList = await list(path.stateCa)
const above = [rootList, stateList]
const bodyList = await list(path.bodyCa)

function revocation(of: Actor, rest: Omit<Revocation, 'serialNumber'>): Revocation {
  const certificate = parseX509Certificate(of.certificate)
  if ('malformed' in certificate) throw new Error(certificate.malformed)
  return { serialNumber: certificate.serialNumber, ...rest }
}

const unusable = {
  missing: [],
  stale: [await list(path.bodyCa, { nextUpdate: day('05-31') })],
  early: [await list(path.bodyCa, { thisUpdate: day('06-02') })],
  foreign: [await list(path.stateCa)],
}

const code = (result: PathResult) => (result.result === 'valid' ? 'valid' : result.code)

describe('revocation of a path', () => {
  it('with every list the path is valid until the first of them goes stale', async () => {
    const result = await ask([...above, bodyList])
    expect(result).toMatchObject({ result: 'valid', validUntil: day('06-15') })
  })

  it('a list no longer counts when the window of the policy has passed', async () => {
    const old = await list(path.bodyCa, { thisUpdate: day('04-01'), nextUpdate: day('12-01') })
    expect(await ask([...above, old])).toMatchObject({ result: 'unknown', code: 'crl-stale' })
    expect(await ask([...above, old], { at: day('05-05') })).toMatchObject({
      code: 'crl-too-early',
    })
  })

  it.each([
    ['missing', unusable.missing, 'crl-missing'],
    ['stale', unusable.stale, 'crl-stale'],
    ['of the future', unusable.early, 'crl-too-early'],
    ['of another authority', unusable.foreign, 'crl-missing'],
  ])('a list that is %s leaves the answer unknown', async (_what, lists, expected) => {
    const result = await ask([...above, ...lists])
    expect(result).toMatchObject({ result: 'unknown', code: expected, index: 0 })
  })

  it("a list in the authority's name under a stranger's key leaves the answer unknown", async () => {
    const twin = await forge({ subject: path.bodyCa.name, extensions: CONFORMING.bodyCa })
    const result = await ask([...above, await list(twin)])
    expect(result).toMatchObject({ result: 'unknown', code: 'crl-signature-invalid' })
  })

  it('the missing list of an upper authority is reported where it is missing', async () => {
    expect(await ask([stateList, bodyList])).toMatchObject({ code: 'crl-missing', index: 2 })
    expect(await ask([rootList, bodyList])).toMatchObject({ code: 'crl-missing', index: 1 })
  })

  it('a revoked seal is told with date and reason', async () => {
    const entry = revocation(path.seal, { revokedAt: day('05-19'), reason: 'keyCompromise' })
    const result = await ask([...above, await list(path.bodyCa, { revoked: [entry] })])
    expect(result).toMatchObject({
      result: 'invalid',
      code: 'revoked',
      rule: 'R3',
      index: 0,
      revokedAt: day('05-19'),
      reason: 'keyCompromise',
    })
  })

  it('a revoked authority spoils the seals below it', async () => {
    const entry = revocation(path.bodyCa, { revokedAt: day('05-19'), reason: 'cACompromise' })
    const result = await ask([rootList, await list(path.stateCa, { revoked: [entry] }), bodyList])
    expect(result).toMatchObject({ code: 'revoked', index: 1, reason: 'cACompromise' })
  })

  it('a revocation counts even where silence is accepted', async () => {
    const entry = revocation(path.seal, { revokedAt: day('05-19'), reason: 'superseded' })
    const lists = [await list(path.bodyCa, { revoked: [entry] })]
    expect(code(await ask([], { revocationRequired: false }))).toBe('valid')
    expect(code(await ask(lists, { revocationRequired: false }))).toBe('revoked')
  })
})

describe('revocation after the proven time', () => {
  const now = day('06-10')
  async function verdict(rest: Omit<Revocation, 'serialNumber'>): Promise<string> {
    const revoked = [revocation(path.seal, rest)]
    const current = { thisUpdate: day('06-09'), nextUpdate: day('06-20') }
    const lists = [
      await list(path.root, current),
      await list(path.stateCa, current),
      await list(path.bodyCa, { ...current, revoked }),
    ]
    return code(await ask(lists, { now }))
  }

  it('R3: leaves a signature made before it valid', async () => {
    expect(await verdict({ revokedAt: day('06-05'), reason: 'superseded' })).toBe('valid')
  })

  it('R3: for a compromise the date from which the key is doubted decides', async () => {
    const compromise = { revokedAt: day('06-05'), reason: 'keyCompromise' } as const
    expect(await verdict(compromise)).toBe('valid')
    expect(await verdict({ ...compromise, invalidityDate: day('05-30') })).toBe('revoked')
    expect(await verdict({ ...compromise, invalidityDate: day('06-02') })).toBe('valid')
  })

  it('R3: without a compromise the date of doubt decides nothing', async () => {
    const invalidityDate = day('05-30')
    expect(await verdict({ revokedAt: day('06-05'), reason: 'superseded', invalidityDate })).toBe(
      'valid',
    )
  })

  it('a list from after the expiry may have dropped the entry, unless it says that it keeps them', async () => {
    const late = { thisUpdate: day('09-10'), nextUpdate: day('09-20') }
    const others = [await list(path.root, late), await list(path.stateCa, late)]
    const times = { thisUpdate: '270910000000Z', nextUpdate: '270920000000Z' }
    const keepingSince = (time: string) =>
      extension(
        EXTENSION.expiredCertsOnCrl,
        false,
        derElement(0x18, new TextEncoder().encode(time)),
      )
    const verdict = async (...lists: Crl[]) =>
      code(await ask([...others, ...lists], { now: day('09-11') }))
    const silent = read(await forgeCrl(path.bodyCa, times))
    const tooShort = read(await forgeCrl(path.bodyCa, times, [keepingSince('20270902000000Z')]))
    const keeping = read(await forgeCrl(path.bodyCa, times, [keepingSince('20270901000000Z')]))
    expect(await verdict(silent)).toBe('crl-too-late')
    expect(await verdict(tooShort)).toBe('crl-too-late')
    expect(await verdict(silent, bodyList)).toBe('valid')
    expect(await verdict(keeping)).toBe('valid')
    expect(await verdict(await list(path.bodyCa, late))).toBe('valid')
  })
})

describe('a list whose number is marked critical', () => {
  it('breaks RFC 5280 §5.2.3, and decides nothing', async () => {
    const times = { thisUpdate: '270520000000Z', nextUpdate: '270615000000Z' }
    const numbered = async (critical: boolean) => {
      const number = extension(EXTENSION.crlNumber, critical, derInteger(1n))
      return ask([...above, read(await forgeCrl(path.bodyCa, times, [], number))])
    }
    expect(await numbered(false)).toMatchObject({ result: 'valid' })
    expect(await numbered(true)).toMatchObject({ result: 'unknown', code: 'crl-malformed' })
  })
})

describe('renewing a list', () => {
  it('counts up, keeps every entry as it was and adds the new ones once', async () => {
    const first = revocation(path.seal, {
      revokedAt: day('05-10'),
      reason: 'keyCompromise',
      invalidityDate: day('05-01'),
    })
    const second = { serialNumber: '0102', revokedAt: day('06-01'), reason: 'unspecified' } as const
    const previous = await list(path.bodyCa, { revoked: [first] })
    const renewed = read(
      await renewCrl({
        ca: path.bodyCa,
        previous: previous.der,
        revoke: [second, { ...first, reason: 'superseded' }],
        thisUpdate: day('06-01'),
        nextUpdate: day('06-30'),
      }),
    )
    expect(renewed.crlNumber).toBe(2n)
    expect([...renewed.entries.values()]).toEqual([first, { ...second, invalidityDate: undefined }])
  })

  it('signs none that no node would fetch, and tells what to do instead', async () => {
    const previous = await list(path.bodyCa)
    // Few entries with serial numbers that nobody has: as long as some twenty thousand others.
    const renewedWith = (count: number) =>
      renewCrl({
        ca: path.bodyCa,
        previous: previous.der,
        revoke: Array.from({ length: count }, (_, i) => ({
          serialNumber: `${10 + i}`.padEnd(120_000, '0'),
          revokedAt: day('05-10'),
          reason: 'keyCompromise',
        })),
        thisUpdate: day('06-01'),
        nextUpdate: day('06-30'),
      })
    expect(read(await renewedWith(17)).entries.size).toBe(17)
    await expect(renewedWith(18)).rejects.toMatchObject({
      name: 'CrlTooLong',
      message: expect.stringMatching(
        /Body CA would have .* longer than 1048576.*certex pki revoke.*certex pki renew/,
      ) as string,
    })
    const padded = await forgeCrl(
      path.bodyCa,
      { thisUpdate: '270520000000Z', nextUpdate: '270615000000Z' },
      [extension('1.2.3.4', false, new Uint8Array(MAX_CRL_OCTETS))],
    )
    expect(parseCrl(padded)).toEqual({ malformed: 'longer than 1048576 octets' })
  })
})
