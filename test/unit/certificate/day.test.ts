import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, addMonths, dayAt, startOfDay } from '../../../src/certificate/day.ts'

const days = fc
  .date({
    min: new Date('1900-01-01'),
    max: new Date('2999-12-31'),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString().slice(0, 10))

describe('calendar days', () => {
  it.each([
    ['2026-02-10', '2027-02-10'],
    ['2026-12-31', '2027-12-31'],
    ['2024-02-29', '2025-02-28'],
    ['2023-02-28', '2024-02-28'],
    ['2027-03-01', '2028-03-01'],
  ])('twelve months after %s is %s', (from, until) => {
    expect(addMonths(from, 12)).toBe(until)
  })

  it('clamps to the end of a shorter month', () => {
    expect(addMonths('2026-08-31', 6)).toBe('2027-02-28')
    expect(addMonths('2027-08-31', 6)).toBe('2028-02-29')
    expect(addMonths('2026-03-31', -1)).toBe('2026-02-28')
  })

  it('adds months to a real day of the wanted month, and never a later date', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -600, max: 600 }), (day, months) => {
        const result = addMonths(day, months)
        expect(new Date(`${result}T00:00:00Z`).toISOString().slice(0, 10)).toBe(result)
        const wanted = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) + months
        expect(Number(result.slice(0, 4)) * 12 + Number(result.slice(5, 7))).toBe(wanted)
        expect(result.slice(8) <= day.slice(8)).toBe(true)
      }),
    )
  })

  it('adds days across months and years', () => {
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01')
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29')
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
    fc.assert(
      fc.property(days, fc.integer({ min: -3000, max: 3000 }), (day, n) => {
        expect(addDays(addDays(day, n), -n)).toBe(day)
      }),
    )
  })

  it('changes at midnight of the zone', () => {
    expect(dayAt(new Date('2026-03-01T20:59:59Z'), 180)).toBe('2026-03-01')
    expect(dayAt(new Date('2026-03-01T21:00:00Z'), 180)).toBe('2026-03-02')
    expect(dayAt(new Date('2026-03-01T19:00:00Z'), 300)).toBe('2026-03-02')
    expect(startOfDay('2026-03-02', 300).toISOString()).toBe('2026-03-01T19:00:00.000Z')
  })

  it('begins a day at the first instant that shows it', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: -720, max: 840 }), (day, offset) => {
        const start = startOfDay(day, offset)
        expect(dayAt(start, offset)).toBe(day)
        expect(dayAt(new Date(start.getTime() - 1), offset)).toBe(addDays(day, -1))
      }),
    )
  })
})
