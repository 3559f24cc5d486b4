import { describe } from 'vitest'
import { CRITERION_RULES } from '../../../../src/certificate/origin-ct1/criterion-rules.ts'
import { type Case, dairy, item, testRules } from './cases.ts'

const BREAKING: Case[] = [
  ['ORI-CRIT-FORMAT', 'no criterion', dairy, (c) => void delete item(c).criterion],
  ['ORI-CRIT-FORMAT', 'a Latin K', dairy, (c) => void (item(c).criterion = 'K')],
  ['ORI-CRIT-FORMAT', 'three digits', dairy, (c) => void (item(c).criterion = 'Д040')],
  ['ORI-CRIT-FORMAT', 'a dash without remark', dairy, (c) => void (item(c).criterion = '-')],
  ['ORI-CRIT-HS-MISMATCH', 'another heading', dairy, (c) => void (item(c).criterion = 'Д0405')],
]

const KEEPING: Case[] = [
  ['ORI-CRIT-FORMAT', 'cumulation in Cyrillic', dairy, (c) => void (item(c).criterion = 'К')],
  [
    'ORI-CRIT-FORMAT',
    'a dash for goods made before 1993',
    dairy,
    (c) => {
      c.remarks = [{ kind: 'MADE_BEFORE_1993', text: 'Товар изготовлен в 1989 г.' }]
      item(c).criterion = '-'
    },
  ],
  ['ORI-CRIT-HS-MISMATCH', 'the same heading', dairy, (c) => void (item(c).criterion = 'Д0406')],
]

describe('criterion rules of CT-1', () => {
  testRules(CRITERION_RULES, BREAKING, KEEPING)
})
