import { expect, it } from 'vitest'
import { tellUnwitnessed } from '../../../src/exchange/audit/tell-unvouched.ts'

const asOf = new Date('2026-03-02T09:15:00Z')

function told(count: number, since: string): string[] {
  const codes: string[] = []
  const behind = { count, since }
  tellUnwitnessed({ cosigned: 7, behind, asOf }, (code, where) => codes.push(`${code} ${where}`))
  return codes
}

it('entries that no other state has cosigned are told once they are a quarter of an hour old', () => {
  expect(told(3, '2026-03-02T09:00:00Z')).toEqual([])
  expect(told(3, '2026-03-02T08:59:59Z')).toEqual(['entries-unproven entry 7'])
  expect(told(0, '')).toEqual([])
  // Of what bears no time nobody knows that it is news.
  expect(told(3, 'x')).toEqual(['entries-unproven entry 7'])
})
