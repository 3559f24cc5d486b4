import { beforeAll, describe, expect, it } from 'vitest'
import { today } from '../../support/day.ts'
import { payloadOf } from '../../../src/exchange/registered.ts'
import type { CertificatePayload } from '../../../src/certificate/payload.ts'
import { validateOffline } from '../../../src/cli/offline-validation.ts'
import type { StatusListSource } from '../../../src/exchange/status-lists/source.ts'
import { packStatusList, STATUS_TYPE } from '../../../src/status-list/status-list.ts'
import { authenticate } from '../../../src/exchange/validation/authenticate.ts'
import { checkContent } from '../../../src/exchange/validation/certificate-content.ts'
import { CHECKS } from '../../../src/exchange/validation/check.ts'
import { composeReport } from '../../../src/exchange/validation/compose-report.ts'
import { formatInstant } from '../../../src/encoding/time.ts'
import type { ValidationReport } from '../../../src/exchange/validation/validation-report.ts'
import type { Seal } from '../../../src/jose/sign.ts'
import { renewCrl } from '../../../src/node/pki/renew-crl.ts'
import {
  createBodyPki,
  createSeal,
  DEFAULT_VALIDITY_DAYS,
} from '../../../src/node/pki/state-pki.ts'
import { trustOf, type Trust } from '../../../src/trust/trust.ts'
import { type Crl, type CrlReason, parseCrl } from '../../../src/x509/crl.ts'
import { createPathCache, type PathCache } from '../../../src/x509/path-cache.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import { claimsFor, forge, freshCertificate } from '../../support/hostile.ts'
import { type ListedState, listedState, NOW, sealOfKey } from '../../support/hostile-lists.ts'

/* One document judged at the time it claims, at the time this node can prove, and now. */
const DAY_MS = 86_400_000
const days = (n: number) => new Date(NOW.getTime() + n * DAY_MS)

let BY: ListedState
/** Valid for ten days from five days before `NOW`, and in the trust list for longer. */
let seal: Seal
/** Valid for longer, under a body authority that ends with the other seal. */
let ofShortAuthority: Seal
let serialNumber: bigint | string
let good: Crl[]

beforeAll(async () => {
  BY = await listedState('BY')
  const made = await createSeal(
    { partyId: 'BY.CCI.001', name: 'x', code: '001' },
    BY.pki.bodies[0]!.ca,
    {
      state: 'BY',
      now: days(-5),
      sealAlgorithm: 'ES256',
      validity: { ...DEFAULT_VALIDITY_DAYS, leaf: 10 },
    },
  )
  seal = await sealOfKey(made)
  const parsed = parseX509Certificate(made.certificate)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  serialNumber = parsed.serialNumber
  const { root, stateCa, bodies } = BY.pki
  const body = { partyId: 'BY.CCI.001', name: 'x', code: '001' }
  const validity = { ...DEFAULT_VALIDITY_DAYS, ca: 10, crl: 99 }
  const short = await createBodyPki(body, stateCa, {
    state: 'BY',
    now: days(-5),
    sealAlgorithm: 'ES256',
    validity,
  })
  ofShortAuthority = await sealOfKey(short.seal)
  good = [root, stateCa, ...bodies.map(({ ca }) => ca), short.ca].map(
    ({ crl }) => parseCrl(crl) as Crl,
  )
})

/** Lists that show the seal revoked since a day. */
async function revoked(since: Date, reason: CrlReason): Promise<Crl[]> {
  const { ca } = BY.pki.bodies[0]!
  const crl = await renewCrl({
    ca,
    previous: ca.crl,
    revoke: [{ serialNumber: serialNumber as never, revokedAt: since, reason }],
    thisUpdate: since,
    nextUpdate: days(20),
  })
  return good.map((each, i) => (i === 2 ? (parseCrl(crl) as Crl) : each))
}

async function trustWith(
  by: Seal,
  crls: readonly Crl[],
  { until, removedAt }: Pick<Situation, 'until' | 'removedAt'>,
): Promise<Trust> {
  const { from } = BY.list.keys[0]!
  const entry = { x5tS256: by.x5tS256, der: by.x5c[0]!, body: 'BY.CCI.001' }
  const end = {
    ...(until && { until: formatInstant(until) }),
    ...(removedAt && { removedAt: formatInstant(removedAt), reason: 'lost' }),
  }
  const keys = [...BY.list.keys, { ...entry, usage: 'seal', from, ...end } as const]
  return trustOf({ pins: [BY.pin], lists: [{ ...BY.list, keys }], crls, revision: 1 })
}

interface Situation {
  /** The seal of ten days, unless another signs. */
  readonly by?: Seal
  readonly claimed?: Date
  readonly proven?: Date
  readonly now?: Date
  readonly crls?: readonly Crl[]
  /** The planned end of the seal in the trust list. */
  readonly until?: Date
  /** When the trust list removed it. */
  readonly removedAt?: Date
  readonly claims?: Readonly<Record<string, unknown>>
  readonly spoilt?: boolean
  readonly paths?: PathCache
}

async function documentOf(situation: Situation): Promise<string> {
  const { claimed = NOW, by = seal } = situation
  const state = { url: 'https://by.example', state: 'BY' } as Parameters<typeof claimsFor>[0]
  const payload = claimsFor(state, await freshCertificate(), situation.claims)
  const header = { iat: Math.floor(claimed.getTime() / 1000) }
  const jws = await forge(by, { payload, header })
  return situation.spoilt ? `${jws.slice(0, -20)}${'A'.repeat(20)}` : jws
}

async function reportOn(situation: Situation): Promise<ValidationReport> {
  const { proven, now = NOW, by = seal, crls = good, paths = createPathCache() } = situation
  const text = await documentOf(situation)
  const trust = await trustWith(by, crls, situation)
  const typs = ['product-certificate+jwt']
  const at = proven ?? now
  const purpose = 'document-seal' as const
  const authentication = await authenticate(text, { trust, paths, purpose, at, now, typs })
  const { document } = authentication
  return composeReport({
    id: 'x',
    now,
    sha256: 'x',
    provenAt: proven,
    provenBy: proven && { by: 'own-log', log: 'BY' },
    view: trust.view,
    staleSince: undefined,
    trustFresh: true,
    authentication,
    content: document && checkContent(document, at, now),
    furtherChecks: [],
    leftOut: {},
    status: undefined,
    findings: [],
    notEvaluated: [],
    lines: [],
    statusList: undefined,
  })
}

/** Each instant in one line, the one that decides marked. */
async function judged(situation: Situation): Promise<string[]> {
  const { judgements, indication, subIndication } = await reportOn(situation)
  const deciding = judgements.filter(({ decides }) => decides)
  expect(deciding).toHaveLength(1)
  expect(deciding[0]).toMatchObject({ indication, subIndication })
  return judgements.map(
    (each) =>
      `${each.instant} ${each.subIndication ?? each.indication}${each.decides ? ' decides' : ''}`,
  )
}

describe('the three instants', () => {
  it('agree on a document that is in order', async () => {
    expect(await judged({})).toEqual(['claimed TOTAL-PASSED', 'present TOTAL-PASSED decides'])
    expect(await judged({ proven: NOW, now: days(1) })).toEqual([
      'claimed TOTAL-PASSED',
      'proven TOTAL-PASSED decides',
      'present TOTAL-PASSED',
    ])
  })

  it('part when the seal has expired: its own claim saves no document, a proof does', async () => {
    const now = days(8)
    expect(await judged({ now })).toEqual([
      'claimed TOTAL-PASSED',
      'present OUT_OF_BOUNDS_NOT_REVOKED decides',
    ])
    expect(await judged({ now, proven: days(1) })).toEqual([
      'claimed TOTAL-PASSED',
      'proven TOTAL-PASSED decides',
      'present OUT_OF_BOUNDS_NOT_REVOKED',
    ])
    expect(await judged({ now, crls: good.slice(0, 2) })).toEqual([
      'claimed TRY_LATER',
      'present OUT_OF_BOUNDS_NO_POE decides',
    ])
    expect(await judged({ now, proven: days(7) })).toEqual([
      'claimed TOTAL-PASSED',
      'proven EXPIRED decides',
      'present OUT_OF_BOUNDS_NOT_REVOKED',
    ])
  })

  it('part when the seal or its authority has expired before all that is proven: it fails totally', async () => {
    for (const made of [seal, ofShortAuthority]) {
      const situation = { by: made, now: days(8) }
      const answered = async (more: Situation) => {
        const { answer, reasons } = await reportOn({ ...situation, ...more })
        return [answer, ...reasons]
      }
      const present = 'present OUT_OF_BOUNDS_NOT_REVOKED'
      expect(await judged(situation)).toEqual(['claimed TOTAL-PASSED', `${present} decides`])
      expect(await answered({})).toEqual(['cannot-tell', 'expired'])
      const before = ['claimed TOTAL-PASSED', 'proven TOTAL-PASSED decides', present]
      expect(await judged({ ...situation, proven: days(1) })).toEqual(before)
      expect(await answered({ proven: days(1) })).toEqual(['usable'])
      const after = ['claimed TOTAL-PASSED', 'proven EXPIRED decides', present]
      expect(await judged({ ...situation, proven: days(7) })).toEqual(after)
      expect(await answered({ proven: days(7) })).toEqual(['not-usable', 'expired'])
    }
  })

  it('agree that a document which claims a time after the end of its key was made too late', async () => {
    const situation = { claimed: days(7), now: days(8) }
    const answered = async (more: Situation) => {
      const { answer, reasons, indication, subIndication } = await reportOn({
        ...situation,
        ...more,
      })
      return [answer, ...reasons, indication, subIndication]
    }
    const failed = ['TOTAL-FAILED', 'EXPIRED']
    expect(await judged(situation)).toEqual(['claimed EXPIRED', 'present EXPIRED decides'])
    expect(await answered({})).toEqual(['not-usable', 'expired', ...failed])
    expect(await answered({ by: ofShortAuthority })).toEqual(['not-usable', 'expired', ...failed])
    const ended = await answered({ until: days(2), claimed: days(3), now: days(4) })
    expect(ended).toEqual(['not-usable', 'key-ended', ...failed])
    // The last second counts, and what is proven to be older contradicts its own claim.
    const open = ['INDETERMINATE', 'OUT_OF_BOUNDS_NOT_REVOKED']
    expect(await answered({ claimed: days(5) })).toEqual(['cannot-tell', 'expired', ...open])
    expect(await answered({ proven: days(1) })).toEqual([
      'cannot-tell',
      'signed-after-receipt',
      'INDETERMINATE',
      'TIMESTAMP_ORDER_FAILURE',
    ])
    const wrong = ['not-usable', 'signature-wrong', 'TOTAL-FAILED', 'SIG_CRYPTO_FAILURE']
    expect(await answered({ spoilt: true })).toEqual(wrong)
  })

  it('leave it open where the claim lies after the end by no more than a clock may be wrong', async () => {
    const answered = async (end: Date, seconds: number, more: Situation) => {
      const claimed = new Date(end.getTime() + seconds * 1000)
      const { answer, subIndication } = await reportOn({ claimed, now: days(8), ...more })
      return [answer, subIndication]
    }
    const open = ['cannot-tell', 'OUT_OF_BOUNDS_NOT_REVOKED']
    for (const [end, more] of [
      [days(2), { until: days(2), now: days(4) }],
      [days(5), {}],
    ] as const) {
      expect(await answered(end, 1, more)).toEqual(open)
      expect(await answered(end, 59, more)).toEqual(open)
      expect(await answered(end, 61, more)).toEqual(['not-usable', 'EXPIRED'])
    }
  })

  it('do not hold the end of a key against a claim of before it, though its path is not valid then', async () => {
    const report = await reportOn({ claimed: days(-7), until: days(2), now: days(4) })
    expect(report).toMatchObject({
      answer: 'cannot-tell',
      indication: 'INDETERMINATE',
      subIndication: 'OUT_OF_BOUNDS_NOT_REVOKED',
      reasons: ['key-ended'],
    })
  })

  it('part when the planned use of the seal has ended, and without a proof nobody can tell', async () => {
    const [until, now] = [days(2), days(4)]
    const answerOf = async (situation: Situation) => {
      const { answer, reasons } = await reportOn({ until, now, ...situation })
      return [answer, ...reasons]
    }
    expect(await judged({ until, now })).toEqual([
      'claimed TOTAL-PASSED',
      'present OUT_OF_BOUNDS_NOT_REVOKED decides',
    ])
    expect(await answerOf({})).toEqual(['cannot-tell', 'key-ended'])
    expect(await judged({ until, now, proven: days(1) })).toEqual([
      'claimed TOTAL-PASSED',
      'proven TOTAL-PASSED decides',
      'present OUT_OF_BOUNDS_NOT_REVOKED',
    ])
    expect(await answerOf({ proven: days(1) })).toEqual(['usable'])
    expect(await judged({ until, now, proven: days(3) })).toEqual([
      'claimed TOTAL-PASSED',
      'proven EXPIRED decides',
      'present OUT_OF_BOUNDS_NOT_REVOKED',
    ])
    expect(await answerOf({ proven: days(3) })).toEqual(['not-usable', 'key-ended'])
    expect(await answerOf({ spoilt: true })).toEqual(['not-usable', 'signature-wrong'])
  })

  it('part when the seal is revoked: what is proven before stays, what is proven after fails', async () => {
    const now = days(4)
    const crls = await revoked(days(2), 'superseded')
    expect(await judged({ now, crls })).toEqual([
      'claimed TOTAL-PASSED',
      'present REVOKED_NO_POE decides',
    ])
    expect(await judged({ now, crls, proven: days(1) })).toEqual([
      'claimed TOTAL-PASSED',
      'proven TOTAL-PASSED decides',
      'present REVOKED_NO_POE',
    ])
    expect(await judged({ now, crls, proven: days(3) })).toEqual([
      'claimed TOTAL-PASSED',
      'proven REVOKED decides',
      'present REVOKED_NO_POE',
    ])
    expect((await reportOn({ now, crls, proven: days(3) })).answer).toBe('not-usable')
  })

  it('leave a revoked or removed seal open where nothing proves the document to be older, unless it claims to be later', async () => {
    const now = days(4)
    const ended = [
      { crls: await revoked(days(2), 'superseded'), reason: 'revoked', later: 'REVOKED' },
      { crls: await revoked(days(2), 'keyCompromise'), reason: 'revoked', later: 'REVOKED' },
      { removedAt: days(2), reason: 'key-removed', later: 'NO_CERTIFICATE_CHAIN_FOUND' },
    ] as const
    for (const { reason, later, ...situation } of ended) {
      const told = async (claimed: Date) => {
        const report = await reportOn({ ...situation, now, claimed })
        return [report.answer, ...report.reasons, report.subIndication]
      }
      const open = reason === 'revoked' ? 'REVOKED_NO_POE' : later
      expect(await told(NOW)).toEqual(['cannot-tell', reason, open])
      expect(await told(new Date(days(2).getTime() + 59_000))).toEqual([
        'cannot-tell',
        reason,
        open,
      ])
      expect(await told(days(3))).toEqual(['not-usable', reason, later])
      // A time that has not come is after the end as well.
      for (const ahead of [30_000, 120_000, 366 * DAY_MS])
        expect(await told(new Date(now.getTime() + ahead))).toEqual(['not-usable', reason, later])
    }
  })

  it('take a hold for no end: it may be released, and then what was claimed during it may be good', async () => {
    const crls = await revoked(days(2), 'certificateHold')
    const report = await reportOn({ crls, now: days(4), claimed: days(3) })
    expect(report).toMatchObject({
      answer: 'cannot-tell',
      indication: 'INDETERMINATE',
      subIndication: 'REVOKED_NO_POE',
      reasons: ['revoked'],
    })
    expect(report.checks).toContainEqual(expect.objectContaining({ code: 'revoked', onHold: true }))
  })

  it('call a claim before the seal began out of bounds, never failed', async () => {
    expect(await judged({ claimed: days(-7), proven: NOW })).toEqual([
      'claimed OUT_OF_BOUNDS_NOT_REVOKED',
      'proven TOTAL-PASSED decides',
      'present TOTAL-PASSED',
    ])
  })

  it('contradict each other where the claim lies after the proof or after now', async () => {
    const late = 'TIMESTAMP_ORDER_FAILURE'
    expect(await judged({ claimed: new Date(NOW.getTime() + 61_000) })).toEqual([
      `claimed ${late}`,
      `present ${late} decides`,
    ])
    expect(await judged({ claimed: days(2), proven: days(1), now: days(3) })).toEqual([
      `claimed ${late}`,
      `proven ${late} decides`,
      `present ${late}`,
    ])
    const withinTolerance = new Date(NOW.getTime() + 60_000)
    expect(await judged({ claimed: withinTolerance })).toEqual([
      'claimed TOTAL-PASSED',
      'present TOTAL-PASSED decides',
    ])
  })

  it('all call a spoilt signature wrong, whatever time it claims', async () => {
    for (const claimed of [NOW, days(2)])
      expect(await judged({ claimed, spoilt: true })).toEqual([
        'claimed SIG_CRYPTO_FAILURE',
        'present SIG_CRYPTO_FAILURE decides',
      ])
  })

  it('take the content along where it was not reached at the deciding one', async () => {
    const claims = { iss: 'BY.CCI.002' }
    expect(await judged({ now: days(8), claims })).toEqual([
      'claimed SIG_CONSTRAINTS_FAILURE',
      'present OUT_OF_BOUNDS_NOT_REVOKED decides',
    ])
  })
})

describe('what speaks against a document under a key that has ended', () => {
  const withdrawing = (document: string): StatusListSource => {
    const { uri, idx } = (payloadOf(document) as CertificatePayload).status.status_list
    const list = packStatusList(idx + 1, [{ idx, status: STATUS_TYPE.invalid }])
    const [issuedAt, expiresAt] = [days(3), days(9)]
    const held = { uri, state: 'BY', issuedAt, expiresAt, ttlSeconds: 60, list }
    return { find: (asked) => Promise.resolve(asked === uri ? held : undefined) }
  }
  const NO_LISTS: StatusListSource = { find: () => Promise.resolve(undefined) }

  async function offline(situation: Situation, more: { listed?: boolean; presentedIn?: string }) {
    const jws = await documentOf(situation)
    const report = await validateOffline({
      jws,
      trust: await trustWith(situation.by ?? seal, situation.crls ?? good, situation),
      undecided: new Set(),
      paths: createPathCache(),
      statusLists: more.listed ? withdrawing(jws) : NO_LISTS,
      presentedIn: more.presentedIn,
      // What is signed here is of the day of the test, whatever time it claims.
      declaration: { number: '1', date: today, lines: [] },
      now: situation.now ?? NOW,
      id: 'x',
    })
    expect(report.checks.length + report.notMade.length).toBe(CHECKS.length)
    return report
  }

  it('is what fails even if it is as old as it claims, and nothing else is said of it', async () => {
    const now = days(4)
    for (const [reason, subIndication, end] of [
      ['revoked', 'REVOKED_NO_POE', { crls: await revoked(days(2), 'superseded') }],
      ['key-removed', 'NO_CERTIFICATE_CHAIN_FOUND', { removedAt: days(2) }],
      ['key-ended', 'OUT_OF_BOUNDS_NOT_REVOKED', { until: days(2) }],
    ] as const) {
      const situation = { ...end, now }
      const open = await offline(situation, { presentedIn: 'UZ' })
      expect(open).toMatchObject({ answer: 'cannot-tell', reasons: [reason], subIndication })
      const reached = CHECKS.slice(0, CHECKS.indexOf('registration') + 1)
      expect(reached).toEqual(expect.arrayContaining(open.checks.map(({ check }) => check)))
      expect(open.evidence.statusList).toBeUndefined()

      const annulled = await offline(situation, { presentedIn: 'UZ', listed: true })
      expect(annulled).toMatchObject({
        answer: 'not-usable',
        reasons: ['withdrawn-by-list'],
        subIndication,
        certificate: undefined,
      })
      expect(annulled.evidence.statusList).toBeDefined()
      const elsewhere = await offline(situation, { presentedIn: 'KZ' })
      expect(elsewhere).toMatchObject({ answer: 'not-usable', reasons: ['not-addressed-here'] })
      const ofOther = await offline({ ...situation, claims: { iss: 'BY.CCI.002' } }, {})
      expect(ofOther).toMatchObject({
        answer: 'not-usable',
        reasons: ['issuer-differs'],
        subIndication,
      })
    }
  })
})

describe('judging at three instants', () => {
  function counting() {
    const cache = createPathCache()
    let count = 0
    const paths: PathCache = {
      ...cache,
      validate(path) {
        count += 1
        return cache.validate(path)
      },
    }
    return { paths, count: () => count }
  }

  it('validates the path once where all lie within its validity', async () => {
    const { paths, count } = counting()
    await reportOn({ claimed: days(-1), proven: NOW, now: days(1), paths })
    expect(count()).toBe(1)
  })

  it('validates it again only for the instant at which it may differ', async () => {
    const { paths, count } = counting()
    await reportOn({ now: days(8), paths })
    expect(count()).toBe(2)
  })

  it('does not ask again what no instant can change', async () => {
    const { paths, count } = counting()
    const stranger = { ...seal, x5c: [seal.x5c[0]!, seal.x5c[2]!] }
    const held = seal
    seal = stranger
    try {
      await reportOn({ claimed: days(-1), now: days(8), paths })
    } finally {
      seal = held
    }
    expect(count()).toBe(1)
  })
})

describe('the report', () => {
  it('has every check once, made or not, in the one order, and says where it ended', async () => {
    for (const situation of [{}, { spoilt: true }, { now: days(8) }, { claims: { iss: 'x' } }]) {
      const { checks, notMade, stoppedBy } = await reportOn(situation)
      const made = checks.map(({ check }) => check)
      const left = notMade.map(({ check }) => check)
      expect(CHECKS.filter((check) => made.includes(check))).toEqual(made)
      expect(CHECKS.filter((check) => left.includes(check))).toEqual(left)
      expect(made.length + left.length).toBe(CHECKS.length)
      const ended = checks.findLast(({ outcome }) => outcome !== 'passed')
      expect(stoppedBy).toBe(ended?.check)
    }
  })
})
