import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CertificateState, Status } from '../../../src/certificate/certificate-state.ts'
import { CONFORMITY_EAEU } from '../../../src/certificate/conformity/eaeu.ts'
import { ORIGIN_CT1 } from '../../../src/certificate/origin-ct1/origin-ct1.ts'
import type { ChangeKind } from '../../../src/certificate/status-change.ts'
import {
  applyStatusChange,
  type Change,
  possibleStatesOn,
  replay,
  stateOn,
} from '../../../src/certificate/status-transition.ts'
import { usability } from '../../../src/certificate/usability.ts'
import { changed, conformity, ct1 } from './judging.ts'

const VALIDITY = { from: '2026-03-02', until: '2027-03-02' }
const DIGEST = 'A'.repeat(43)
const KINDS = ['suspend', 'resume', 'extend', 'annul', 'replace', 'terminate', 'archive'] as const

const STATES: Record<Status, CertificateState> = {
  issued: { status: 'issued', since: '2026-03-02' },
  active: { status: 'active', since: '2026-03-02' },
  suspended: { status: 'suspended', since: '2026-04-01', reason: 'проверка' },
  resumed: { status: 'resumed', since: '2026-05-01', reason: 'устранено' },
  extended: { status: 'extended', since: '2026-05-01', extendedUntil: '2028-03-02' },
  terminated: { status: 'terminated', since: '2026-05-01', reason: 'по заявлению' },
  archived: { status: 'archived', since: '2026-05-01' },
  expired: { status: 'expired', since: '2026-05-01' },
  annulled: { status: 'annulled', annulledAt: '2026-05-01', reason: 'выдан ошибочно' },
  replaced: {
    status: 'replaced',
    annulledAt: '2026-05-01',
    reason: 'ошибка в адресе',
    replacedBy: DIGEST,
  },
}

function change(kind: ChangeKind, effectiveFrom = '2026-06-01', validUntil?: string): Change {
  return {
    change: kind,
    effectiveFrom,
    reason: 'приказ',
    ...(kind === 'replace' && { replacedBy: DIGEST }),
    ...(kind === 'extend' && validUntil !== undefined && { validUntil }),
  }
}

/** Every permitted change by type and state (rules.md §8); whatever is missing must be refused. */
const ORIGIN: Partial<Record<Status, Partial<Record<ChangeKind, Status>>>> = {
  issued: { annul: 'annulled', replace: 'replaced' },
  expired: { annul: 'annulled' },
}
const LIVE = {
  suspend: 'suspended',
  extend: 'extended',
  terminate: 'terminated',
  archive: 'archived',
  annul: 'annulled',
} as const
const CONFORMITY: typeof ORIGIN = {
  active: LIVE,
  resumed: LIVE,
  extended: LIVE,
  suspended: { resume: 'resumed', terminate: 'terminated', archive: 'archived', annul: 'annulled' },
  terminated: { archive: 'archived', annul: 'annulled' },
  expired: { archive: 'archived', annul: 'annulled' },
}

const TABLES = [
  ['origin.ct1', ORIGIN_CT1, ORIGIN],
  ['conformity', CONFORMITY_EAEU, CONFORMITY],
] as const

describe.each(TABLES)('status changes of %s', (_name, type, permitted) => {
  const cases = Object.values(STATES).flatMap((state) =>
    KINDS.map((kind) => [state.status, kind] as const),
  )

  it.each(cases)('from %s by %s', (status, kind) => {
    const result = applyStatusChange(type, STATES[status], change(kind), VALIDITY)
    const expected = permitted[status]?.[kind]
    if (expected === undefined) expect(result.outcome).toBe('refused')
    else {
      expect(result).toMatchObject({ outcome: 'changed', state: { status: expected } })
      expect(type.changes[kind]?.to).toBe(expected)
    }
  })
})

describe('status changes', () => {
  it('say why they are refused', () => {
    const refusal = (...args: Parameters<typeof applyStatusChange>) => {
      const result = applyStatusChange(...args)
      return result.outcome === 'refused' ? result.reason : result.state.status
    }
    expect(refusal(ORIGIN_CT1, STATES.issued, change('suspend'), VALIDITY)).toBe(
      'not-for-this-type',
    )
    expect(refusal(ORIGIN_CT1, STATES.annulled, change('annul'), VALIDITY)).toBe(
      'not-from-this-state',
    )
    const early = change('extend', '2026-03-01', '2028-01-01')
    expect(refusal(CONFORMITY_EAEU, STATES.active, early, VALIDITY)).toBe('before-last-change')
    expect(
      refusal(CONFORMITY_EAEU, STATES.suspended, change('resume', '2026-03-31'), VALIDITY),
    ).toBe('before-last-change')
    expect(
      refusal(
        CONFORMITY_EAEU,
        STATES.active,
        change('extend', '2026-06-01', '2027-03-02'),
        VALIDITY,
      ),
    ).toBe('not-longer')
    expect(
      refusal(
        CONFORMITY_EAEU,
        STATES.active,
        change('extend', '2026-06-01', '2027-03-03'),
        VALIDITY,
      ),
    ).toBe('extended')
  })

  it('cannot extend what has no end, and may give an end to an unknown one', () => {
    const later = change('extend', '2026-06-01', '2028-01-01')
    const endless = applyStatusChange(CONFORMITY_EAEU, STATES.active, later, { from: '2026-03-02' })
    expect(endless).toEqual({ outcome: 'refused', reason: 'not-longer' })
    const open = { status: 'extended', since: '2026-05-01', extendedUntil: null } as const
    expect(applyStatusChange(CONFORMITY_EAEU, open, later, VALIDITY)).toMatchObject({
      state: { status: 'extended', extendedUntil: '2028-01-01' },
    })
    const again = applyStatusChange(CONFORMITY_EAEU, STATES.extended, later, VALIDITY)
    expect(again).toEqual({ outcome: 'refused', reason: 'not-longer' })
  })

  it('may annul before a change that has not taken effect', () => {
    const pending = { ...STATES.suspended, since: '2026-12-01' } as CertificateState
    const result = applyStatusChange(CONFORMITY_EAEU, pending, change('annul'), VALIDITY)
    expect(result).toMatchObject({ outcome: 'changed', state: { annulledAt: '2026-06-01' } })
  })

  it.each([
    [ORIGIN_CT1, STATES.issued, ['annul', 'replace']],
    [CONFORMITY_EAEU, STATES.active, ['suspend', 'terminate', 'archive', 'annul']],
  ] as const)(
    'that take reliance away may begin before their certificate',
    (type, state, kinds) => {
      for (const kind of kinds) {
        const result = applyStatusChange(type, state, change(kind, '2026-03-01'), VALIDITY)
        if (result.outcome === 'refused') throw new Error(`${kind}: ${result.reason}`)
        for (const day of ['2026-03-02', '2026-06-01'])
          expect([kind, usability(result.state, VALIDITY, day)]).toEqual([
            kind,
            { verdict: 'not-usable', reason: result.state.status, since: '2026-03-01' },
          ])
      }
    },
  )

  it('that take reliance away stand beside a later one on record, and count from their own day', () => {
    const certificate = conformity('conformity-eaeu-certificate')
    const changes = [
      change('suspend', '2026-05-01'),
      change('resume', '2026-06-01'),
      change('suspend', '2026-05-15'),
      change('terminate', '2026-04-01'),
    ]
    expect(replay(CONFORMITY_EAEU, certificate, changes).refused).toEqual([])
    const on = (upTo: number, day: string) =>
      stateOn(CONFORMITY_EAEU, certificate, changes.slice(0, upTo), day)
    expect(['2026-04-30', '2026-05-20', '2026-06-02'].map((day) => on(3, day).status)).toEqual([
      'active',
      'suspended',
      'suspended',
    ])
    expect(on(4, '2026-03-31').status).toBe('active')
    expect(on(4, '2026-04-01')).toMatchObject({ status: 'terminated', since: '2026-04-01' })
    expect(on(4, '2026-06-02').status).toBe('terminated')
  })

  it('find a live certificate expired the day after its end', () => {
    const last = applyStatusChange(
      ORIGIN_CT1,
      STATES.issued,
      change('replace', '2027-03-02'),
      VALIDITY,
    )
    const after = applyStatusChange(
      ORIGIN_CT1,
      STATES.issued,
      change('replace', '2027-03-03'),
      VALIDITY,
    )
    expect(last.outcome).toBe('changed')
    expect(after).toEqual({ outcome: 'refused', reason: 'not-from-this-state' })
    const annulled = applyStatusChange(
      ORIGIN_CT1,
      STATES.issued,
      change('annul', '2027-03-03'),
      VALIDITY,
    )
    expect(annulled.outcome).toBe('changed')
  })

  it('carry reason, document and successor only into states that have them', () => {
    const basis = { number: 'ПР-1', date: '2026-05-31' }
    const annulled = applyStatusChange(
      ORIGIN_CT1,
      STATES.issued,
      { ...change('annul'), basis },
      VALIDITY,
    )
    expect(annulled).toEqual({
      outcome: 'changed',
      state: { status: 'annulled', annulledAt: '2026-06-01', reason: 'приказ', basis },
    })
    const replaced = applyStatusChange(ORIGIN_CT1, STATES.issued, change('replace'), VALIDITY)
    expect(replaced).toEqual({
      outcome: 'changed',
      state: { status: 'replaced', annulledAt: '2026-06-01', reason: 'приказ', replacedBy: DIGEST },
    })
  })

  it('keep an extension through suspension and resumption', () => {
    const certificate = conformity('conformity-eaeu-certificate')
    const { state, refused } = replay(CONFORMITY_EAEU, certificate, [
      change('extend', '2026-05-01', '2033-03-01'),
      change('suspend', '2026-06-01'),
      change('resume', '2026-07-01'),
    ])
    expect(refused).toEqual([])
    expect(state).toMatchObject({ status: 'resumed', extendedUntil: '2033-03-01' })
  })

  it('leave the state alone when refused, and are named', () => {
    const certificate = conformity('conformity-eaeu-certificate')
    const { state, refused } = replay(CONFORMITY_EAEU, certificate, [
      change('resume'),
      change('suspend', '2026-06-01'),
      change('suspend', '2026-06-02'),
      change('resume', '2026-05-01'),
    ])
    expect(state).toMatchObject({ status: 'suspended', since: '2026-06-01' })
    expect(refused).toEqual([
      { index: 0, reason: 'not-from-this-state' },
      { index: 2, reason: 'not-from-this-state' },
      { index: 3, reason: 'before-last-change' },
    ])
  })

  it('begin with the status the document tells of', () => {
    const certificate = changed(conformity('conformity-uz-certificate'), (c) => {
      c.status = { code: 'SUSPENDED', state: 'SUSPENDED', from: '2026-03-05', reason: 'проверка' }
    })
    expect(replay(CONFORMITY_EAEU, certificate, []).state).toEqual({
      status: 'suspended',
      since: '2026-03-05',
      reason: 'проверка',
    })
    const active = changed(certificate, (c) => {
      c.status = { code: 'ACTIVE', state: 'ACTIVE', from: '2026-03-05', reason: 'выдан' }
    })
    expect(replay(CONFORMITY_EAEU, active, []).state).toEqual({
      status: 'active',
      since: '2026-03-05',
    })
    expect(replay(ORIGIN_CT1, ct1('origin-ct1-tractors'), []).state).toEqual({
      status: 'issued',
      since: '2026-03-02',
    })
  })

  it('show the state of an earlier day, but never hide an annulment', () => {
    const certificate = conformity('conformity-eaeu-certificate')
    const changes = [change('suspend', '2026-05-01'), change('resume', '2026-06-01')]
    const on = (day: string) => stateOn(CONFORMITY_EAEU, certificate, changes, day).status
    expect([on('2026-04-30'), on('2026-05-01'), on('2026-05-31'), on('2026-06-01')]).toEqual([
      'active',
      'suspended',
      'suspended',
      'resumed',
    ])
    const annulled = [...changes, change('annul', '2026-08-01')]
    expect(stateOn(CONFORMITY_EAEU, certificate, annulled, '2026-04-30').status).toBe('annulled')
  })

  it('that take reliance away leave no day from theirs on usable, whatever stands before them', () => {
    const certificate = conformity('conformity-eaeu-certificate')
    const validity = CONFORMITY_EAEU.validity(certificate)
    const days = [
      '2026-02-20',
      '2026-03-02',
      '2026-04-01',
      '2026-05-01',
      '2026-06-01',
      '2032-01-01',
    ]
    const day = fc.constantFrom(...days)
    const earlier = fc.array(
      fc
        .tuple(fc.constantFrom(...KINDS), day, fc.option(day, { nil: undefined }))
        .map(([kind, from, until]) => change(kind, from, until)),
      { maxLength: 8 },
    )
    const protective = fc.constantFrom('suspend', 'terminate', 'archive', 'annul')
    fc.assert(
      fc.property(earlier, protective, day, (before, kind, from) => {
        // As in a log: what does not apply is not on record.
        const { refused } = replay(CONFORMITY_EAEU, certificate, before)
        const log = before.filter((_, i) => refused.every(({ index }) => index !== i))
        const changes = [...log, change(kind, from)]
        fc.pre(replay(CONFORMITY_EAEU, certificate, changes).refused.length === 0)
        for (const asked of days.filter((d) => d >= from)) {
          const state = stateOn(CONFORMITY_EAEU, certificate, changes, asked)
          expect(usability(state, validity, asked).verdict, asked).toBe('not-usable')
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('never leave annulled, replaced or archived, in whatever order they come', () => {
    const certificates = [
      [ORIGIN_CT1, ct1('origin-ct1-tractors')],
      [CONFORMITY_EAEU, conformity('conformity-eaeu-certificate')],
    ] as const
    const days = fc.constantFrom(
      '2026-03-02',
      '2026-06-01',
      '2026-07-01',
      '2027-03-02',
      '2032-01-01',
    )
    const changes = fc.array(
      fc.tuple(fc.constantFrom(...KINDS), days).map(([kind, day]) => change(kind, day)),
      { maxLength: 12 },
    )
    fc.assert(
      fc.property(fc.nat(1), changes, (which, list) => {
        const [type, certificate] = certificates[
          which as 0 | 1
        ] as never as (typeof certificates)[0]
        let before: CertificateState | undefined
        for (let i = 0; i <= list.length; i++) {
          const { state, refused } = replay(type, certificate, list.slice(0, i))
          expect(refused.length).toBeLessThanOrEqual(i)
          if (before && ['annulled', 'replaced', 'archived'].includes(before.status))
            expect(state).toEqual(before)
          before = state
        }
      }),
    )
  })
})

describe('changes of which some may not have been made', () => {
  const day = (n: number) => `2026-06-${String(n).padStart(2, '0')}`
  const certificate = conformity('conformity-eaeu-certificate')
  const statuses = (states: readonly CertificateState[] | undefined) =>
    [...new Set(states?.map((state) => JSON.stringify({ ...state, reason: '' })))].toSorted()

  it('lead to what each choice of the doubtful ones leads to, and to nothing else', () => {
    const made = fc.record({
      kind: fc.constantFrom(...KINDS),
      on: fc.integer({ min: 1, max: 9 }),
      isDoubtful: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(made, { maxLength: 6 }), (list) => {
        const changes = list.map(({ kind, on, isDoubtful }) => ({
          change: change(kind, day(on), kind === 'extend' ? '2030-01-01' : undefined),
          isDoubtful,
        }))
        const expected: CertificateState[] = []
        for (let choice = 0; choice < 1 << changes.length; choice++) {
          const counted = changes.filter(
            ({ isDoubtful }, i) => !isDoubtful || (choice & (1 << i)) !== 0,
          )
          const words = counted.map((one) => one.change)
          expected.push(stateOn(CONFORMITY_EAEU, certificate, words, day(5)))
        }
        const found = possibleStatesOn(CONFORMITY_EAEU, certificate, changes, day(5))
        expect(statuses(found)).toEqual(statuses(expected))
      }),
      { numRuns: 300 },
    )
  })

  it('that are many and undo each other cost little, and too many states are none', () => {
    const list = Array.from({ length: 400 }, (_, i) => ({
      change: change(i % 2 === 0 ? 'suspend' : 'resume', day(1)),
      isDoubtful: true,
    }))
    const found = possibleStatesOn(CONFORMITY_EAEU, certificate, list, day(5))
    expect(found?.map(({ status }) => status).toSorted()).toEqual([
      'active',
      'resumed',
      'suspended',
    ])
    const spread = Array.from({ length: 200 }, (_, i) => ({
      change: change('extend', day(1), `2${String(100 + i)}-01-01`),
      isDoubtful: true,
    }))
    expect(possibleStatesOn(CONFORMITY_EAEU, certificate, spread, day(5))).toBeUndefined()
  })
})
