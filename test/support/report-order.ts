import { expect } from 'vitest'
import { CHECKS } from '../../src/exchange/validation/check.ts'
import { INSTANTS } from '../../src/exchange/validation/judge-signature.ts'
import { findReason } from '../../src/exchange/validation/reason-catalogue.ts'
import type { ValidationReport } from '../../src/exchange/validation/validation-report.ts'

type Ordered = Pick<
  ValidationReport,
  'checks' | 'notMade' | 'reasons' | 'judgements' | 'indication' | 'subIndication'
>

/**
 * Whatever was validated: every check is told of, made or not, in the one order; every code stands in the
 * catalogue, under the check that ended with it; the instants come in their order, and one decides.
 */
export function expectOneOrder(report: Ordered, what = ''): void {
  const { checks, notMade, reasons, judgements, indication, subIndication } = report
  const made = checks.map(({ check }) => check)
  const left = notMade.map(({ check }) => check)
  const inOrder = (names: readonly string[]) =>
    CHECKS.flatMap((check) => names.filter((name) => name === check))
  expect(made, what).toEqual(inOrder(made))
  expect(left, what).toEqual(CHECKS.filter((check) => !made.includes(check)))
  for (const { check, outcome, code } of checks)
    expect([check, outcome === 'passed'], `${what} ${code}`).toEqual(
      code === 'ok' ? [check, true] : [findReason(code)?.check, false],
    )
  for (const code of reasons) expect(findReason(code), `${what} ${code}`).toBeDefined()
  const instants = judgements.map(({ instant }) => instant)
  expect(instants, what).toEqual(INSTANTS.filter((instant) => instants.includes(instant)))
  const deciding = judgements.filter(({ decides }) => decides)
  expect(deciding, what).toHaveLength(1)
  expect(deciding[0]!.indication, what).toBe(indication)
  expect(deciding[0]!.subIndication, what).toBe(subIndication)
}
