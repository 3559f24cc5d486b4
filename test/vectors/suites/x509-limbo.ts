import { decodePem } from '../../../src/node/pki/pem.ts'
import type { PathCase } from '../adapter.ts'
import { assertCount, type Case, expectVerdict, type Suite } from '../suite.ts'

type Tier = 'T1' | 'T1pos' | 'T2' | 'TD' | 'NA'

interface Parameters {
  readonly cases: number
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

/** x509-limbo: hostile chains and issuance rules. */
export const x509Limbo: Suite = {
  name: 'x509-limbo',
  load({ json }) {
    const parameters = json('suite.json') as Parameters
    const tiers = json('tiers.json') as Readonly<Record<string, Tier>>
    const cases = parameters.files.flatMap(
      (file) => (json(file) as { testcases: readonly TestCase[] }).testcases,
    )
    assertCount('cases', cases.length, parameters.cases)
    for (const [tier, count] of Object.entries(parameters.tiers))
      assertCount(
        `cases of tier ${tier}`,
        cases.filter(({ id }) => tiers[id] === tier).length,
        count,
      )
    return cases.map((c): Case => {
      const tier = tiers[c.id]
      const input: PathCase = {
        leaf: ders([c.peer_certificate])[0]!,
        intermediates: ders(c.untrusted_intermediates),
        anchors: ders(c.trusted_certs),
        crls: ders(c.crls ?? []),
        at: new Date(c.validation_time ?? parameters.at),
        eku: tier === 'NA' ? [] : (c.extended_key_usage ?? []).map(ekuOid),
        ...(c.max_chain_depth !== null && { maxDepth: c.max_chain_depth }),
        issuanceRules: parameters.issuanceRules,
        rsaMinBits: parameters.rsaMinBits,
      }
      return {
        id: c.id,
        call: 'verifyPath',
        input,
        // Cross-signed loops must not merely end, they must end at once.
        ...(tier === 'TD' && { limitMs: 1_000 }),
        ...(tier === 'NA' && { notRun: 'only a TLS host name or a browser rule decides it' }),
        judge: expectVerdict(c.expected_result === 'SUCCESS'),
      }
    })
  },
}

function ders(pems: readonly string[]): Uint8Array[] {
  const blocks = pems.flatMap((pem) => decodePem(pem))
  if (blocks.length !== pems.length) throw new Error('A PEM text does not hold one block')
  return blocks.map(({ der }) => der)
}

function ekuOid(name: string): string {
  const oid = EKU_OIDS.get(name)
  if (!oid) throw new Error(`No purpose ${name}`)
  return oid
}
