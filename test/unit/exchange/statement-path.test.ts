import { expect, it } from 'vitest'
import { isPathTooLong } from '../../../src/exchange/second-signatures/second-signature.ts'
import { judgeAttestation } from '../../../src/exchange/incoming/second-signature.ts'

const path = (octets: number) => ['A'.repeat((octets / 4) * 2), 'A'.repeat((octets / 3) * 4)]

it('a path of more than 16 KiB is too long beside a certificate', () => {
  expect(isPathTooLong({ x5c: [Buffer.alloc(16_383).toString('base64')] })).toBe(false)
  expect(isPathTooLong({ x5c: [Buffer.alloc(16_386).toString('base64')] })).toBe(true)
  expect(isPathTooLong({ x5c: path(12_000) })).toBe(true)
})

it('an attestation with such a path is refused before anything is looked up', async () => {
  const now = new Date('2026-03-02T09:00:00Z')
  const target = 'A'.repeat(43)
  const document = {
    typ: 'attestation+jwt',
    payload: {
      schema: 'attestation/1',
      iss: 'BY.NCES',
      aud: ['UZ'],
      target,
      original: target,
      indication: 'TOTAL-PASSED',
      at: '2026-03-02T08:00:00Z',
      service: 'Служба',
    },
    iat: now.getTime() / 1000,
    state: 'BY',
    signer: 'BY.NCES',
    body: undefined,
    x5tS256: target,
    x5c: path(60_000),
  }
  const incoming = { sha256: target, sender: 'BY', seq: 1, jws: '', arrivedAt: '' }
  const nothing = {} as Parameters<typeof judgeAttestation>[2]
  expect(await judgeAttestation(incoming, document, nothing, now)).toMatchObject({
    outcome: 'refused',
    findings: ['PATH-TOO-LONG'],
  })
})
