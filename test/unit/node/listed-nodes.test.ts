import { expect, it } from 'vitest'
import { nodesOf } from '../../../src/node/trust-list-maker.ts'
import type { TrustKey } from '../../../src/trust/trust-list.ts'

const key = (name: string, from: string): TrustKey => ({
  x5tS256: name.padEnd(43, 'x'),
  der: '',
  body: 'BY.REGISTRY',
  usage: 'node',
  from,
})
const named = (keys: readonly TrustKey[]) =>
  nodesOf(keys, { state: 'BY', url: 'https://by.example', at: '2026-03-02T09:00:00Z' }).map(
    (node) => node.key.replaceAll('x', ''),
  )

it('The node key that signs now is listed first, however many follow it', () => {
  const former = [key('a', '2025-01-01T00:00:00Z'), key('b', '2026-01-01T00:00:00Z')]
  expect(named(former)).toEqual(['b', 'a'])
  const next = ['c', 'd', 'e', 'f'].map((name, i) => key(name, `2026-04-0${i + 1}T00:00:00Z`))
  expect(named([...former, ...next])).toEqual(['b', 'f', 'e', 'd'])
})
