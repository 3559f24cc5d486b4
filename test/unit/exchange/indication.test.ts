import { describe, expect, it } from 'vitest'
import { CODE_TEXTS } from '../../../src/exchange/texts/check-texts.ts'
import { type Check, CHECKS, passed } from '../../../src/exchange/validation/check.ts'
import { judgementOf, SUB_INDICATIONS } from '../../../src/exchange/validation/indication.ts'
import { indicationOf } from '../../../src/exchange/validation/judge-signature.ts'
import {
  findReason,
  type Reason,
  REASON_CATALOGUE,
  subIndicationsOf,
} from '../../../src/exchange/validation/reason-catalogue.ts'
import { PATH_RULES, UNKNOWN_RULES } from '../../../src/x509/path-result.ts'

/** A check that ended with a code, as the reason catalogue places it. */
function ended(code: string, evidence: Partial<Check> = {}): Check {
  const reason = findReason(code)
  if (!reason) throw new Error(`${code} is not in the catalogue`)
  const outcome = code in UNKNOWN_RULES || reason.rule === undefined ? 'unknown' : 'failed'
  return { check: reason.check, outcome, code, ...evidence }
}

const proven = (code: string, evidence?: Partial<Check>) =>
  wordsOf(indicationOf([ended(code, evidence)], true))
const unproven = (code: string, evidence?: Partial<Check>) =>
  wordsOf(indicationOf([ended(code, evidence)], false))
const always = (code: string, evidence?: Partial<Check>) => {
  const words = unproven(code, evidence)
  expect(proven(code, evidence)).toBe(words)
  return words
}

function wordsOf({ indication, subIndication }: ReturnType<typeof indicationOf>): string {
  return [indication, subIndication].filter((word) => word !== undefined).join(' ')
}

describe('the table of indications', () => {
  it('all rules hold: TOTAL-PASSED', () => {
    expect(indicationOf(CHECKS.map(passed), false).indication).toBe('TOTAL-PASSED')
    expect(indicationOf(CHECKS.map(passed), true).subIndication).toBeUndefined()
  })

  it('unreadable, not strict DER, not canonical, another header: FORMAT_FAILURE', () => {
    for (const code of ['malformed', 'certificate-malformed'])
      expect(always(code)).toBe('TOTAL-FAILED FORMAT_FAILURE')
  })

  it('signature value wrong: SIG_CRYPTO_FAILURE; a document has no digest beside it to differ', () => {
    expect(always('signature-wrong')).toBe('TOTAL-FAILED SIG_CRYPTO_FAILURE')
    const ofDocuments = REASON_CATALOGUE.filter(({ check }) => check === 'form')
    for (const reason of ofDocuments) expect(subIndicationsOf(reason)).not.toContain('HASH_FAILURE')
  })

  it('revoked before the proven time: REVOKED, seal and authority alike', () => {
    for (const index of [0, 1, 2]) expect(proven('revoked', { index })).toBe('TOTAL-FAILED REVOKED')
  })

  it('the proven time outside validity: EXPIRED, NOT_YET_VALID', () => {
    for (const unrevoked of [true, false]) {
      expect(proven('expired', { unrevoked })).toBe('TOTAL-FAILED EXPIRED')
      expect(proven('not-yet-valid', { unrevoked })).toBe('TOTAL-FAILED NOT_YET_VALID')
    }
  })

  it('no x5c, or another certificate than it refers to: NO_SIGNING_CERTIFICATE_FOUND', () => {
    for (const code of ['path-empty', 'thumbprint-differs'])
      expect(always(code)).toBe('INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND')
  })

  it('no pinned anchor: NO_CERTIFICATE_CHAIN_FOUND', () => {
    for (const code of ['no-anchor', 'key-unknown'])
      expect(always(code)).toBe('INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND')
  })

  it('path rule: CHAIN_CONSTRAINTS_FAILURE', () => {
    const others =
      /^(certificate-malformed|path-empty|no-anchor|key-not-allowed|expired|not-yet-valid|revoked)$/
    const rules = Object.keys(PATH_RULES).filter((code) => !others.test(code))
    expect(rules.length).toBeGreaterThan(20)
    for (const code of rules)
      expect(always(code), code).toBe('INDETERMINATE CHAIN_CONSTRAINTS_FAILURE')
  })

  it('typ or header constraint, another signer than named: SIG_CONSTRAINTS_FAILURE', () => {
    for (const code of ['typ-not-expected', 'training-document', 'issuer-differs', 'schema-broken'])
      expect(always(code)).toBe('INDETERMINATE SIG_CONSTRAINTS_FAILURE')
  })

  it('algorithm or key not allowed: CRYPTO_CONSTRAINTS_FAILURE', () => {
    for (const code of [
      'algorithm-not-permitted',
      'key-not-allowed',
      'signature-algorithm-not-supported',
    ])
      expect(always(code)).toBe('INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE')
  })

  it('revoked without proof of time: REVOKED_NO_POE for the seal, REVOKED_CA_NO_POE above it', () => {
    expect(unproven('revoked', { index: 0 })).toBe('INDETERMINATE REVOKED_NO_POE')
    for (const index of [1, 2])
      expect(unproven('revoked', { index })).toBe('INDETERMINATE REVOKED_CA_NO_POE')
  })

  it('out of validity without proof of time: by whether it is known not to be revoked', () => {
    for (const code of ['expired', 'not-yet-valid']) {
      expect(unproven(code, { unrevoked: true })).toBe('INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED')
      expect(unproven(code, { unrevoked: false })).toBe('INDETERMINATE OUT_OF_BOUNDS_NO_POE')
      expect(unproven(code)).toBe('INDETERMINATE OUT_OF_BOUNDS_NO_POE')
    }
  })

  it('revocation unknown, or a trust list out of date: TRY_LATER', () => {
    const silent = Object.keys(UNKNOWN_RULES).filter((code) => /^(crl|ocsp)-/.test(code))
    expect(silent.length).toBeGreaterThan(10)
    for (const code of [...silent, 'trust-list-stale'])
      expect(always(code), code).toBe('INDETERMINATE TRY_LATER')
  })

  it('times that contradict each other: TIMESTAMP_ORDER_FAILURE', () => {
    for (const code of ['signed-in-future', 'signed-after-receipt'])
      expect(always(code)).toBe('INDETERMINATE TIMESTAMP_ORDER_FAILURE')
  })
})

describe('every reason code', () => {
  const mayLeadTo = (reason: Reason) => new Set(subIndicationsOf(reason))

  it('is of the path or of another check, has a text, and stands in the catalogue once', () => {
    const codes = REASON_CATALOGUE.map(({ code }) => code as string)
    expect(codes).toEqual(Object.keys(CODE_TEXTS))
    expect(new Set(codes).size).toBe(codes.length)
    for (const code of [...Object.keys(PATH_RULES), ...Object.keys(UNKNOWN_RULES)])
      expect(findReason(code)?.rule, code).toBe(
        { ...PATH_RULES, ...UNKNOWN_RULES }[code as keyof typeof PATH_RULES],
      )
  })

  it.each(REASON_CATALOGUE.map((reason) => [reason.code, reason] as const))(
    '%s leads to one documented indication, whatever is proven, or to none',
    (code, reason) => {
      for (const isProven of [true, false])
        for (const index of [0, 1, 3])
          for (const unrevoked of [true, false, undefined]) {
            const evidence = { index, ...(unrevoked !== undefined && { unrevoked }) }
            const check: Check = { check: reason.check, outcome: 'failed', code, ...evidence }
            const { indication, subIndication, reason: by } = indicationOf([check], isProven)
            if (mayLeadTo(reason).size === 0) {
              expect(indication).toBe('TOTAL-PASSED')
              continue
            }
            expect(by).toBe(code)
            expect(mayLeadTo(reason)).toContain(subIndication)
            expect(SUB_INDICATIONS).toContain(subIndication)
            expect(judgementOf(subIndication!)).toEqual({ indication, subIndication })
          }
    },
  )

  it('that only a warning ends with takes nothing from the signature', () => {
    for (const { code, check } of REASON_CATALOGUE)
      expect(indicationOf([{ check, outcome: 'warning', code }], false).indication).toBe(
        'TOTAL-PASSED',
      )
  })

  it('means what was committed: nobody changes it unnoticed', async () => {
    const lines = REASON_CATALOGUE.map((reason) =>
      [
        reason.code,
        reason.check,
        subIndicationsOf(reason).join(' ') || '-',
        reason.rule ?? '-',
        reason.text.en,
      ].join(' | '),
    )
    await expect(`${lines.toSorted().join('\n')}\n`).toMatchFileSnapshot(
      '../../snapshots/reason-codes.txt',
    )
  })
})
