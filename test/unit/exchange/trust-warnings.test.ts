import { beforeAll, expect, it } from 'vitest'
import { warningsOfTrust } from '../../../src/exchange/warnings/of-trust.ts'
import { type ListedState, listedState, NOW } from '../../support/hostile-lists.ts'

let BY: ListedState
beforeAll(async () => {
  BY = await listedState('BY', ['BY.CCI.001'])
})

/** How many CRLs of BY are said to be missing so many minutes after its list was issued, none being here. */
const missing = (own: string, minutes: number) =>
  warningsOfTrust(own, [BY.list], [], undefined, new Date(NOW.getTime() + minutes * 60_000)).filter(
    ({ kind }) => kind === 'crl-missing',
  ).length

it('waits a few minutes for the CRLs of a list that a peer has just issued, and no longer', () => {
  expect([missing('UZ', 0), missing('UZ', 4)]).toEqual([0, 0])
  expect(missing('UZ', 5)).toBe(BY.list.cas.length + 1)
})

it('tells at once that a CRL of the own list is missing', () => {
  expect(missing('BY', 0)).toBe(BY.list.cas.length + 1)
})
