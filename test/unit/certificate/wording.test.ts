import { describe, expect, it } from 'vitest'
import { en, ru } from '../../../src/certificate/wording.ts'

describe('wording of messages', () => {
  it('writes days as readers do', () => {
    expect(ru.day('2026-02-10')).toBe('10.02.2026')
    expect(en.day('2026-02-10')).toBe('10 Feb 2026')
    expect(en.day('2026-12-01')).toBe('1 Dec 2026')
  })

  it('groups thousands and names kilograms', () => {
    expect(ru.kg(46100)).toBe('46\u00a0100\u00a0кг')
    expect(en.kg(46100)).toBe('46,100\u00a0kg')
    expect(ru.number(1234567.5)).toBe('1\u00a0234\u00a0567,5')
    expect(en.number(-1234567.505)).toBe('-1,234,567.505')
    expect(en.number(999)).toBe('999')
    expect(ru.number(0.125)).toBe('0,125')
  })

  it('leaves numbers alone that have an exponent', () => {
    expect(en.number(1e-7)).toBe('1e-7')
  })
})
