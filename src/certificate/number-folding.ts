import { foldToCyrillic, foldToLatin } from './look-alikes.ts'

const NUMERO = /№/g
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu
const DASHES = /[\p{Pd}\u2212]/gu
const SLASHES = /[\u2044\u2215]/g
const APOSTROPHES = /[\u2018\u2019\u02bb\u02bc\u0060]/g
const SPACES = /[\s\p{Z}\p{Cc}]+/gu
/** ASCII that prints, without the space and the grave accent: every step leaves it as it is. */
const IS_COMPARABLE = /^[!-_a-~]*$/

/**
 * A document number in the form that formats and searches match (rules.md §14): «№» dropped, spaces
 * collapsed, Latin look-alikes Cyrillic in tokens that hold Cyrillic. Compatibility forms of Unicode,
 * invisible characters and kinds of dash are evened out too. Case is kept: it tells numbers apart.
 * Never sign or display it.
 */
export function foldNumber(number: string): string {
  return foldToCyrillic(plain(number))
}

/**
 * The form whose equality is the identity of a certificate (wire.md "Names"): numbers that print
 * alike are equal, whatever script their letters come from. Spaces go, except one where it alone
 * keeps two runs of letters or of digits apart: `1 23` and `12 3` are different numbers.
 */
export function comparableNumber(number: string): string {
  if (IS_COMPARABLE.test(number)) return number
  return foldToLatin(plain(number)).replace(
    /(?<![\p{L}\p{M}]) (?!\p{N})|(?<!\p{N}) (?![\p{L}\p{M}])/gu,
    '',
  )
}

function plain(number: string): string {
  // № must go before NFKD, which would spell it "No".
  return number
    .replace(NUMERO, ' ')
    .normalize('NFKD')
    .replace(INVISIBLE, '')
    .replace(DASHES, '-')
    .replace(SLASHES, '/')
    .replace(APOSTROPHES, "'")
    .replace(SPACES, ' ')
    .trim()
    .normalize('NFC')
}
