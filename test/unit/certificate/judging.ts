import { readFileSync } from 'node:fs'
import { type CertificateId, certificateKey } from '../../../src/certificate/certificate-id.ts'
import { CONFORMITY_EAEU } from '../../../src/certificate/conformity/eaeu.ts'
import type { ConformityDoc } from '../../../src/certificate/conformity/schema.ts'
import { CONFORMITY_UZ } from '../../../src/certificate/conformity/uz.ts'
import { DEFAULT_POLICY } from '../../../src/certificate/default-policy.ts'
import { judge, type Judgement } from '../../../src/certificate/judge.ts'
import { ORIGIN_CT1 } from '../../../src/certificate/origin-ct1/origin-ct1.ts'
import type { OriginCt1 } from '../../../src/certificate/origin-ct1/schema.ts'
import type { Facts, RegisteredCertificate, RegistryView } from '../../../src/certificate/rule.ts'
import { parseStrictJson } from '../../../src/encoding/strict-json.ts'

export const EXAMPLES = [
  'origin-ct1-tractors',
  'origin-ct1-2009-dairy',
  'origin-ct1-uz-dried-fruit',
  'conformity-eaeu-certificate',
  'conformity-eaeu-declaration',
  'conformity-uz-certificate',
] as const
export type ExampleName = (typeof EXAMPLES)[number]

export function readExample(name: ExampleName): unknown {
  const url = new URL(`../../../openapi/examples/${name}.json`, import.meta.url)
  return parseStrictJson(readFileSync(url))
}

export function ct1(name: Extract<ExampleName, `origin-ct1-${string}`>): OriginCt1 {
  return ORIGIN_CT1.certificate.parse(readExample(name))
}

export function conformity(name: Extract<ExampleName, `conformity-${string}`>): ConformityDoc {
  const type = name.startsWith('conformity-uz') ? CONFORMITY_UZ : CONFORMITY_EAEU
  return type.certificate.parse(readExample(name))
}

/** A copy with something changed in place. */
export function changed<C>(certificate: C, change: (copy: C) => void): C {
  const copy = structuredClone(certificate)
  change(copy)
  return copy
}

export function registryOf(
  entries: readonly (readonly [CertificateId | undefined, RegisteredCertificate])[],
): RegistryView {
  const known = new Map(entries.map(([id, entry]) => [id && certificateKey(id), entry]))
  return { find: (id) => known.get(certificateKey(id)) }
}

/** Everything known, and nothing wrong: a rule that speaks does so because of the certificate. */
export const ALL_FACTS: Facts = {
  stage: 'issue',
  policy: DEFAULT_POLICY,
  now: new Date('2026-09-01T00:00:00Z'),
  enteredAt: new Date('2026-03-02T12:00:00Z'),
  registry: registryOf([]),
  tariff: new Set([
    '8701931000',
    '8421230000',
    '0406908600',
    '0404100200',
    '0813200000',
    '0806201000',
  ]),
  officials: {
    find: (state) =>
      state === 'BY' || state === 'UZ' ? [{ body: '001', from: '2026-01-01' }] : [],
  },
  usage: [],
  state: { status: 'active', since: '2026-03-02' },
  message: [],
}

export function judgeCt1(certificate: OriginCt1, facts: Partial<Facts> = {}): Judgement {
  // A breaking case is still a certificate of this schema: the rule speaks, not the schema.
  return judge(ORIGIN_CT1, ORIGIN_CT1.certificate.parse(certificate), { ...ALL_FACTS, ...facts })
}

export function judgeConformity(certificate: ConformityDoc, facts: Partial<Facts> = {}): Judgement {
  const type = certificate.type === 'conformity.uz' ? CONFORMITY_UZ : CONFORMITY_EAEU
  return judge(type, type.certificate.parse(certificate), { ...ALL_FACTS, ...facts })
}

export function rulesIn({ findings }: Judgement): string[] {
  return [...new Set(findings.map(({ rule }) => rule))]
}
