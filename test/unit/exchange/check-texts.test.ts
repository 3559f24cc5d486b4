import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Text } from '../../../src/certificate/wording.ts'
import { PATH_TEXTS } from '../../../src/exchange/texts/check-texts-path.ts'
import {
  CHECK_TITLES,
  CODE_TEXTS,
  PASSED_TEXTS,
  sentenceOf,
} from '../../../src/exchange/texts/check-texts.ts'
import { CHECKS, passed } from '../../../src/exchange/validation/check.ts'
import { PATH_RULES, UNKNOWN_RULES } from '../../../src/x509/path-result.ts'

const src = resolve(import.meta.dirname, '../../../src')

function sourceOf(folder: string): string {
  return readdirSync(join(src, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/(^|\/)(check-texts|audit\/)/.test(name))
    .map((name) => readFileSync(join(src, folder, name), 'utf8'))
    .join('\n')
}

/** All that may end a check, without the tables that only speak about its codes. */
function sources(): string {
  const tables = /(^|\/)(check-texts|reason-catalogue|path-result|begins-soon|validation-report)/
  return ['certificate', 'exchange', 'trust', 'x509', 'cli']
    .flatMap((folder) =>
      readdirSync(join(src, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && !tables.test(name))
        .map((name) => readFileSync(join(src, folder, name), 'utf8')),
    )
    .join('\n')
}

function literals(source: string, ...patterns: RegExp[]): string[] {
  return patterns.flatMap((pattern) => [...source.matchAll(pattern)].map(([, code]) => code!))
}

/** Codes that are put together, and the ends of them that the sources name elsewhere. */
const COMPOSED: Readonly<Record<string, () => string[]>> = {
  'key-${obstacle}': () => {
    const [, body] = /function keyObstacle\(.*?\{\n(.*?)\n\}/s.exec(sourceOf('trust'))!
    return literals(body!, /return '([a-z-]+)'/g).map((obstacle) => `key-${obstacle}`)
  },
  '${usable.reason}-document': () =>
    usabilityReasons()
      .filter((reason) => IN_TIME.includes(reason))
      .map((reason) => `${reason}-document`),
}

const IN_TIME = ['expired', 'not-yet-valid']

function usabilityReasons(): string[] {
  const source = readFileSync(join(src, 'certificate/usability.ts'), 'utf8')
  return literals(source, /reason: '([a-z-]+)'/g).concat('annulled', 'replaced')
}

/** Fewer codes found than this: the search looks in the wrong place. */
const FLOOR = { exchange: 30, x509: 35, usability: 7, tables: 42 }

/** Every code that a check can end with, as the sources write them, by where they stand. */
function producedCodes() {
  const exchange = literals(
    sourceOf('exchange'),
    /\b(?:failed|stop)\(\s*'[a-z-]+',\s*['`]([^'`]+)['`]/g,
    /\b(?:outcome|result): '[a-z]+',\s*code: '([^']+)'/g,
    /\bcode: '(not-found-[^']+)'/g,
    /\bcode: [^'`\n]*`([^`]+)`/g,
  ).filter((code) => code !== 'ok')
  const x509 = literals(
    sourceOf('x509'),
    /\b(?:invalid|unknown|unknownStatus)\(\s*'([^']+)'/g,
    /\bcode: '([^']+)'/g,
    /return '((?:name|policy|any-policy|policies)-[a-z-]+)'/g,
  )
  return {
    exchange: new Set(exchange.flatMap((code) => (code.includes('${') ? expand(code) : [code]))),
    x509: new Set(x509),
    usability: new Set(usabilityReasons().filter((reason) => !IN_TIME.includes(reason))),
    tables: new Set([...Object.keys(PATH_RULES), ...Object.keys(UNKNOWN_RULES)]),
  }
}

function expand(code: string): string[] {
  const parts = COMPOSED[code]?.() ?? []
  if (parts.length === 0) throw new Error(`How ${code} is composed is not known here`)
  return parts
}

function expectSentence({ ru, en }: Text) {
  expect(ru).toMatch(/^[А-ЯЁ].*[^.]\.$/u)
  expect(en).toMatch(/^[A-Z].*[^.]\.$/)
  expect(en).not.toMatch(/\p{Script=Cyrillic}/u)
  expect(`${ru} ${en}`).not.toMatch(/ {2}|поддел|фальш|forg|fake|counterfeit/i)
}

describe('the catalogue', () => {
  const codes = Object.entries(CODE_TEXTS)

  it.each(codes)(
    'says in both languages what %s found, what it means for the goods and what to do',
    (_, { text, meaning, action }) => {
      for (const said of [text, meaning, action]) expectSentence(said)
    },
  )

  it.each(CHECKS)('has a title and a sentence for %s when it passed', (check) => {
    expectSentence(PASSED_TEXTS[check])
    const { ru, en } = CHECK_TITLES[check]
    expect(ru).toMatch(/^[А-ЯЁ].*[^.]$/u)
    expect(en).toMatch(/^[A-Z][^а-яё]*[^.]$/iu)
  })

  it('names the checks and nothing else', () => {
    expect(Object.keys(CHECK_TITLES)).toEqual([...CHECKS])
    expect(Object.keys(PASSED_TEXTS)).toEqual([...CHECKS])
  })

  it('has no code in two groups', () => {
    const groups = readdirSync(join(src, 'exchange/texts'))
      .filter((name) => name.startsWith('check-texts-'))
      .map((name) => readFileSync(join(src, 'exchange/texts', name), 'utf8'))
    const defined = literals(groups.join('\n'), /^ {2}'?([a-z-]+)'?: found\(/gm)
    expect(defined.toSorted()).toEqual(Object.keys(CODE_TEXTS).toSorted())
  })

  it('has no code that nothing can end with', () => {
    const written = new Set(literals(sources(), /['`]([a-z]+(?:-[a-z]+)*)['`]/g))
    const composed = Object.keys(COMPOSED).flatMap(expand)
    const unused = Object.keys(CODE_TEXTS).filter(
      (code) => !written.has(code) && !composed.includes(code),
    )
    expect(unused).toEqual([])
  })

  it('says different things of different codes', () => {
    expect(new Set(codes.map(([, { text }]) => text.ru)).size).toBe(codes.length)
    expect(new Set(codes.map(([, { text }]) => text.en)).size).toBe(codes.length)
  })

  it.each(Object.entries(PATH_TEXTS))(
    'never calls the X.509 kind of %s a certificate',
    (_, { text }) => {
      expect(text.ru).not.toMatch(/сертификат(?!\p{L}* ключ)/iu)
      expect(text.en).not.toMatch(/(?<!signing )certificate/i)
    },
  )

  it.each(Object.entries(producedCodes()))('knows every code produced in %s', (place, produced) => {
    expect(produced.size).toBeGreaterThanOrEqual(FLOOR[place as keyof typeof FLOOR])
    expect([...produced].filter((code) => !Object.hasOwn(CODE_TEXTS, code))).toEqual([])
  })
})

describe('sentenceOf', () => {
  it('tells what was found, what it means and then what to do, without the detail', () => {
    const check = {
      check: 'status',
      outcome: 'failed',
      code: 'replaced',
      detail: '2026-02-10',
    } as const
    expect(sentenceOf(check)).toEqual({
      ru: 'Сертификат аннулирован, взамен него выдан новый. Происхождение или соответствие товара доказывает только сертификат, выданный взамен. Не принимайте его; запросите у декларанта сертификат, выданный взамен.',
      en: 'The certificate has been annulled and a new one was issued in its place. Only the certificate issued in its place proves the origin or conformity of the goods. Do not accept it; ask the declarant for the certificate issued in its place.',
    })
  })

  it('tells what a passed check means', () => {
    for (const check of CHECKS) expect(sentenceOf(passed(check))).toBe(PASSED_TEXTS[check])
  })

  it.each(['no-such-code', 'constructor', 'ok', ''])(
    'throws for the code "%s" of a failed check',
    (code) => {
      expect(() => sentenceOf({ check: 'form', outcome: 'failed', code })).toThrow('no sentence')
    },
  )

  it('throws for a passed check with the code of another outcome', () => {
    expect(() => sentenceOf({ check: 'status', outcome: 'passed', code: 'annulled' })).toThrow()
  })
})
