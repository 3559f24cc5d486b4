import { expect, it } from 'vitest'
import { auditShownLists } from '../../../src/exchange/audit/audit-shown-trust.ts'
import { statementDigests } from '../../../src/jose/statement.ts'
import { TrustList } from '../../../src/trust/trust-list.ts'
import { digest } from '../../support/hostile.ts'
import { listedState, signedList } from '../../support/hostile-lists.ts'
import { twinOf } from '../../support/twin.ts'

it('a list in the other form of its ECDSA signature is the same list', async () => {
  const { pki, list } = await listedState('BY', ['BY.CCI.001'])
  const first = await signedList(list, pki.trustListSigner)
  const second = { ...list, version: 2, previous: digest(first) }
  const jws = await signedList(second, pki.trustListSigner)
  const found = async (shown: readonly string[]) => {
    const findings: string[] = []
    const leaves = [first, jws].map((one) => ({ kind: 'trust-list', sha256: digest(one) }))
    await auditShownLists(
      { trustList: async (version = 2) => shown[version - 1] } as Log,
      TrustList.parse(second),
      { leaves } as unknown as Parameters<typeof auditShownLists>[2],
      (code, where) => findings.push(`${code} ${where}`),
    )
    return findings
  }
  expect(await found([first, jws])).toEqual([])
  const other = twinOf(first)
  expect(statementDigests(other)).toContain(digest(first))
  expect(await found([other, jws])).toEqual([])
  const stranger = await signedList(
    { ...list, nextUpdate: '2026-06-02T00:00:00Z' },
    pki.trustListSigner,
  )
  expect(await found([stranger, jws])).toEqual([
    'document-differs trust list 1',
    'record-differs trust list 2',
  ])
})

type Log = Parameters<typeof auditShownLists>[0]
