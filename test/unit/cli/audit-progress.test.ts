import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { progressLine } from '../../../src/cli/audit-output.ts'

describe('the progress of an audit in a file', () => {
  const lines: string[] = []
  const NOT_A_TERMINAL = { isTTY: false, write: (text: string) => lines.push(text) > 0 }
  beforeEach(() => {
    vi.useFakeTimers({ now: new Date('2026-03-02T09:00:00Z') })
    vi.stubGlobal('process', Object.create(process, { stderr: { value: NOT_A_TERMINAL } }))
  })
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  it('is a line every few seconds: how far, how fast, how long still', () => {
    const tell = progressLine()
    for (let done = 0; done <= 1200; done += 100) {
      tell('documents', done, 3000)
      vi.advanceTimersByTime(1000)
    }
    expect(lines).toEqual([
      'documents: 500 of 3000, 100 a second, 25 s left\n',
      'documents: 1000 of 3000, 100 a second, 20 s left\n',
    ])
  })
})
