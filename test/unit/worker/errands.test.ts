import { describe, expect, it } from 'vitest'
import type { BackgroundWork } from '../../../src/exchange/background-work.ts'
import { errands } from '../../../src/worker/errands.ts'

const silent = { warn: () => undefined, error: () => undefined }

/** Errands whose work only notes what it is asked; `deliver` ends when the test says so. */
function watched(peers = ['UZ']) {
  let now = Date.parse('2026-03-02T10:00:00Z')
  const done: string[] = []
  const deliveries: (() => void)[] = []
  const note = async <T>(what: string, answer: T): Promise<T> => {
    done.push(what)
    return answer
  }
  const work: BackgroundWork = {
    peers: async () => peers,
    deliver: async (peer) => {
      done.push(`deliver ${peer}`)
      await new Promise<void>((resolve) => deliveries.push(resolve))
      return { delivered: 0, nextAt: new Date(now) }
    },
    poll: (peer) => note(`poll ${peer}`, { ok: true }),
    pull: (peer) => note(`pull ${peer}`, { againInMs: 600_000 }),
    decide: () => note('decide', 0),
    askOcsp: () => note('ocsp', undefined),
    prune: () => note('prune', undefined),
    coverRecords: () => note('cover', 0),
    checkpoint: () => note('checkpoint', false),
    witnesses: () => note('witnesses', []),
    cosign: () => note('cosign', undefined),
    lagsBehindWitness: () => Promise.resolve(false),
    mirror: async (peer) => {
      if (peer === 'AM') throw new Error('it broke')
      return note(`mirror ${peer}`, { hasMore: false })
    },
    reconcile: async () => {
      if (done.push('reconcile') > 0) throw new Error('no more queries')
    },
    reindex: async () => 0,
  }
  const todo = errands(work, silent, () => new Date(now))
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
  return {
    todo,
    settled,
    done,
    pass: (ms: number) => (now += ms),
    count: (what: string) => done.filter((each) => each === what).length,
    endDelivery: () => deliveries.shift()!(),
  }
}

describe('errands of a worker', () => {
  it('mirror every peer, also behind one whose log breaks', async () => {
    const { todo, settled, count, endDelivery } = watched(['AM', 'UZ'])
    const minute = todo.everyMinute()
    await settled()
    endDelivery()
    endDelivery()
    await minute
    expect(count('mirror UZ')).toBe(1)
  })

  it('compare with peers last: what that costs is for them to say', async () => {
    const { todo, settled, done, endDelivery } = watched()
    const minute = todo.everyMinute()
    await settled()
    endDelivery()
    await minute
    expect(done.at(-1)).toBe('reconcile')
    expect(done).toContain('ocsp')
  })

  it('sign what the log has grown by while a peer takes its time', async () => {
    const { todo, settled, count, endDelivery } = watched()
    todo.appended()
    todo.outgoing()
    const request = todo.afterRequest()
    await settled()
    expect([count('deliver UZ'), count('checkpoint')]).toEqual([1, 1])
    endDelivery()
    await request
  })

  it('are none after a request that left nothing to do', () => {
    expect(watched().todo.afterRequest()).toBeUndefined()
  })

  it('deliver once more, not twice at a time, when another request comes in between', async () => {
    const { todo, settled, count, endDelivery } = watched()
    todo.outgoing()
    const first = todo.afterRequest()
    await settled()
    todo.outgoing()
    await todo.afterRequest()
    expect(count('deliver UZ')).toBe(1)
    endDelivery()
    await settled()
    expect(count('deliver UZ')).toBe(2)
    endDelivery()
    await first
  })

  it('wait for a delivery that was cut off no longer than it can have lived, and cron not at all', async () => {
    const { todo, settled, pass, count } = watched()
    const request = async () => {
      todo.outgoing()
      void todo.afterRequest()
      await settled()
    }
    await request()
    pass(29_000)
    await request()
    expect(count('deliver UZ')).toBe(1)
    pass(1_000)
    await request()
    expect(count('deliver UZ')).toBe(2)
    void todo.everyMinute()
    await settled()
    expect(count('deliver UZ')).toBe(3)
  })

  it('poll a peer once in a while, however much of it waits', async () => {
    const { todo, settled, pass, count } = watched()
    const request = async () => {
      todo.waiting('UZ')
      void todo.afterRequest()
      await settled()
    }
    for (let n = 0; n < 5; n++) await request()
    expect([count('poll UZ'), count('decide')]).toEqual([1, 1])
    pass(2_000)
    await request()
    expect(count('poll UZ')).toBe(2)
  })

  it('look into the feed of a peer when it is due, or when something did not come', async () => {
    const { todo, settled, pass, count, endDelivery } = watched()
    const minute = async () => {
      const done = todo.everyMinute()
      await settled()
      endDelivery()
      await done
      pass(60_000)
    }
    await minute()
    await minute()
    expect(count('pull UZ')).toBe(1)
    todo.behind('UZ')
    void todo.afterRequest()
    await settled()
    expect(count('pull UZ')).toBe(2)
  })
})
