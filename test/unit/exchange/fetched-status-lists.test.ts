import { beforeAll, describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { thumbprint } from '../../../src/crypto/suite.ts'
import { formatInstant } from '../../../src/encoding/time.ts'
import { joinWork } from '../../../src/exchange/join.ts'
import { fetchedStatusLists } from '../../../src/exchange/status-lists/fetch.ts'
import { signStatusList } from '../../../src/exchange/status-lists/token.ts'
import { packStatusList } from '../../../src/status-list/status-list.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import { trustOf } from '../../../src/trust/trust.ts'
import { parseCrl } from '../../../src/x509/crl.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { type ListedState, listedState, NOW, sealOfKey } from '../../support/hostile-lists.ts'

/* The lists of several states at one node, which asks the nodes that their trust lists name. */
const SHARED = 'https://by.example'

let states: ListedState[]

beforeAll(async () => {
  states = await Promise.all(['BY', 'UZ'].map((state) => listedState(state, [])))
})

/** The trust list with a status signer that ends. */
async function withSigner({ list, pki }: ListedState, until: Date): Promise<TrustList> {
  const { certificate } = pki.statusSigner
  const signer = {
    x5tS256: await thumbprint(certificate),
    der: encodeBase64(certificate),
    body: `${list.state}.REGISTRY`,
    usage: 'status-signer',
    from: list.keys[0]!.from,
    until: formatInstant(until),
  } as const
  return { ...list, keys: [...list.keys, signer] }
}

const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)

/** A source whose network and clock are ours. `serve`: the token under a URI, if a node has one. */
async function source(
  serve: (uri: string) => string | undefined,
  { nodeOfUz, until = at(86_400) }: { nodeOfUz?: string; until?: Date } = {},
) {
  const lists = await Promise.all(states.map((state) => withSigner(state, until)))
  const named = lists.map((list) =>
    list.state === 'UZ' && nodeOfUz !== undefined
      ? { ...list, nodes: [{ ...list.nodes[0]!, url: nodeOfUz }] }
      : list,
  )
  const crls = states.flatMap(({ pki: { root, stateCa } }) =>
    [root, stateCa].flatMap(({ crl }) => {
      const read = parseCrl(crl)
      return 'malformed' in read ? [] : [read]
    }),
  )
  const pins = states.map(({ pin }) => pin)
  const trust = await trustOf({ pins, lists: named, crls, revision: 1 })
  let now = NOW
  const found = fetchedStatusLists({
    trust: async () => trust,
    paths: createPathCache(),
    join: joinWork(),
    now: () => now,
    fetch: async (input) => {
      const token = serve(input as string)
      return token === undefined ? new Response('', { status: 503 }) : new Response(token)
    },
  })
  const find = async (uri: string, state: string) => (await found.find(uri, state))?.state
  return { find, setClock: (seconds: number) => (now = at(seconds)) }
}

async function listOf(state: string, uri: string): Promise<string> {
  const { pki } = states.find(({ list }) => list.state === state)!
  const signer = await sealOfKey(pki.statusSigner)
  return signStatusList({ uri, list: packStatusList(100, []), signer, signedAt: NOW })
}

describe('Status lists of other nodes', () => {
  const uri = `${SHARED}/status/1`

  it('are kept for their state, also where another state names the same node', async () => {
    const token = await listOf('BY', uri)
    for (const order of [
      ['UZ', 'BY', 'UZ'],
      ['BY', 'UZ', 'BY'],
    ]) {
      const { find } = await source(() => token, { nodeOfUz: SHARED })
      for (const state of order)
        expect(await find(uri, state)).toBe(state === 'BY' ? 'BY' : undefined)
    }
    const { find } = await source(() => token, { nodeOfUz: SHARED })
    const both = await Promise.all(['UZ', 'BY'].map((state) => find(uri, state)))
    expect(both).toEqual([undefined, 'BY'])
  })

  it('count no longer than their signer, however long they may be kept', async () => {
    const token = await listOf('BY', uri)
    const { find, setClock } = await source(() => token, { until: at(100) })
    expect(await find(uri, 'BY')).toBe('BY')
    setClock(99)
    expect(await find(uri, 'BY')).toBe('BY')
    setClock(101)
    expect(await find(uri, 'BY')).toBeUndefined()
  })

  it('stay at hand while their node is away, whatever lists of another state are asked for', async () => {
    const own = 'https://uz.example/status/1'
    const [token, other] = [await listOf('UZ', own), await listOf('BY', uri)]
    let isAway = false
    const { find, setClock } = await source((asked) => {
      if (isAway) return undefined
      return asked === own ? token : other
    })
    expect([await find(own, 'UZ'), await find(uri, 'BY')]).toEqual(['UZ', 'BY'])
    isAway = true
    for (let n = 2; n < 70; n++) expect(await find(`${SHARED}/status/${n}`, 'BY')).toBeUndefined()
    setClock(400)
    expect([await find(own, 'UZ'), await find(uri, 'BY')]).toEqual(['UZ', 'BY'])
  })
})
