import { afterEach, expect, it, vi } from 'vitest'
import { createNews } from '../../../src/node/news.ts'

const LONG = 3_600_000

afterEach(() => void vi.useRealTimers())

it('news wake all who wait, and nobody who comes later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const news = createNews()
  const waiting = [news.wait(LONG), news.wait(LONG)]
  for (let n = 0; n < 1_000; n++) news.tell()
  await vi.advanceTimersByTimeAsync(100)
  expect(await Promise.all(waiting)).toEqual(['look', 'look'])
  let said = 'none'
  void news.wait(100).then((look) => (said = look))
  await vi.advanceTimersByTimeAsync(99)
  expect(said).toBe('none')
  await vi.advanceTimersByTimeAsync(1)
  expect(said).toBe('look')
})

it('nobody waits for news of a process that ends', async () => {
  const news = createNews()
  const waiting = news.wait(LONG)
  news.tell()
  news.close()
  expect(await waiting).toBe('leave')
  expect(await news.wait(LONG)).toBe('leave')
})
