/**
 * Letters of two scripts that print alike, Cyrillic first: the capitals that number plates of the
 * region use, the small letters that no typeface tells apart, and the letters of Belarusian and
 * Kazakh. A pair that only resembles (к k, т t) is absent: folding it would merge different numbers.
 */
const PAIRS =
  'АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЈJ ЅS ԌG ԚQ ԜW ҮY ӀI ѴV ' +
  'аa еe оo рp сc уy хx іi јj ѕs һh ԁd ԛq ԝw үy ӏl ѵv'

/** Greek capitals and small letters that print as Latin ones; no number of the exchange needs them. */
const GREEK_PAIRS = 'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX οo νv'

const TO_LATIN = new Map<string, string>()
const TO_CYRILLIC = new Map<string, string>()
for (const pair of `${PAIRS} ${GREEK_PAIRS}`.split(' ')) {
  const [other = '', latin = ''] = [...pair]
  TO_LATIN.set(other, latin)
}
for (const pair of PAIRS.split(' ')) {
  const [cyrillic = '', latin = ''] = [...pair]
  // Two Cyrillic letters share a Latin one (У, Ү): the first of the table is the usual letter.
  if (!TO_CYRILLIC.has(latin)) TO_CYRILLIC.set(latin, cyrillic)
}

/** A run of letters, their marks and digits: `С-CN.СБ21` holds С, CN and СБ21. */
const TOKEN = /[\p{L}\p{M}\p{N}]+/gu
/** Letters of one script; the turned comma of oʻ belongs to none. */
const LETTER = /(?!\p{Script=Common}|\p{Script=Inherited})\p{L}/u
const CYRILLIC = /\p{Script=Cyrillic}/u
const LATIN = /\p{Script=Latin}/u
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/u

/** Rewrites Latin look-alikes as Cyrillic in tokens that hold a Cyrillic letter (rules.md §14). */
export function foldToCyrillic(text: string): string {
  return text.replace(TOKEN, (token) => (CYRILLIC.test(token) ? mapped(token, TO_CYRILLIC) : token))
}

/** Rewrites every look-alike as the Latin letter it prints as, so that equal prints compare equal. */
export function foldToLatin(text: string): string {
  return mapped(text, TO_LATIN)
}

/** The tokens that mix scripts or hide invisible characters: they are not what they look like. */
export function deceptiveTokens(text: string): string[] {
  const tokens = text.split(/[^\p{L}\p{M}\p{N}\p{Default_Ignorable_Code_Point}\p{Cf}]+/u)
  return tokens.filter((token) => INVISIBLE.test(token) || scriptsIn(token) > 1)
}

function scriptsIn(token: string): number {
  const scripts = new Set<string>()
  for (const letter of token) {
    if (!LETTER.test(letter)) continue
    scripts.add(CYRILLIC.test(letter) ? 'Cyrillic' : LATIN.test(letter) ? 'Latin' : 'other')
  }
  return scripts.size
}

/** Decomposed first, so that Ё and Ë meet at their base letters. */
function mapped(text: string, table: ReadonlyMap<string, string>): string {
  return [...text.normalize('NFD')]
    .map((c) => table.get(c) ?? c)
    .join('')
    .normalize('NFC')
}
