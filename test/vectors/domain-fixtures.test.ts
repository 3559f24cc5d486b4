import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../src/certificate/default-policy.ts'
import { documentTypeNamed } from '../../src/certificate/document-types.ts'
import { judge } from '../../src/certificate/judge.ts'
import { type BundleEntry, judgeBundle } from '../../src/certificate/origin-ct1/bundle.ts'
import { OriginCt1 } from '../../src/certificate/origin-ct1/schema.ts'
import type { Facts, Finding, Stage } from '../../src/certificate/rule.ts'
import { parseStrictJson } from '../../src/encoding/strict-json.ts'

interface Fixture {
  describe: string
  type: string
  certificate: unknown
  expect?: { rule: string; severity: string }
}

interface Bundle {
  entries: {
    doc: unknown
    state: 'ISSUED' | 'ANNULLED'
    enteredAt: string
    replacedBy?: string
  }[]
}

const FOLDER = new URL('../../../shared/domain/fixtures/', import.meta.url)
const TYPES = ['origin.ct1', 'origin.bundle', 'conformity.eaeu', 'conformity.uz']
const NOW = new Date('2026-09-01T00:00:00Z')

const present = existsSync(FOLDER)

function fixtures(folder: 'valid' | 'invalid'): [name: string, fixture: Fixture][] {
  if (!present) return []
  const url = new URL(`${folder}/`, FOLDER)
  return readdirSync(url)
    .filter((name) => name.endsWith('.json'))
    .map((name): [string, Fixture] => [
      name,
      parseStrictJson(readFileSync(new URL(name, url))) as Fixture,
    ])
    .filter(([, fixture]) => TYPES.includes(fixture.type))
}

function findings({ type, certificate }: Fixture, stage: Stage): Finding[] {
  const facts: Facts = { stage, policy: DEFAULT_POLICY, now: NOW }
  if (type === 'origin.bundle') {
    const entries = (certificate as Bundle).entries.map(
      ({ doc, state, enteredAt, replacedBy }): BundleEntry => ({
        certificate: OriginCt1.parse(doc),
        enteredAt: new Date(enteredAt),
        annulled: state === 'ANNULLED',
        ...(replacedBy !== undefined && { replacedBy }),
      }),
    )
    return judgeBundle(entries, facts).flatMap((judgement) => judgement.findings)
  }
  const known = documentTypeNamed(type)
  if (!known) throw new Error(`No document type ${type}`)
  return [...judge(known, known.certificate.parse(certificate), facts).findings]
}

it('finds the fixtures in continuous integration', () => {
  if (process.env['CI']) expect(present).toBe(true)
  if (!present) return
  expect(fixtures('valid').length).toBeGreaterThanOrEqual(13)
  expect(fixtures('invalid').length).toBeGreaterThanOrEqual(22)
})

describe.skipIf(!present)('domain fixtures', () => {
  describe.each(['issue', 'receive', 'customs'] as const)('at stage %s', (stage) => {
    it.each(fixtures('valid'))('%s breaks no rule', (_name, fixture) => {
      expect(findings(fixture, stage)).toEqual([])
    })
  })

  it.each(fixtures('invalid'))('%s breaks exactly its rule', (_name, fixture) => {
    const found = findings(fixture, 'issue').map(({ rule, severity }) => `${rule} ${severity}`)
    expect([...new Set(found)]).toEqual([`${fixture.expect?.rule} ${fixture.expect?.severity}`])
  })

  it.each(fixtures('invalid'))('%s is named after its rule', (name, fixture) => {
    expect(name).toBe(`${fixture.expect?.rule.toLowerCase()}.json`)
  })
})
