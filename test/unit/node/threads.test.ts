import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startThreads, type Threads } from '../../../src/node/threads.ts'

const program = new URL('./odd-thread.ts', import.meta.url)
const reasons: string[] = []
const ended = ({ message }: Error) => void reasons.push(message)
const start = (count: number, limitMs = 20_000): Threads<string, string> =>
  startThreads(program, { count, limitMs, data: { name: 'thread' }, ended })

describe('threads', () => {
  const threads = start(2)
  afterAll(() => threads.close())

  it('give every question its own answer, however many wait', async () => {
    const questions = Array.from({ length: 50 }, (_, n) => `question ${n}`)
    expect(await Promise.all(questions.map(threads.ask))).toEqual(
      questions.map((question) => `thread: ${question}`),
    )
  })

  it('refuse what a thread has no answer to, and go on', async () => {
    const [failed, answered] = await Promise.allSettled([threads.ask('fail'), threads.ask('next')])
    expect(failed).toMatchObject({ reason: { message: 'no answer to this' } })
    expect(answered).toMatchObject({ value: 'thread: next' })
  })

  it.each([
    ['exit', 'ended with code 7'],
    ['throw', 'thrown outside of any answer'],
  ])('replace one that is brought to an end (%s)', async (question, reason) => {
    const questions = [question, question, 'first', 'second', 'third']
    const settled = await Promise.allSettled(questions.map(threads.ask))
    for (const one of settled.slice(0, 2))
      expect(one).toHaveProperty('reason.message', expect.stringContaining(reason))
    expect(reasons.filter((told) => told.includes(reason))).toHaveLength(2)
    expect(settled.slice(2)).toEqual(
      ['first', 'second', 'third'].map((value) => ({
        status: 'fulfilled',
        value: `thread: ${value}`,
      })),
    )
  })
})

describe('a thread that never answers', () => {
  it('is ended and replaced', async () => {
    const threads = start(1, 1_500)
    const [hung, answered] = await Promise.allSettled([threads.ask('hang'), threads.ask('next')])
    expect(hung).toHaveProperty('reason.message', 'No answer within 1500 ms')
    expect(answered).toMatchObject({ value: 'thread: next' })
    await threads.close()
  })
})

describe('threads that cannot start', () => {
  it('refuse whatever is asked, with the reason', async () => {
    const threads = startThreads(program, {
      count: 1,
      limitMs: 9_000,
      data: { name: 'unable' },
      ended,
    })
    await expect(threads.ask('one')).rejects.toThrow('unable to start')
    await expect(threads.ask('two')).rejects.toThrow('unable to start')
    await threads.close()
  })
})

describe('one of two threads that cannot start', () => {
  it('takes nothing from the other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'threads-'))
    const data = { name: 'only', marker: join(folder, 'marker') }
    const threads = startThreads<string, string>(program, { count: 2, limitMs: 9_000, data, ended })
    const questions = Array.from({ length: 30 }, (_, n) => `question ${n}`)
    while (!reasons.some((reason) => reason.includes('EEXIST')))
      expect(await threads.askAll(questions)).toEqual(questions.map((one) => `only: ${one}`))
    expect(await threads.askAll(questions)).toEqual(questions.map((one) => `only: ${one}`))
    await threads.close()
    rmSync(folder, { recursive: true })
  })
})

describe('calls of several questions', () => {
  const threads = start(1)
  afterAll(() => threads.close())

  it('take turns: a short one does not wait for a long one before it', async () => {
    const order: string[] = []
    const long = threads.askAll(Array.from({ length: 40 }, () => 'long'))
    const short = threads.askAll(['short', 'short'])
    await Promise.all([
      long.then(() => order.push('long')),
      short.then((answers) => order.push(...answers)),
    ])
    expect(order).toEqual(['thread: short', 'thread: short', 'long'])
  })

  it('ask no further when one has no answer', async () => {
    const failed = threads.askAll(['fail', 'exit', 'exit'])
    await expect(failed).rejects.toThrow('no answer to this')
    reasons.length = 0
    expect(await threads.ask('next')).toBe('thread: next')
    expect(reasons).toEqual([])
  })

  it('are answered at once when there is nothing to ask', async () => {
    expect(await threads.askAll([])).toEqual([])
  })
})

describe('closed threads', () => {
  it('refuse what waits and whatever is asked', async () => {
    const threads = start(1)
    const settled = Promise.allSettled(['one', 'two', 'three'].map(threads.ask))
    await threads.close()
    for (const one of await settled) expect(one).toMatchObject({ status: 'rejected' })
    await expect(threads.ask('four')).rejects.toThrow('closed')
  })
})
