import { beforeAll, describe, expect, it } from 'vitest'
import { thumbprint } from '../../../src/crypto/suite.ts'
import { encodeBase64 } from '../../../src/encoding/base64url.ts'
import { authenticate } from '../../../src/exchange/validation/authenticate.ts'
import {
  type CertificationAuthority,
  createAuthority,
  createSeal,
  DEFAULT_VALIDITY_DAYS,
} from '../../../src/node/pki/state-pki.ts'
import type { Seal } from '../../../src/jose/sign.ts'
import type { TrustPin } from '../../../src/trust/trust-store.ts'
import { type Trust, trustOf } from '../../../src/trust/trust.ts'
import { type Crl, parseCrl } from '../../../src/x509/crl.ts'
import { createPathCache } from '../../../src/x509/path-cache.ts'
import { forge } from '../../support/hostile.ts'
import { type ListedState, listedState, NOW, sealOfKey } from '../../support/hostile-lists.ts'

/* A state that gives its next root the name of the last one (RFC 4210 §4.4), or another name. */
const days = (n: number) => new Date(NOW.getTime() + n * 86_400_000)
const claimed = days(1)

let BY: ListedState
/** Ends four days after `NOW`. */
let seal: Seal
let next: Record<'of the same name' | 'of another name', CertificationAuthority>

beforeAll(async () => {
  BY = await listedState('BY', ['BY.CCI.001'])
  const issuance = { state: 'BY', now: NOW, sealAlgorithm: 'ES256' } as const
  const root = (commonName: string) =>
    createAuthority(
      'root',
      { country: 'BY', organization: 'Registry of BY', commonName },
      undefined,
      { ...issuance, validity: DEFAULT_VALIDITY_DAYS },
    )
  next = {
    'of the same name': await root('BY Root CA'),
    'of another name': await root('BY Root CA 2'),
  }
  const made = await createSeal(
    { partyId: 'BY.CCI.001', name: 'x', code: '001' },
    BY.pki.bodies[0]!.ca,
    { ...issuance, validity: { ...DEFAULT_VALIDITY_DAYS, leaf: 4 } },
  )
  seal = await sealOfKey(made)
})

/** Trust in a list that has the next root beside the former one, both pinned. */
async function trustIn(
  root: CertificationAuthority,
  former: Partial<TrustPin> = {},
): Promise<Trust> {
  const { list, pki, pin } = BY
  const key = { x5tS256: seal.x5tS256, der: seal.x5c[0]!, body: 'BY.CCI.001' }
  const { from } = list.keys[0]!
  const exchanged = {
    ...list,
    root: encodeBase64(root.certificate),
    cas: [...list.cas, list.root],
    keys: [...list.keys, { ...key, usage: 'seal', from } as const],
  }
  const pins = [
    { ...pin, ...former },
    { ...pin, rootSha256: await thumbprint(root.certificate) },
  ]
  const authorities = [pki.root, root, pki.stateCa, ...pki.bodies.map(({ ca }) => ca)]
  const crls = authorities.map(({ crl }) => parseCrl(crl) as Crl)
  return trustOf({ pins, lists: [exchanged], crls, revision: 1 })
}

const ended = (checks: readonly { code: string }[]) => checks.at(-1)!.code

async function judged(trust: Trust, now: Date): Promise<{ present: string; claimed: string }> {
  const context = {
    trust,
    paths: createPathCache(),
    purpose: 'document-seal',
    at: now,
    now,
  } as const
  const jws = await forge(seal, { payload: {}, header: { iat: claimed.getTime() / 1000 } })
  const found = await authenticate(jws, { ...context, typs: ['product-certificate+jwt'] })
  const before = await found.at!(claimed)
  return { present: ended(found.checks), claimed: ended(before.checks) }
}

describe.each(['of the same name', 'of another name'] as const)(
  'Beside a next root %s',
  (which) => {
    it('what was signed before the former root was withdrawn is judged under it', async () => {
      const trust = await trustIn(next[which], { withdrawnFrom: '2026-03-05T00:00:00Z' })
      expect(await judged(trust, days(2))).toMatchObject({ claimed: 'ok' })
      const found = await judged(trust, days(3))
      expect(found.present).not.toBe('ok')
      expect(found.claimed).toBe('ok')
    })

    it('a seal of the former root that has expired is told to have expired', async () => {
      expect(await judged(await trustIn(next[which]), days(5))).toEqual({
        present: 'expired',
        claimed: 'ok',
      })
    })
  },
)
