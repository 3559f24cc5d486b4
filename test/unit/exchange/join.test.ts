import { describe, expect, it } from 'vitest'
import { joinWork, workAlone } from '../../../src/exchange/join.ts'
import { askedOnce, type StatusListSource } from '../../../src/exchange/status-lists/source.ts'

describe('work in hand', () => {
  it('is done once for all who ask meanwhile, and again for who asks later', async () => {
    const join = joinWork()
    let made = 0
    const make = async () => ++made
    expect(await Promise.all([join('a', make), join('a', make), join('b', make)])).toEqual([
      1, 1, 2,
    ])
    expect(await join('a', make)).toBe(3)
  })

  it('that fails, fails for all who asked, and is tried again', async () => {
    const join = joinWork()
    const fail = () => Promise.reject(new Error('down'))
    const both = await Promise.allSettled([join('a', fail), join('a', fail)])
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await join('a', async () => 'up')).toBe('up')
  })

  it('is nobody else’s on Workers', async () => {
    let made = 0
    const make = async () => ++made
    expect(await Promise.all([workAlone('a', make), workAlone('a', make)])).toEqual([1, 2])
  })

  it('of one call asks for a status list once', async () => {
    let asked = 0
    const source: StatusListSource = { find: async () => void asked++ }
    const once = askedOnce(source)
    await Promise.all([once.find('u', 'BY'), once.find('u', 'BY'), once.find('u', 'UZ')])
    expect(asked).toBe(2)
    await askedOnce(source).find('u', 'BY')
    expect(asked).toBe(3)
  })
})
