import { beforeAll, expect, it } from 'vitest'
import type { AuthenticDocument } from '../../../src/exchange/validation/authenticate.ts'
import { checkContent } from '../../../src/exchange/validation/certificate-content.ts'
import { formatInstant } from '../../../src/encoding/time.ts'
import { countedList, type ListedVersion } from '../../../src/trust/additions.ts'
import type { TrustList } from '../../../src/trust/trust-list.ts'
import { trustView } from '../../../src/trust/trust-view.ts'
import { claimsFor, freshCertificate } from '../../support/hostile.ts'

/** The code by which the certificate names its body. */
const NAMED = '001'
let payload: Record<string, unknown>
const PASSED = 'ok'
const DIFFERS = 'body-differs'
const hour = (n: number) => new Date(Date.parse('2026-03-02T00:00:00Z') + n * 3_600_000)

beforeAll(async () => {
  const state = { url: 'https://by.example', state: 'BY' } as Parameters<typeof claimsFor>[0]
  payload = claimsFor(state, await freshCertificate())
})

/** A version, issued and accepted at an hour, that gives the body a code; what it changes counts a day later. */
function coded(at: number, code: string): ListedVersion {
  const scopes = [{ types: ['origin.ct1'], from: '2020-01-01T00:00:00Z' }]
  const body = { id: 'BY.CCI.001', code, name: 'Chamber', custody: 'node', scopes }
  const list = { state: 'BY', bodies: [body], keys: [], logs: [], nodes: [] }
  return {
    list: { ...list, issuedAt: formatInstant(hour(at)) } as unknown as TrustList,
    acceptedAt: formatInstant(hour(at)),
    additionsFrom: at === 0 ? undefined : formatInstant(hour(at + 24)),
  }
}

/** What is said, at a node with these versions, of the certificate as of an hour. */
function saidOf(versions: readonly ListedVersion[], at: number, now = at): string {
  const histories = new Map([['BY', countedList(versions)]])
  const body = trustView([versions.at(-1)!.list], histories).body('BY.CCI.001')
  const document = { payload, signer: 'BY.CCI.001', state: 'BY', body }
  return checkContent(document as AuthenticDocument, hour(at), hour(now)).checks.at(-1)!.code
}

it('While the new name of a body waits, nothing is said for good of a certificate by either name', () => {
  const said = (first: string, second: string) =>
    [9, 10, 33, 34].map((at) => saidOf([coded(0, first), coded(10, second)], at))
  const waits = 'scope-pending'
  expect(said(NAMED, '002')).toEqual([PASSED, waits, waits, DIFFERS])
  expect(said('002', NAMED)).toEqual([DIFFERS, waits, waits, PASSED])
})

it('A name that is taken back while it waits never was one, and the one of before is good throughout', () => {
  const right = [coded(0, NAMED), coded(10, '002'), coded(12, NAMED)]
  const wrong = [coded(0, '002'), coded(10, NAMED), coded(12, '002')]
  for (const at of [11, 12, 33, 34, 36]) {
    expect(saidOf(right, at, Math.max(at, 12))).toBe(PASSED)
    expect(saidOf(wrong, at, Math.max(at, 12))).toBe(DIFFERS)
    expect(saidOf(wrong, at, 99)).toBe(DIFFERS)
  }
})
