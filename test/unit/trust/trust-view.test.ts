import { beforeAll, describe, expect, it } from 'vitest'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { issueCrl } from '../../../src/node/pki/issue.ts'
import { skiOf, verifyCrl } from '../../../src/trust/accept-crl.ts'
import { coveringScope } from '../../../src/trust/counted-bodies.ts'
import type { Body, Scope } from '../../../src/trust/trust-list.ts'
import { keyObstacle, trustView } from '../../../src/trust/trust-view.ts'
import { trustOf } from '../../../src/trust/trust.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import { type ListedState, listedState, NOW } from '../../support/hostile-lists.ts'

let BY: ListedState
let UZ: ListedState

beforeAll(async () => {
  BY = await listedState('BY')
  UZ = await listedState('UZ')
})

describe('what the lists say together', () => {
  it('is nothing about parties of another state', () => {
    const [body] = UZ.list.bodies
    const [key] = UZ.list.keys
    const stolen = { ...body!, id: 'UZ.CCI.001', name: 'as Belarus wishes' }
    const view = trustView([
      UZ.list,
      {
        ...BY.list,
        bodies: [...BY.list.bodies, stolen],
        keys: [...BY.list.keys, { ...key!, usage: 'node' }],
      },
    ])
    expect(view.body('UZ.CCI.001')).toMatchObject(body!)
    expect(view.key(key!.x5tS256, 'UZ')).toMatchObject({ state: 'UZ', key: { usage: 'seal' } })
    expect(view.key(key!.x5tS256, 'BY')).toBeUndefined()
    expect(view.key(BY.list.keys[0]!.x5tS256, 'BY')).toMatchObject({ state: 'BY' })
  })

  it('leaves out a list whose root is not the one pinned', async () => {
    const other = await listedState('BY')
    const lists = [other.list, UZ.list]
    const trust = await trustOf({ pins: [BY.pin, UZ.pin], lists, crls: [], revision: 1 })
    expect(trust.view.states()).toEqual(['UZ'])
    expect(trust.anchors.map(({ state }) => state)).toEqual(['UZ'])
    expect(trust.view.key(other.list.keys[0]!.x5tS256, 'BY')).toBeUndefined()
    const none = await trustOf({ pins: [], lists, crls: [], revision: 1 })
    expect(none.view.states()).toEqual([])
  })
})

describe('a key', () => {
  it('may sign from its first to its last instant, and not from the second of its removal', () => {
    const key = { ...BY.list.keys[0]!, from: '2026-01-01T00:00:00Z', until: '2026-12-31T23:59:59Z' }
    const at = (text: string) => new Date(text)
    expect(keyObstacle(key, at('2025-12-31T23:59:59Z'))).toBe('not-yet')
    expect(keyObstacle(key, at('2026-01-01T00:00:00Z'))).toBeUndefined()
    expect(keyObstacle(key, at('2026-12-31T23:59:59Z'))).toBeUndefined()
    expect(keyObstacle(key, at('2027-01-01T00:00:00Z'))).toBe('ended')
    const removed = { ...key, removedAt: '2026-03-02T09:00:00Z' }
    expect(keyObstacle(removed, at('2026-03-02T08:59:59Z'))).toBeUndefined()
    expect(keyObstacle(removed, at('2026-03-02T09:00:00Z'))).toBe('removed')
  })
})

describe('a scope', () => {
  const from = '2026-01-01T00:00:00Z'
  const covers = (
    scopes: Partial<Scope>[],
    document: { type?: string; to?: string[]; hsCodes?: string[] } = {},
    at = NOW,
  ) => {
    const full = scopes.map((scope) => ({ types: ['origin.ct1'], from, ...scope }))
    const said = { body: { scopes: full } as unknown as Body, begins: '', acceptedAt: '' }
    const body = { versions: [said] }
    const asked = { type: 'origin.ct1', to: ['UZ'], hsCodes: ['8701931000'], ...document }
    return coveringScope(body, asked, at) !== undefined
  }

  it('covers its types, states and period', () => {
    expect(covers([{}])).toBe(true)
    expect(covers([])).toBe(false)
    expect(covers([{}], { type: 'conformity.eaeu' })).toBe(false)
    expect(covers([{ to: ['UZ'] }])).toBe(true)
    expect(covers([{ to: ['UZ'] }], { to: ['UZ', 'KZ'] })).toBe(false)
    expect(covers([{ from: '2026-03-02T09:00:01Z' }])).toBe(false)
    expect(covers([{ until: '2026-03-02T08:59:59Z' }])).toBe(false)
    expect(covers([{ until: '2026-03-02T09:00:00Z' }])).toBe(true)
  })

  it('limited to goods covers a certificate only if it covers all of its goods', () => {
    expect(covers([{ hsPrefixes: ['87'] }])).toBe(true)
    expect(covers([{ hsPrefixes: ['87'] }], { hsCodes: ['8701931000', '0402'] })).toBe(false)
    expect(covers([{ hsPrefixes: ['87', '04'] }], { hsCodes: ['8701931000', '0402'] })).toBe(true)
    expect(covers([{ hsPrefixes: [] }])).toBe(false)
  })

  it('limited to goods does not cover a certificate that names none', () => {
    expect(covers([{ hsPrefixes: ['87'] }], { hsCodes: [] })).toBe(false)
    expect(covers([{}], { hsCodes: [] })).toBe(true)
  })

  it('is one grant: two of them do not add up', () => {
    const two = [
      { to: ['UZ'], hsPrefixes: ['04'] },
      { to: ['KZ'], hsPrefixes: ['87'] },
    ]
    expect(covers(two)).toBe(false)
  })
})

describe('a CRL', () => {
  it('is kept under the key of the CA that signed it', async () => {
    const { root, stateCa, bodies } = BY.pki
    for (const ca of [root, stateCa, bodies[0]!.ca]) {
      const verified = await verifyCrl(ca.crl, BY.list)
      const certificate = parseX509Certificate(ca.certificate)
      if ('malformed' in certificate) throw new Error(certificate.malformed)
      expect(verified).toMatchObject({ ski: skiOf(certificate) })
    }
  })

  it('is refused if no CA of the list signed it, whatever it names as its issuer', async () => {
    const impostor = await listedState('BY')
    expect(await verifyCrl(impostor.pki.stateCa.crl, BY.list)).toHaveProperty('refused')
    expect(await verifyCrl(UZ.pki.stateCa.crl, BY.list)).toHaveProperty('refused')
    const { stateCa } = BY.pki
    const swapped = await issueCrl({
      ca: { certificate: stateCa.certificate, pkcs8: impostor.pki.stateCa.pkcs8 },
      revoked: [],
      number: 9n,
      thisUpdate: NOW,
      nextUpdate: new Date('2026-04-01'),
    })
    expect(await verifyCrl(swapped, BY.list)).toHaveProperty('refused')
    const empty = { ...BY.list, cas: [] }
    expect(await verifyCrl(stateCa.crl, empty)).toHaveProperty('refused')
  })

  it('is refused if it was altered or is none', async () => {
    const { crl } = BY.pki.stateCa
    for (let at = 0; at < crl.length; at += 7) {
      const altered = crl.slice()
      altered[at]! ^= 1
      expect(await verifyCrl(altered, BY.list), `octet ${at}`).toHaveProperty('refused')
    }
    for (const der of [new Uint8Array(), crl.slice(0, -1), Uint8Array.of(...crl, 0)])
      expect(await verifyCrl(der, BY.list)).toHaveProperty('refused')
    expect(encodeBase64(crl)).not.toBe('')
  })
})
