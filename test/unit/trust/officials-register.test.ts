import { describe, expect, it } from 'vitest'
import { judgeOfficials, type OfficialsStore } from '../../../src/exchange/keep-trust/officials.ts'
import {
  droppedOfficial,
  entitlementsOf,
  OfficialsRegister,
} from '../../../src/trust/officials-register.ts'
import { trustOf } from '../../../src/trust/trust.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { signJws } from '../../../src/jose/sign.ts'
import { digest } from '../../support/hostile.ts'
import { listedState, NOW, sealOfKey } from '../../support/hostile-lists.ts'
import { twinOf } from '../../support/twin.ts'

const anna = {
  id: 'A-1',
  body: 'BY.CCI.001',
  name: { cyrillic: 'Анна', latin: 'Anna' },
  position: 'Эксперт',
  from: '2025-01-01',
}
const boris = { ...anna, id: 'B-2', until: '2026-06-30' }
const register: OfficialsRegister = {
  schema: 'officials-register/1',
  state: 'BY',
  version: 1,
  previous: null,
  issuedAt: '2026-03-01T00:00:00Z',
  officials: [anna, boris],
  deputies: [],
}

describe('who may sign', () => {
  it('is found by the id, however it is written', () => {
    const own = [{ body: 'BY.CCI.001', from: '2025-01-01' }]
    expect(entitlementsOf(register, 'A-1')).toEqual(own)
    expect(entitlementsOf(register, ' a 1')).toEqual(own)
    expect(entitlementsOf(register, 'C-3')).toEqual([])
  })

  it('stays bounded: one id stands there no more than twenty times', () => {
    const deputy = {
      for: 'A-1',
      deputy: 'C-3',
      from: '2026-06-01',
      until: '2026-08-01',
      basis: 'x',
    }
    const many = <T>(n: number, one: T) => Array.from({ length: n }, () => one)
    const parsed = (change: Partial<OfficialsRegister>) =>
      OfficialsRegister.safeParse({ ...register, ...change }).success
    expect(parsed({ officials: many(20, anna), deputies: many(20, deputy) })).toBe(true)
    expect(parsed({ officials: many(21, anna) })).toBe(false)
    expect(parsed({ deputies: many(21, { ...deputy, deputy: 'c 3' }) })).toBe(false)
  })

  it('as a deputy only while both the deputy and the official may', () => {
    const deputies = [
      { for: 'B-2', deputy: 'C-3', from: '2026-06-01', until: '2026-08-01', basis: 'Приказ' },
      { for: 'B-2', deputy: 'D-4', from: '2026-07-01', until: '2026-08-01', basis: 'Приказ' },
    ]
    expect(entitlementsOf({ ...register, deputies }, 'C-3')).toEqual([
      { body: 'BY.CCI.001', from: '2026-06-01', until: '2026-06-30', deputyFor: 'B-2' },
    ])
    expect(entitlementsOf({ ...register, deputies }, 'D-4')).toEqual([])
  })

  it('ends on the day before a removal', () => {
    const officials = [{ ...anna, removedAt: '2026-02-10T08:00:00Z' }]
    expect(entitlementsOf({ ...register, officials }, 'A-1')).toMatchObject([
      { until: '2026-02-09' },
    ])
  })

  it('is never dropped from a later version, nor put back after removal', () => {
    const removed = { ...anna, removedAt: '2026-02-10T08:00:00Z' }
    expect(droppedOfficial(register, { ...register, officials: [boris] })).toMatch(/A-1 is missing/)
    const before = { ...register, officials: [removed, boris] }
    expect(droppedOfficial(before, register)).toMatch(/removal of official A-1/)
    expect(droppedOfficial(register, before)).toBeUndefined()
  })

  it('is never another person under the same entry', () => {
    for (const name of [
      { ...anna.name, latin: 'Vera' },
      { ...anna.name, cyrillic: 'Вера' },
    ])
      expect(
        droppedOfficial(register, { ...register, officials: [{ ...anna, name }, boris] }),
      ).toMatch(/A-1 became another person/)
  })
})

describe('a register', () => {
  const nothing: OfficialsStore = { newest: async () => undefined, versions: async () => [] }

  it('is refused with its reason, and accepted from the list signer of its state alone', async () => {
    const [BY, UZ] = [await listedState('BY'), await listedState('UZ')]
    const trust = {
      ...(await trustOf({
        pins: [BY.pin, UZ.pin],
        lists: [BY.list, UZ.list],
        crls: [],
        revision: 1,
      })),
      crls: BY.crls,
    }
    const sign = async (
      payload: object,
      key = BY.pki.trustListSigner,
      typ = 'officials-register+jwt',
    ) =>
      signJws({
        typ: typ as 'officials-register+jwt',
        payload,
        seal: await sealOfKey(key),
        signedAt: NOW,
      })
    const judge = async (jws: string, store = nothing) => {
      const result = await judgeOfficials(jws, store, { trust, paths: createPathCache(), now: NOW })
      return 'refused' in result ? result.refused : `version ${result.version}`
    }
    const first = await sign(register)
    expect(await judge(first)).toBe('version 1')
    expect(await judge('x')).toBe('malformed')
    expect(await judge(await sign({ ...register, more: 1 }))).toBe('malformed')
    expect(await judge(await sign(register, BY.pki.trustListSigner, 'trust-list+jwt'))).toBe(
      'malformed',
    )
    expect(await judge(await sign(register, BY.pki.registrySeal))).toBe('signer-not-valid')
    expect(await judge(await sign({ ...register, state: 'UZ', officials: [] }))).toBe(
      'state-differs',
    )
    const stolen = [{ ...anna, body: 'UZ.CCI.001' }]
    expect(await judge(await sign({ ...register, officials: stolen }))).toBe('state-differs')
    expect(await judge(await sign({ ...register, issuedAt: '2026-12-01T00:00:00Z' }))).toBe(
      'issued-in-future',
    )
    const [head, , signature] = first.split('.')
    const other = (await sign({ ...register, officials: [] })).split('.')[1]
    expect(await judge(`${head}.${other}.${signature}`)).toBe('signature-invalid')

    const held = { version: 1, sha256: digest(first), jws: first }
    const holding: OfficialsStore = { newest: async () => held, versions: async () => [held] }
    const next = { ...register, version: 2, previous: held.sha256 }
    expect(await judge(await sign(next), holding)).toBe('version 2')
    expect(await judge(first, holding)).toBe('rollback')
    expect(await judge(await sign({ ...next, version: 3 }), holding)).toBe('gap')
    expect(await judge(await sign({ ...next, previous: null }), holding)).toBe('fork')
    expect(await judge(await sign({ ...register, officials: [] }), holding)).toBe('fork')
    expect(await judge(await sign({ ...next, officials: [] }), holding)).toBe('entries-dropped')
    // The removed entry is there, and beside it the same as if it had never been removed.
    const removed = { ...anna, removedAt: '2026-03-01T08:00:00Z' }
    for (const back of [anna, { ...anna, id: 'a 1' }]) {
      const officials = [removed, back, boris]
      expect(await judge(await sign({ ...next, officials }), holding)).toBe('malformed')
    }
    const later = [removed, { ...anna, from: '2026-03-02' }, boris]
    expect(await judge(await sign({ ...next, officials: later }), holding)).toBe('version 2')
    expect(await judge(await sign({ ...next, issuedAt: '2026-02-28T23:59:59Z' }), holding)).toBe(
      'issued-before-previous',
    )
    const served = { version: 1, sha256: digest(twinOf(first)), jws: twinOf(first) }
    const twin: OfficialsStore = { newest: async () => served, versions: async () => [served] }
    expect(await judge(await sign(next), twin)).toBe('version 2')
    expect(await judge(first, twin)).toBe('rollback')
    // Who met the state later has nothing to compare with.
    expect(await judge(await sign({ ...next, version: 7 }))).toBe('version 7')
  })
})
