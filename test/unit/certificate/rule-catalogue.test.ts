import { describe, expect, it } from 'vitest'
import { DOCUMENT_TYPES } from '../../../src/certificate/document-types.ts'
import { RULE_CATALOGUE } from '../../../src/certificate/rule-catalogue.ts'

/** The rules of rules.md §10 that concern certificates of origin CT-1 and of conformity. */
const RULES_OF_SECTION_10 = [
  'ORI-NUM-FORMAT',
  'ORI-NUM-COUNTRY',
  'ORI-NUM-YEAR',
  'ORI-NUM-BODY',
  'ORI-NUM-UNIQUE',
  'ORI-BOX-REQUIRED',
  'ORI-CTRY-CODE',
  'ORI-CTRY-SAME',
  'ORI-CTRY-ORIGIN',
  'ORI-LAYOUT-RULESET',
  'ORI-CRIT-NOT-IN-1993',
  'ORI-CRIT-FORMAT',
  'ORI-CRIT-HS-MISMATCH',
  'ORI-HS-FORMAT',
  'ORI-HS-KNOWN',
  'ORI-QTY-REQUIRED',
  'ORI-QTY-POSITIVE',
  'ORI-NET-GT-GROSS',
  'ORI-QTY-OVERUSE',
  'ORI-UNIT-CODE',
  'ORI-PKG-CODE',
  'ORI-ITEM-SEQ',
  'ORI-SERIES-1993',
  'ORI-INV-DATE',
  'ORI-DATE-DECL-AFTER-CERT',
  'ORI-DATE-FUTURE',
  'ORI-RETRO-MARK',
  'ORI-REMARK-REF',
  'ORI-REMARK-SELF',
  'ORI-REMARK-DATE',
  'ORI-REMARK-TARGET',
  'ORI-DUP-ELECTRONIC',
  'ORI-VALIDITY-12M',
  'ORI-OFFICIAL',
  'ORI-LATE',
  'ORI-DIRECT',
  'ORI-IDENT',
  'CON-NUM-FORMAT',
  'CON-STATUS-CODE',
  'CON-STATUS-ORDER',
  'CON-HS-REQUIRED',
  'CON-DUP',
  'CON-BATCH',
  'CON-VALIDITY',
  'GEN-HOMOGLYPH',
  'GEN-HASH',
  'GEN-TYPO',
]

const WARNINGS = [
  'ORI-HS-KNOWN',
  'ORI-PKG-CODE',
  'ORI-INV-DATE',
  'ORI-LATE',
  'ORI-DIRECT',
  'ORI-IDENT',
]

describe('rule catalogue', () => {
  it('holds exactly the rules of section 10 for the registered types', () => {
    expect(RULE_CATALOGUE.map(({ id }) => id).sort()).toEqual([...RULES_OF_SECTION_10].sort())
  })

  it('gives each rule the severity of section 10', () => {
    for (const { id, severity } of RULE_CATALOGUE) {
      const expected = id === 'GEN-TYPO' ? 'info' : WARNINGS.includes(id) ? 'warning' : 'error'
      expect(`${id} ${severity.issue}`).toBe(`${id} ${expected}`)
      if (id !== 'ORI-CRIT-HS-MISMATCH') expect(severity.customs).toBe(expected)
    }
  })

  it('says of every rule either how it is judged or who else enforces it', () => {
    for (const { rules } of DOCUMENT_TYPES)
      for (const { id, checks, enforcedBy } of rules)
        expect(`${id} ${checks.length > 0}`).toBe(`${id} ${enforcedBy === undefined}`)
    const elsewhere = RULE_CATALOGUE.filter(({ enforcedBy }) => enforcedBy !== 'judge')
    expect(elsewhere.map(({ id, enforcedBy }) => `${id} ${enforcedBy}`)).toEqual([
      'ORI-NUM-UNIQUE journal',
      'GEN-HASH seal-verification',
      'GEN-TYPO people',
    ])
  })

  it('names the facts that the rules marked with a star need', () => {
    const needs = Object.fromEntries(
      RULE_CATALOGUE.filter((entry) => entry.needs.length > 0).map((entry) => [
        entry.id,
        entry.needs,
      ]),
    )
    expect(needs).toEqual({
      'ORI-BOX-REQUIRED': ['registry'],
      'ORI-HS-KNOWN': ['tariff'],
      'ORI-QTY-REQUIRED': ['registry'],
      'ORI-QTY-OVERUSE': ['usage'],
      'ORI-ITEM-SEQ': ['registry'],
      'ORI-SERIES-1993': ['registry'],
      'ORI-DATE-FUTURE': ['now'],
      'ORI-LATE': ['enteredAt'],
      'ORI-REMARK-TARGET': ['registry'],
      'ORI-OFFICIAL': ['officials'],
      'CON-DUP': ['message'],
      'CON-VALIDITY': ['now', 'state'],
    })
  })

  it('explains each rule in both languages', () => {
    for (const { id, title, explanation, remedy, source } of RULE_CATALOGUE) {
      for (const text of [title, explanation, remedy.issuer, remedy.customs]) {
        expect(text.ru, id).toMatch(/[а-яё]/i)
        expect(text.en, id).toMatch(/[a-z]/i)
      }
      for (const text of [explanation, remedy.issuer, remedy.customs]) {
        expect(text.ru, id).toMatch(/\.$/)
        expect(text.en, id).toMatch(/\.$/)
      }
      expect(source, id).toMatch(/^rules\.md §/)
    }
  })

  it('lists the types of each rule once', () => {
    const homoglyph = RULE_CATALOGUE.find(({ id }) => id === 'GEN-HOMOGLYPH')
    expect(homoglyph?.types).toEqual(['origin.ct1', 'conformity.eaeu', 'conformity.uz'])
  })

  it('has each rule once per type', () => {
    for (const { rules } of DOCUMENT_TYPES)
      expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length)
  })
})
