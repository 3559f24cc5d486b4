import { describe, expect, it } from 'vitest'
import {
  findReason,
  REASON_CATALOGUE,
  subIndicationsOf,
} from '../../../src/exchange/validation/reason-catalogue.ts'
import { reasonIndexPage, reasonPage } from '../../../src/http/pages/reason-page.ts'
import { Report } from '../../../src/http/validation-schemas.ts'

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;')

describe('the pages of reason codes', () => {
  const index = reasonIndexPage()

  it.each(REASON_CATALOGUE.map(({ code }) => code))(
    'tell of %s what was found, what it means and what to do, in both languages',
    (code) => {
      const reason = findReason(code)!
      const page = reasonPage(reason)
      for (const { ru, en } of [reason.text, reason.meaning, reason.action])
        for (const text of [ru, en]) expect(page).toContain(escaped(text))
      for (const subIndication of subIndicationsOf(reason)) expect(page).toContain(subIndication)
      expect(index).toContain(`href="reasons/${code}"`)
      expect(page).not.toMatch(/<script|<link|<img|url\(|undefined/)
    },
  )

  it('tell where the signature is not in question, and where proof of time decides', () => {
    expect(reasonPage(findReason('annulled')!)).toContain('the signature is not in question')
    expect(reasonPage(findReason('revoked')!)).toMatch(
      /TOTAL-FAILED<\/code> \/ <code>REVOKED<.*REVOKED_NO_POE<.*REVOKED_CA_NO_POE<.*by proof of time/s,
    )
  })

  it('have every code that the contract of reports names, and no other', () => {
    const { reasons } = Report.shape
    expect([...reasons.element.options].toSorted()).toEqual(
      REASON_CATALOGUE.map(({ code }) => code).toSorted(),
    )
  })
})
