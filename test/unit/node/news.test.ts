import { expect, it } from 'vitest'
import { createNews } from '../../../src/node/news.ts'

const LONG = 3_600_000

it('news wake all who wait, and nobody who comes later', async () => {
  const news = createNews()
  const waiting = [news.wait(LONG), news.wait(LONG)]
  for (let n = 0; n < 1_000; n++) news.tell()
  expect(await Promise.all(waiting)).toEqual(['look', 'look'])
  const later = news.wait(100)
  expect(
    await Promise.race([later, new Promise((resolve) => setTimeout(resolve, 40, 'none'))]),
  ).toBe('none')
  expect(await later).toBe('look')
})

it('nobody waits for news of a process that ends', async () => {
  const news = createNews()
  const waiting = news.wait(LONG)
  news.tell()
  news.close()
  expect(await waiting).toBe('leave')
  expect(await news.wait(LONG)).toBe('leave')
})
