import * as z from 'zod'
import { decodePem } from '../../../src/node/pki/pem.ts'
import type { PathCase } from '../adapter.ts'
import {
  assertCount,
  attempt,
  type Case,
  caseOf,
  Count,
  expectVerdict,
  Instant,
  parameters,
  readEach,
  readJson,
  type Suite,
  unreadableCases,
  valuesOf,
  type VectorFolder,
} from '../suite.ts'
import { PATH_PARAMETERS } from './path-parameters.ts'

const TIERS = ['T1', 'T1pos', 'T2', 'TD', 'NA'] as const
const Tier = z.enum(TIERS)
type Tier = z.infer<typeof Tier>

const Parameters = parameters('x509-limbo', {
  tiers: z.partialRecord(Tier, Count),
  files: z.array(z.string()),
  ...PATH_PARAMETERS,
})

const TestCase = z.object({
  id: z.string(),
  trusted_certs: z.array(z.string()),
  untrusted_intermediates: z.array(z.string()),
  peer_certificate: z.string(),
  /** Null: at the instant of `suite.json`. */
  validation_time: Instant.nullish(),
  /** Null: no demand. */
  extended_key_usage: z.array(z.string()).nullish(),
  max_chain_depth: z.int().min(0).nullish(),
  crls: z.array(z.string()).nullish(),
  expected_result: z.enum(['SUCCESS', 'FAILURE']),
})
type TestCase = z.infer<typeof TestCase>

const Bundle = z.object({ testcases: z.array(z.unknown()) })

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
  load(folder) {
    const parameters = readJson(folder, 'suite.json', Parameters)
    const bundles = parameters.files.map((file) =>
      attempt(file, () => readJson(folder, file, Bundle)),
    )
    const lost = unreadableCases(bundles)
    const list = valuesOf(bundles).flatMap(({ value }) => value.testcases)
    const cases = readEach(list, TestCase, (member) => member['id'])
    const tierOf = tiersOf(folder, cases)
    if (lost.length === 0) {
      assertCount('cases', cases.length, parameters.cases)
      for (const tier of TIERS) {
        const found = cases.filter(({ id }) => tierOf(id) === tier).length
        assertCount(`cases of tier ${tier}`, found, parameters.tiers[tier] ?? 0)
      }
    }
    return [
      ...lost,
      ...cases.map((read) => caseOf(read, (c) => pathCase(c, tierOf(c.id), parameters))),
    ]
  },
}

function pathCase(
  c: TestCase,
  tier: Tier | undefined,
  parameters: z.infer<typeof Parameters>,
): Omit<Case, 'id'> {
  return {
    call: 'verifyPath',
    input: () => inputOf(c, parameters),
    // Cross-signed loops must not merely end, they must end at once.
    ...(tier === 'TD' && { limitMs: 1_000 }),
    ...(tier === 'NA' && { notRun: 'only a TLS host name or a browser rule decides it' }),
    judge: expectVerdict(c.expected_result === 'SUCCESS'),
  }
}

function tiersOf(folder: VectorFolder, cases: readonly { readonly id: string }[]) {
  const tiers = new Map(Object.entries(readJson(folder, 'tiers.json', z.record(z.string(), Tier))))
  for (const { id } of cases) if (!tiers.has(id)) throw new Error(`tiers.json gives ${id} no tier`)
  return (id: string) => tiers.get(id)
}

function inputOf(c: TestCase, parameters: z.infer<typeof Parameters>): PathCase {
  const maxDepth = c.max_chain_depth ?? parameters.maxDepth
  return {
    leaf: ders([c.peer_certificate])[0]!,
    intermediates: ders(c.untrusted_intermediates),
    anchors: ders(c.trusted_certs),
    crls: parameters.revocation ? ders(c.crls ?? []) : [],
    at: new Date(c.validation_time ?? parameters.at),
    eku: c.extended_key_usage?.map(ekuOid) ?? parameters.eku,
    ...(maxDepth !== undefined && { maxDepth }),
    issuanceRules: parameters.issuanceRules,
    rsaMinBits: parameters.rsaMinBits,
  }
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
