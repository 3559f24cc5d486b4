import { afterAll, describe, expect, it } from 'vitest'
import { decodePem } from '../../src/node/pki/pem.ts'
import { describeVectors } from './vector-suite.ts'
import { expectVerdict } from './verdict.ts'
import { startWorker } from './worker-client.ts'

type Tier = 'T1' | 'T1pos' | 'T2' | 'TD' | 'NA'

interface Parameters {
  readonly tiers: Readonly<Record<Tier, number>>
  readonly files: readonly string[]
  readonly at: string
  readonly issuanceRules: boolean
  readonly rsaMinBits: number
}

interface TestCase {
  readonly id: string
  readonly trusted_certs: readonly string[]
  readonly untrusted_intermediates: readonly string[]
  readonly peer_certificate: string
  readonly validation_time: string | null
  readonly extended_key_usage: readonly string[] | null
  readonly max_chain_depth: number | null
  readonly crls?: readonly string[]
  readonly expected_result: 'SUCCESS' | 'FAILURE'
}

const EKU_OIDS = new Map([
  ['anyExtendedKeyUsage', '2.5.29.37.0'],
  ['serverAuth', '1.3.6.1.5.5.7.3.1'],
  ['clientAuth', '1.3.6.1.5.5.7.3.2'],
  ['codeSigning', '1.3.6.1.5.5.7.3.3'],
  ['emailProtection', '1.3.6.1.5.5.7.3.4'],
  ['timeStamping', '1.3.6.1.5.5.7.3.8'],
  ['OCSPSigning', '1.3.6.1.5.5.7.3.9'],
])

/** Cross-signed loops must not merely end, they must end at once. */
const LIMIT_MS: Readonly<Record<Tier, number>> = {
  T1: 20_000,
  T1pos: 20_000,
  T2: 20_000,
  TD: 1_000,
  NA: 0,
}

describeVectors<Parameters>('x509-limbo', ({ parameters, json }) => {
  const tiers = json('tiers.json') as Readonly<Record<string, Tier>>
  const cases = parameters.files.flatMap(
    (file) => (json(file) as { testcases: readonly TestCase[] }).testcases,
  )
  const worker = startWorker()
  afterAll(() => worker.close())

  it('has every case in its tier', () => {
    expect(cases).toHaveLength(parameters.cases)
    for (const [tier, count] of Object.entries(parameters.tiers))
      expect(
        cases.filter(({ id }) => tiers[id] === tier),
        tier,
      ).toHaveLength(count)
  })

  describe.each(['T1', 'T1pos', 'T2', 'TD', 'NA'] as const)('tier %s', (tier) => {
    // Only a TLS host name or a browser rule decides the cases of tier NA.
    it.skipIf(tier === 'NA').each(cases.filter(({ id }) => tiers[id] === tier))(
      '$id',
      async (c) => {
        const [leaf] = ders([c.peer_certificate])
        const verdict = await worker.call(
          'verifyPath',
          {
            leaf: leaf!,
            intermediates: ders(c.untrusted_intermediates),
            anchors: ders(c.trusted_certs),
            crls: ders(c.crls ?? []),
            at: new Date(c.validation_time ?? parameters.at),
            eku: (c.extended_key_usage ?? []).map(ekuOid),
            ...(c.max_chain_depth !== null && { maxDepth: c.max_chain_depth }),
            issuanceRules: parameters.issuanceRules,
            rsaMinBits: parameters.rsaMinBits,
          },
          LIMIT_MS[tier],
        )
        expectVerdict('x509-limbo', c.id, verdict, c.expected_result === 'SUCCESS')
      },
    )
  })
})

function ders(pems: readonly string[]): Uint8Array[] {
  const blocks = pems.flatMap((pem) => decodePem(pem))
  expect(blocks).toHaveLength(pems.length)
  return blocks.map(({ der }) => der)
}

function ekuOid(name: string): string {
  const oid = EKU_OIDS.get(name)
  if (!oid) throw new Error(`No purpose ${name}`)
  return oid
}
