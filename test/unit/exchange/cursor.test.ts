import { describe, expect, it } from 'vitest'
import {
  beginning,
  formatCursor,
  parseCursor,
  resume,
} from '../../../src/exchange/delivery/cursor.ts'

describe('a cursor', () => {
  it('is read as it was written, and nothing else is one', () => {
    for (const cursor of [
      { epoch: 'c0FsdHk1', seq: 0 },
      { epoch: '-_', seq: 41 },
      { epoch: 'e', seq: 999_999_999_999_999 },
    ])
      expect(parseCursor(formatCursor(cursor))).toEqual(cursor)
    for (const text of ['', '.', 'e', 'e.', '.1', 'e.01', 'e.-0', 'e.1.2', 'e.1\n', 'e .1', 'é.1'])
      expect(parseCursor(text), JSON.stringify(text)).toBeUndefined()
    expect(parseCursor('e.1000000000000000')).toBeUndefined()
    expect(parseCursor(`${'e'.repeat(65)}.1`)).toBeUndefined()
  })

  it('goes on within what was assigned in its epoch, and nowhere else', () => {
    const head = { epoch: 'e', lastSeq: 5 }
    expect(resume(undefined, head)).toEqual(beginning(head))
    expect(resume({ epoch: 'e', seq: 0 }, head)).toEqual({ epoch: 'e', seq: 0 })
    expect(resume({ epoch: 'e', seq: 5 }, head)).toEqual({ epoch: 'e', seq: 5 })
    expect(resume({ epoch: 'e', seq: 6 }, head)).toBeUndefined()
    expect(resume({ epoch: 'E', seq: 0 }, head)).toBeUndefined()
  })
})
