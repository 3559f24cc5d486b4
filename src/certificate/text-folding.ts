import { foldToCyrillic } from './look-alikes.ts'
import { LETTERS } from './text-folding-letters.ts'

/**
 * Marks that stand in the place of ʻ and ʼ of Uzbek, of the tutuq belgisi and of ъ and ь: typed, turned,
 * primed and modifier letters alike.
 */
const APOSTROPHES =
  /['`\u00b4\u02b9-\u02bf\u02c8\u02ca\u02cb\u02ee\u055a\u05f3\u2018-\u201b\u2032\u2035\u2bcf\ua78b\ua78c\uff07]/g
const NUMERO = /№/g
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu
const CYRILLIC = /\p{Script=Cyrillic}/u
/** Marks, and letters of Cyrillic that the table does not know. */
const DROPPED = /\p{M}|\p{Script=Cyrillic}/u
const BETWEEN_WORDS = /[^\p{L}\p{N}]+/u

/**
 * The words of a name, of a firm or a place, in the form in which names are compared (the table of
 * letters stands beside): one Latin skeleton for Cyrillic and Latin, without case, marks, apostrophes
 * and quotes, ligatures undone. Legal forms are words like others. Different names may meet in one
 * skeleton; a search shows them all. Never store it in place of the name, never sign or display it.
 */
export function foldedWords(text: string): string[] {
  return skeleton(text)
    .split(BETWEEN_WORDS)
    .filter((word) => word !== '')
}

/** The same words as one text. */
export function foldText(text: string): string {
  return foldedWords(text).join(' ')
}

/**
 * What the words that begin with `word` begin with when folded. More than one, where it ends in half of
 * a pair that is folded as one: `buk` may become `bukh`, which is `buh`.
 */
export function foldedBeginnings(word: string): string[] {
  const [folded] = foldedWords(word)
  if (folded === undefined) return []
  const endings = CYRILLIC.test(word) ? 'ож' : 'hoj'
  const completed = [...endings].flatMap((letter) => foldedWords(word.trim() + letter).slice(0, 1))
  return [folded, ...completed.filter((other) => !other.startsWith(folded))]
}

function skeleton(text: string): string {
  const plain = text.replace(APOSTROPHES, '').replace(NUMERO, ' ').normalize('NFKC')
  // Capitals first: nearly all look-alikes are capitals, and case must not decide what a letter is.
  const letters = foldToCyrillic(plain.replace(INVISIBLE, '').toUpperCase())
    .toLowerCase()
    .normalize('NFKD')
    .replace(APOSTROPHES, '')
  return joined(latin(letters)).normalize('NFC')
}

/** Every letter as the table has it, with the mark that follows it if that makes it another one. */
function latin(decomposed: string): string {
  let folded = ''
  let letter = ''
  for (const character of decomposed) {
    const marked = isMark(character) ? LETTERS.get(letter + character) : undefined
    if (marked !== undefined) {
      folded += marked
      letter = ''
    } else {
      folded += latinOf(letter)
      letter = character
    }
  }
  return folded + latinOf(letter)
}

function isMark(character: string): boolean {
  return character >= '\u0300' && character <= '\u036f'
}

function latinOf(letter: string): string {
  const known = LETTERS.get(letter)
  if (known !== undefined) return known
  return letter > '\u007f' && DROPPED.test(letter) ? '' : letter
}

/** Pairs of letters that stand for one; what comes out holds none of them. */
function joined(letters: string): string {
  return letters
    .replace(/y+[eo]/g, 'e')
    .replace(/[iy]+/g, 'i')
    .replace(/k+h/g, 'h')
    .replace(/sh(?:ch)+/g, 'sh')
    .replace(/d+zh/g, 'zh')
}
