import { describe, expect, it } from 'vitest'
import { RULE_CATALOGUE } from '../../../src/certificate/rule-catalogue.ts'
import { findRule, ruleIndexPage, rulePage } from '../../../src/http/pages/rule-page.ts'

const CYRILLIC = /[а-яё]/i
const escaped = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

describe('the rule catalogue', () => {
  it('holds the rules of every type', () => {
    expect(RULE_CATALOGUE.length).toBeGreaterThan(40)
  })

  it.each(RULE_CATALOGUE.map(({ id }) => id))('%s is told in both languages, on a page', (id) => {
    const rule = findRule(id)!
    const texts = [rule.title, rule.explanation, rule.remedy.issuer, rule.remedy.customs]
    const page = rulePage(rule)
    for (const { ru, en } of texts) {
      expect(ru).toMatch(CYRILLIC)
      // Codes and quoted forms may be Cyrillic in an English sentence, the sentence itself is not.
      expect(en).toMatch(/^[A-Za-z0-9“"(]/)
      expect(en.replace(/[“«"‘][^”»"’]*[”»"’]|\([^)]*\)/g, '')).toMatch(/[a-z]{2}/)
      for (const text of [ru, en]) {
        expect(text.trim()).toBe(text)
        expect(page).toContain(escaped(text))
      }
    }
    expect(rule.source).not.toBe('')
    expect(ruleIndexPage()).toContain(`href="rules/${id}"`)
    expect(page).not.toMatch(/<script|<link|<img|url\(|undefined/)
  })
})
