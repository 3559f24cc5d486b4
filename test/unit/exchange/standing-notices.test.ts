import { expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { standingNotices } from '../../../src/exchange/notices/standing.ts'
import type { NoticeChain, NoticeChains } from '../../../src/exchange/notices/store.ts'
import { trustOf } from '../../../src/trust/trust.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { compact } from '../../support/hostile-lists.ts'

const at = '2026-03-01T00:00:00Z'
const thumbprint = 'A'.repeat(43)

/** A notice by a registry with a path so long. */
function noticeBy(octets: number): string {
  const path = [encodeBase64(new Uint8Array(octets))]
  const header = { alg: 'ES256', typ: 'security-notice+jwt', cty: 'application/json', iat: 1 }
  return compact({ ...header, 'x5t#S256': thumbprint, x5c: path }, {})
}

function chainOf(sha256: string): NoticeChain {
  const interval = { from: at }
  const link = { sha256, change: 'declare', interval, at } as const
  const subject = { state: 'BY', body: 'BY.CCI.001', x5tS256: thumbprint }
  const notice = { sha256, issuer: 'BY', subject, measure: 'hold', interval, released: false }
  return { ...notice, measure: 'hold', documents: [sha256], idx: 0, links: [link] }
}

it('Who signed notices is remembered in so many characters, however long their paths are', async () => {
  const trust = await trustOf({ pins: [], lists: [], crls: [], revision: 1 })
  const read = async (octets: number) => {
    const jws = noticeBy(octets)
    const asked: string[] = []
    const notices = standingNotices(
      { find: async (sha256: string) => chainOf(sha256) } as NoticeChains,
      {
        trust: async () => trust,
        paths: createPathCache(),
        now: () => new Date(at),
        certificates: {
          documents: async (names) => {
            asked.push(...names)
            return new Map(names.map((name) => [name, jws]))
          },
        },
      },
    )
    for (let n = 0; n < 150; n++) await notices.find(`notice ${n}`)
    await notices.find('notice 149')
    expect(asked).toHaveLength(150)
    await notices.find('notice 0')
    return asked.slice(150)
  }
  expect(await read(1_000)).toEqual([])
  expect(await read(48_000)).toEqual(['notice 0'])
})
