import { Miniflare } from 'miniflare'
import { afterAll, describe, expect, it } from 'vitest'
import { D1_GATEWAY, d1Through, GATEWAY_SECRET } from '../../src/cli/d1-gateway.ts'

const SECRET = 'known to one process'
const miniflare = new Miniflare({
  modules: true,
  script: D1_GATEWAY,
  bindings: { [GATEWAY_SECRET]: SECRET },
  d1Databases: ['DB'],
})
afterAll(() => miniflare.dispose())

const through = (secret: string) =>
  d1Through((...request) => miniflare.dispatchFetch(...request), {
    url: 'http://d1.example',
    secret,
    database: 'DB',
  })

describe('the gateway to D1', () => {
  it('gives each of many statements under way its own answer', async () => {
    const numbers = Array.from({ length: 200 }, (_, i) => i)
    const answers = await Promise.all(
      numbers.map((n) => through(SECRET).prepare('SELECT ? AS n').bind(n).all()),
    )
    expect(answers.map(({ results }) => results)).toEqual(numbers.map((n) => [{ n }]))
  })

  it('says what D1 says against a statement', async () => {
    const wrong = through(SECRET).prepare('SELECT absent').bind()
    await expect(wrong.all()).rejects.toThrow(/no such column: absent/)
  })

  it('does nothing for who does not know its secret', async () => {
    const table = 'CREATE TABLE made (by_whom TEXT)'
    const stranger = through('guessed')
    await expect(stranger.prepare(table).bind().all()).rejects.toThrow(/403/)
    await expect(stranger.batch([stranger.prepare(table).bind()])).rejects.toThrow(/403/)
    const tables = through(SECRET).prepare("SELECT name FROM sqlite_master WHERE name = 'made'")
    expect((await tables.bind().all()).results).toEqual([])
  })
})
