import { COUNTRIES } from './countries.ts'
import type { Policy } from './policy.ts'

/** The settings between Belarus and Uzbekistan until the parties agree others (rules.md §10, §12, §14). */
export const DEFAULT_POLICY: Policy = {
  countries: [...COUNTRIES],
  cisCountries: ['BY', 'UZ', 'RU', 'KZ', 'KG', 'TJ', 'TM', 'AM', 'AZ', 'MD'],
  zones: { BY: '+03:00', UZ: '+05:00' },
  numberFormats: [
    { issuer: 'BY', type: 'origin.ct1', pattern: ct1Number(), on: 'as-written' },
    { issuer: 'UZ', type: 'origin.ct1', pattern: ct1Number(), on: 'as-written' },
    {
      issuer: 'BY',
      type: 'conformity.eaeu',
      kind: 'CERTIFICATE',
      pattern: belarusConformityNumber('02'),
      on: 'folded',
    },
    {
      issuer: 'BY',
      type: 'conformity.eaeu',
      kind: 'DECLARATION',
      pattern: belarusConformityNumber('11'),
      on: 'folded',
    },
    // The Uzbek format is unknown (rules.md §14): any number that is not blank.
    { issuer: 'UZ', type: 'conformity.uz', pattern: '^.+$', on: 'folded' },
  ],
  // The table of ORI-LAYOUT-RULESET, all of it open, CIS-1993 first as the default (D1). An end date on
  // a record switches it off for everyone, an ended record with `partner` for that state alone. The
  // day of the Rules of 2000 is unconfirmed.
  originForms: [
    { ruleSet: 'CIS-1993', layout: 'CT1-1993', from: '1993-09-24' },
    {
      ruleSet: 'CIS-1993',
      layout: 'CT1-1993',
      partner: 'TM',
      from: '1993-09-24',
      until: '2009-11-19',
    },
    { ruleSet: 'CIS-1993', layout: 'CT1-2009', partner: 'TM', from: '2009-11-20' },
    { ruleSet: 'CIS-2000', layout: 'CT1-2009', from: '2000-11-30' },
    { ruleSet: 'CIS-2009', layout: 'CT1-2009', from: '2009-11-20' },
  ],
  units: ['H87', 'KGM', 'TNE', 'MTR', 'MTK', 'MTQ', 'LTR', 'NPR', 'KWH', 'MIL'],
  packages: [
    ...['NE', 'CT', 'BX', 'BG', 'PX', 'DR', 'RO', 'CR', 'PK'].map((code) => ({
      code,
      bulk: false,
    })),
    { code: 'VO', bulk: true },
    { code: 'VL', bulk: true },
  ],
  deliveryLimitPercent: 105,
  trustAdditionDelayHours: 24,
  trustListGraceHours: 72,
  securityHold: 'hold',
  nationalSignatureOf: [],
  statusCodes: {
    'conformity.eaeu': {
      '01': ['ACTIVE'],
      '02': ['SUSPENDED'],
      '03': ['TERMINATED'],
      '04': ['EXTENDED'],
      '05': ['RESUMED'],
      '09': ['ARCHIVED'],
    },
    'conformity.uz': {
      ACTIVE: ['ACTIVE', 'RESUMED', 'EXTENDED'],
      SUSPENDED: ['SUSPENDED'],
      CANCELLED: ['TERMINATED', 'ARCHIVED'],
      EXPIRED: ['EXPIRED', 'ARCHIVED'],
    },
  },
}

/** Issuer, destination, year digit, body, serial: the pattern of O14 used by analogy (D12). */
function ct1Number(): string {
  return '^(?<issuer>[A-Z]{2})(?<destination>[A-Z]{2})(?<year>\\d)(?<body>\\d{3})(?<serial>\\d{6})$'
}

/** Country, kind, regulation, body, serial (rules.md §14); 02.01 certificate, 11.01 declaration. */
function belarusConformityNumber(kind: '02' | '11'): string {
  return `^ЕАЭС (?<issuer>BY)/112 ${kind}\\.01\\. ТР\\d{3} (?<body>\\d{3}\\.\\d{2}) (?<serial>\\d{5})$`
}
