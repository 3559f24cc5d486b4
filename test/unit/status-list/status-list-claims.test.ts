import { describe, expect, it } from 'vitest'
import { StatusListClaims } from '../../../src/status-list/claims.ts'

const claims = {
  sub: 'https://node.example/status/1',
  iat: 1_770_000_000,
  exp: 1_770_100_000,
  ttl: 300,
  status_list: { bits: 2, lst: 'eNpjAAAAAQAB' },
}

describe('the claims of a status list', () => {
  it('are read', () => {
    expect(StatusListClaims.safeParse(claims).success).toBe(true)
  })

  it.each([
    ['an end that no date can hold', { exp: Number.MAX_SAFE_INTEGER }],
    ['a ttl of more than a day', { ttl: 86_401 }],
    ['a ttl of nothing', { ttl: 0 }],
    ['no end', { exp: undefined }],
    ['a member of their own', { more: 1 }],
    ['one bit a status', { status_list: { bits: 1, lst: 'eNpjAAAAAQAB' } }],
  ])('are refused with %s', (_, other) => {
    expect(StatusListClaims.safeParse({ ...claims, ...other }).success).toBe(false)
  })
})
