import { describe, expect, it } from 'vitest'
import { withoutPlace } from '../../../src/storage/places.ts'
import type { ProjectedRows } from '../../../src/storage/projected-rows.ts'

const certificate = (sha256: string, number: string) =>
  [sha256, { sha256, state: 'UZ', type: 'origin.ct1', folded_number: number }] as const
const document = (sha256: string, epoch: string) =>
  [sha256, { sha256, maker: 'UZ', recipient: 'BY', until: '2026-03-02', epoch }] as const

function taken(
  certificates: readonly ReturnType<typeof certificate>[],
  lost: readonly string[],
  reconciliations: readonly ReturnType<typeof document>[] = [],
): string[] {
  const rows = {
    certificates: new Map(certificates),
    reconciliations: new Map(reconciliations),
  } as unknown as ProjectedRows
  return [...withoutPlace(rows, new Set(lost))]
}

describe('of certificates under one number', () => {
  const both = [certificate('first', '7'), certificate('second', '7'), certificate('other', '8')]

  it('the one that was never lost keeps it, in whatever order they stand', () => {
    expect(taken(both, ['first'])).toEqual(['first'])
    expect(taken(both, ['second'])).toEqual(['second'])
  })

  it('the last one keeps it where all were lost, or nobody remembers which', () => {
    expect(taken(both, [])).toEqual(['first'])
    expect(taken(both, ['first', 'second'])).toEqual(['first'])
    const three = [...both, certificate('third', '7')]
    expect(taken(three, ['first', 'third'])).toEqual(['first', 'third'])
    expect(taken(three, ['first'])).toEqual(['first', 'second'])
  })

  it('none gives way where each has its own', () => {
    expect(taken(both.slice(1), ['second'])).toEqual([])
  })
})

it('of reconciliations of one day and epoch one alone has its place', () => {
  const days = [document('first', 'a'), document('second', 'a'), document('other', 'b')]
  expect(taken([], ['first'], days)).toEqual(['first'])
})
