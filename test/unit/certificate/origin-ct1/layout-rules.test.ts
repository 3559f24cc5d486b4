import { describe } from 'vitest'
import { LAYOUT_RULES } from '../../../../src/certificate/origin-ct1/layout-rules.ts'
import { type Case, dairy, item, testRules, tractors } from './cases.ts'

const BREAKING: Case[] = [
  [
    'ORI-LAYOUT-RULESET',
    'rules of 2009 on the form of 1993',
    tractors,
    (c) => void (c.ruleSet = 'CIS-2009'),
  ],
  [
    'ORI-LAYOUT-RULESET',
    'rules of 1993 on the form of 2009',
    dairy,
    (c) => void (c.ruleSet = 'CIS-1993'),
  ],
  [
    'ORI-LAYOUT-RULESET',
    'sheets on the form of 1993',
    tractors,
    (c) => void (c.continuation = { sheets: 1 }),
  ],
  [
    'ORI-LAYOUT-RULESET',
    'the form of 1993 for Turkmenistan',
    tractors,
    (c) => {
      c.forPresentationIn = 'TM'
      c.number = 'BYTM6001000301'
    },
  ],
  [
    'ORI-CRIT-NOT-IN-1993',
    'a criterion on the form of 1993',
    tractors,
    (c) => void (item(c).criterion = 'П'),
  ],
]

const KEEPING: Case[] = [
  ['ORI-LAYOUT-RULESET', 'rules of 2000', dairy, (c) => void (c.ruleSet = 'CIS-2000')],
  [
    'ORI-LAYOUT-RULESET',
    'rules of 1993 on the form of 2009 for Turkmenistan',
    dairy,
    (c) => {
      c.ruleSet = 'CIS-1993'
      c.forPresentationIn = 'TM'
      c.number = 'BYTM6001000302'
    },
  ],
  [
    'ORI-LAYOUT-RULESET',
    'sheets on the form of 2009',
    dairy,
    (c) => void (c.continuation = { sheets: 2 }),
  ],
  ['ORI-CRIT-NOT-IN-1993', 'no criterion', tractors, () => {}],
]

describe('layout rules of CT-1', () => {
  testRules(LAYOUT_RULES, BREAKING, KEEPING)
})
