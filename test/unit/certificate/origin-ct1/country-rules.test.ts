import { describe } from 'vitest'
import { COUNTRY_RULES } from '../../../../src/certificate/origin-ct1/country-rules.ts'
import { ALL_FACTS } from '../judging.ts'
import { type Case, former, replacing, testRules, tractors } from './cases.ts'

const BREAKING: Case[] = [
  [
    'ORI-CTRY-CODE',
    'an unknown transit country that is configured as CIS',
    tractors,
    (c) => void (c.transitCountries = ['ZZ']),
    { policy: { ...ALL_FACTS.policy, cisCountries: ['ZZ'] } },
  ],
  [
    'ORI-CTRY-CODE',
    'an unknown consignee country',
    tractors,
    (c) => void (c.consignee.country = 'XX'),
  ],
  [
    'ORI-CTRY-SAME',
    'issued for its own country',
    tractors,
    (c) => {
      c.forPresentationIn = 'BY'
      c.number = 'BYBY6001000301'
    },
  ],
  [
    'ORI-CTRY-ORIGIN',
    'origin elsewhere',
    tractors,
    (c) => void (c.applicantDeclaration.originCountry = 'RU'),
  ],
  [
    'ORI-DIRECT',
    'transit through Georgia',
    tractors,
    (c) => void (c.transitCountries = ['RU', 'GE']),
  ],
]

const KEEPING: Case[] = [
  ['ORI-CTRY-CODE', 'a known country', tractors, (c) => void (c.consignee.country = 'TR')],
  ['ORI-CTRY-SAME', 'another country', tractors, () => {}],
  [
    'ORI-CTRY-ORIGIN',
    'origin elsewhere on the basis of its certificate',
    tractors,
    (c) => {
      c.applicantDeclaration.originCountry = 'UZ'
      replacing(c)
      const [remark] = c.remarks
      if (remark) remark.kind = 'ISSUED_ON_BASIS_OF'
    },
    former(),
  ],
  [
    'ORI-CTRY-ORIGIN',
    'made before 1993',
    tractors,
    (c) => {
      c.applicantDeclaration.originCountry = 'RU'
      c.remarks = [{ kind: 'MADE_BEFORE_1993', text: 'Товар изготовлен в 1989 г.' }]
    },
  ],
  [
    'ORI-DIRECT',
    'transit inside the list',
    tractors,
    (c) => void (c.transitCountries = ['RU', 'KZ', 'TM']),
  ],
]

describe('country rules of CT-1', () => {
  testRules(COUNTRY_RULES, BREAKING, KEEPING)
})
