import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldedBeginnings, foldedWords, foldText } from '../../../src/certificate/text-folding.ts'
import { LETTERS } from '../../../src/certificate/text-folding-letters.ts'

/** Each row is one name as different people write it. */
const SAME: readonly (readonly string[])[] = [
  ['Тошкент', 'Toshkent', 'TOSHKENT', 'тошкент', 'Тoшкeнт'],
  ['Ўзбекистон', 'Oʻzbekiston', 'Oʼzbekiston', "O'zbekiston", 'O‘zbekiston', 'O’zbekiston'],
  ['Oʻzbekiston', 'O`zbekiston', 'O´zbekiston', 'O′zbekiston', 'O＇zbekiston', 'OʹZBEKISTON'],
  ['Гомсельмаш', 'Gomselmash', '«Гомсельмаш»', '"Gomselmash"', '“ГОМСЕЛЬМАШ”', 'Gomsel’mash'],
  ['Фарғона', 'Fargʻona', "Farg'ona", 'Farğona'],
  ['Қарши', 'Qarshi', 'Карши', 'Karshi'],
  ['Хива', 'Xiva', 'Khiva', 'Ҳива', 'Hiva'],
  ['Бухоро', 'Buxoro', 'Bukhoro', 'BUXORO'],
  ['Ҳаёт', 'Hayot', 'Xayot', 'Хает'],
  ['Жиззах', 'Jizzax', 'Джиззах', 'Zhizzakh', 'Djizzakh'],
  ['Ёшлик', 'Yoshlik', 'Ешлик'],
  ['Навоий', 'Navoiy', 'Навои', 'Navoi', 'NAVOIY'],
  ['Минский', 'Minskiy', 'Minski', 'Minsky'],
  ['Щёткин', 'Щеткин', 'Shchyotkin', 'Shchetkin', 'Shetkin'],
  ['Юнусобод', 'Yunusobod'],
  ['Яшнобод', 'Yashnobod', 'Iashnobod'],
  ['объект', 'obyekt', 'obʼyekt', 'обект'],
  ['санъат', 'sanʼat', "san'at", 'sanat'],
  ['Жодино', 'Zhodino', 'Jodino'],
  ['Čerkasy', 'Cherkasy', 'Черкасы'],
  ['Şahrisabz', 'Шаҳрисабз', 'Shahrisabz'],
  ['Беларусь', 'Belarus', 'Belarusʹ'],
  ['Цемент', 'Tsement'],
  ['ОАО', 'OAO', 'oao', 'ОAО'],
  ['МЧЖ', 'MChJ', 'MCHJ'],
  ['район', 'rayon', 'РАЙОН'],
  ['Ильясов', 'Ilyasov', 'ILYASOV'],
  ['Россия', 'Rossiya', 'Rossia'],
  ['œuvre', 'Oeuvre', 'ŒUVRE'],
  ['ﬁrma', 'firma', 'ﬁRMA', 'Ｆｉｒｍａ'],
  ['Straße', 'STRASSE', 'strasse'],
  ['завод № 5', 'ЗАВОД №5', 'zavod 5'],
  ['ООО «Агро-Ком»', 'OOO "Agro Kom"', 'ооо агро‑ком'],
  ['при\u00adбор', 'при\u200bбор', 'pri\ufeffbor', 'прибор'],
]

const DIFFERENT: readonly (readonly [string, string])[] = [
  ['Гомель', 'Гомсель'],
  ['Тошкент', 'Ташкент'],
  ['завод 5', 'завод 6'],
  ['Минск', 'Пинск'],
  ['钢铁', '铜铁'],
]

describe('a name folded for comparison', () => {
  it.each(SAME.map((names) => [names.join(' = '), names] as const))('%s', (_, names) => {
    expect(new Set(names.map(foldText))).toEqual(new Set([foldText(names[0]!)]))
    expect(foldText(names[0]!)).not.toBe('')
  })

  it.each(DIFFERENT)('keeps %s and %s apart', (a, b) => {
    expect(foldText(a)).not.toBe(foldText(b))
  })

  it('keeps legal forms as words', () => {
    expect(foldedWords('ОАО «Минский тракторный завод»')).toEqual([
      'oao',
      'minski',
      'traktorni',
      'zavod',
    ])
  })

  it('of nothing but marks has no words', () => {
    for (const text of ['', ' ', '«»', '%_*', '\u0000', "''", '\u0301', '№'])
      expect(foldedWords(text)).toEqual([])
  })

  const letters = [...LETTERS.keys()].flatMap((letter) => [letter, letter.toUpperCase()])
  const alphabet = fc.constantFrom(
    ...letters,
    ...'abcdefghijklmnopqrstuvwxyzЁёЙйЎўҚқҒғҲҳ',
    ...'\'ʻʼ‘’`´′«»“”"-. 5\u0306\u00ad',
  )
  const name = fc.oneof(
    fc.string({ unit: alphabet, maxLength: 30 }),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.string({ unit: 'binary', maxLength: 30 }),
  )

  it('folds to itself', () => {
    fc.assert(
      fc.property(name, (text) => {
        const once = foldText(text)
        expect(foldText(once)).toBe(once)
      }),
      { numRuns: 3000 },
    )
  })

  it('does not change with case, apostrophes, quotes, forms of Unicode and invisible characters', () => {
    const regional = fc.string({ unit: alphabet, maxLength: 30 })
    fc.assert(
      fc.property(regional, (text) => {
        const folded = foldText(text)
        const variants = [
          text.toUpperCase(),
          text.toLowerCase(),
          text.normalize('NFC'),
          text.normalize('NFD'),
          text.replaceAll('´', "'").normalize('NFKD'),
          text.replaceAll(/['`]/g, 'ʻ'),
          text.replaceAll(/[ʻʼ‘’]/g, "'"),
          text.replaceAll(/["«»]/g, '“'),
          text.replaceAll(/(?<=\p{L})(?=\p{L})/gu, '\u00ad'),
          `  ${text}\t`,
        ]
        for (const variant of variants) expect(foldText(variant), variant).toBe(folded)
      }),
      { numRuns: 2000 },
    )
  })

  it('leaves no letter of the table', () => {
    const left = [...LETTERS].filter(([letter]) => foldText(letter).includes(letter))
    expect(left).toEqual([])
    for (const [letter, latin] of LETTERS)
      expect(latin, letter).toMatch(letter === 'ς' ? /^σ$/ : /^[a-z]*$/)
  })

  it('of hostile length takes time in proportion to it', () => {
    for (const text of ['k', 'y', 'shch', 'd', "'", '\u0306', 'Ж', '\ufdfa'])
      expect(foldText(text.repeat(20_000)).length).toBeGreaterThanOrEqual(0)
  })
})

describe('the beginning of a word', () => {
  const words = SAME.flat().filter((name) => foldedWords(name).length === 1)

  it('finds the word it begins, wherever it breaks off', () => {
    const missed: string[] = []
    for (const word of words) {
      const [folded] = foldedWords(word)
      const characters = [...word.normalize('NFC')]
      for (let n = 1; n <= characters.length; n++) {
        const beginning = characters.slice(0, n).join('')
        const beginnings = foldedBeginnings(beginning)
        if (beginnings.length > 0 && !beginnings.some((b) => folded!.startsWith(b)))
          missed.push(`${beginning} of ${word}: ${beginnings.join()} of ${folded!}`)
      }
    }
    expect(missed).toEqual([])
  })

  it('has few forms', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (text) => {
        expect(foldedBeginnings(text).length).toBeLessThanOrEqual(3)
      }),
    )
  })
})
