import { expect } from 'vitest'
import type { Verdict } from './adapter.ts'
import { WAIVERS } from './waivers.ts'

/** Compares verdicts, not reasons; the reason explains a failure. */
export function expectVerdict(
  suite: string,
  id: string,
  verdict: Verdict,
  expected: boolean,
): void {
  const waiver = WAIVERS[suite]?.[id]
  if (waiver !== undefined && expected) {
    expect(verdict.ok, `${id} passes: remove its waiver (${waiver})`).toBe(false)
    return
  }
  const fault = verdict.ok ? 'FALSE ACCEPT' : 'false reject'
  expect(verdict.ok, `${fault} of ${id}: ${verdict.reason}`).toBe(expected)
}
