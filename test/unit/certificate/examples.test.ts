import { describe, expect, it } from 'vitest'
import { documentTypeNamed } from '../../../src/certificate/document-types.ts'
import { judge } from '../../../src/certificate/judge.ts'
import { ALL_FACTS, EXAMPLES, readExample } from './judging.ts'

describe.each(EXAMPLES)('example %s', (name) => {
  const document = readExample(name) as { type: string }
  const type = documentTypeNamed(document.type)
  if (!type) throw new Error(`No document type ${document.type}`)

  it.each(['issue', 'receive', 'customs'] as const)('breaks no rule at stage %s', (stage) => {
    const judgement = judge(type, type.certificate.parse(document), { ...ALL_FACTS, stage })
    expect(judgement).toEqual({ findings: [], notEvaluated: [] })
  })

  it('is marked as fictional', () => {
    const text = JSON.stringify(document)
    expect(text).toMatch(/вымышлен/)
    for (const [, id] of text.matchAll(/"value":"(\d+)"/g)) expect(id).toMatch(/^999/)
  })
})
