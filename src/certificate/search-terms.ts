import type { DocumentType } from './document-type.ts'
import { comparableNumber } from './number-folding.ts'
import { foldedBeginnings, foldedWords } from './text-folding.ts'

/**
 * Grows with every change of what terms are made of, or of what else is written with them; certificates of
 * an older version are indexed again.
 */
export const SEARCH_VERSION = 2

export type SearchTermKind = 'number' | 'tax-id' | 'invoice' | 'hs' | 'party'

/** One thing by which a certificate is found, folded for comparison. */
export type SearchTerm = readonly [kind: SearchTermKind, term: string]

/**
 * Terms of one certificate at most, by kind. A document with more is found by those that stand first in
 * it; a peer's document must not fill our index.
 */
const MAX_TERMS: Readonly<Record<SearchTermKind, number>> = {
  number: 1,
  'tax-id': 50,
  invoice: 100,
  hs: 200,
  party: 300,
}
/** Characters of a term; what is longer is cut, in documents and questions alike. */
const MAX_LENGTH = 60

/** Everything by which a certificate of any type is found; the document itself stays as it is. */
export function searchTermsOf<C>(type: DocumentType<C>, certificate: C): SearchTerm[] {
  const parties = type.parties(certificate).map(({ party }) => party)
  const found: Readonly<Record<SearchTermKind, Iterable<string>>> = {
    number: [numberTerm(type.identity(certificate).number)],
    'tax-id': parties.map(({ taxId }) => taxIdTerm(taxId?.value ?? '')),
    invoice: type.invoices(certificate).map(({ number }) => numberTerm(number)),
    hs: type.productGroups(certificate).map(hsTerm),
    party: parties.flatMap(({ name }) => partyWords(name)),
  }
  return Object.entries(found).flatMap(([kind, terms]) => {
    const distinct = [...new Set(terms)].filter((term) => term !== '')
    return distinct
      .slice(0, MAX_TERMS[kind as SearchTermKind])
      .map((term): SearchTerm => [kind as SearchTermKind, term])
  })
}

/** Numbers of documents as for identity, and without case and spaces, which people do not keep. */
export function numberTerm(number: string): string {
  return cut(comparableNumber(number.toUpperCase()).replaceAll(' ', ''))
}

/** Letters and digits of a tax number; how they are grouped does not matter. */
export function taxIdTerm(taxId: string): string {
  return numberTerm(taxId).replace(/[^\p{L}\p{N}]+/gu, '')
}

/** Digits of a commodity code, without the dots and spaces they are grouped by; '' if it is none. */
export function hsTerm(code: string): string {
  const digits = code.replace(/[\s.]+/g, '')
  return /^\d{2,10}$/.test(digits) ? digits : ''
}

/** For every word of a question the beginnings that fit it: one of them must begin a word of a party. */
export function partyBeginnings(question: string): string[][] {
  const words = question.split(/\s+/u).flatMap((part) => {
    const folded = foldedWords(part)
    return folded.length === 1 ? [part] : folded
  })
  return words.map((word) => foldedBeginnings(word).map(cut))
}

const MAX_NAMES = 2_000
/** Characters of the words of a name that is remembered: folding may make one many times as long. */
const MAX_REMEMBERED = 1_000
const wordsOf = new Map<string, readonly string[]>()

/** Names recur, and to fold one takes longer than all else of a certificate: the last ones are remembered. */
function partyWords(name: string): readonly string[] {
  const known = wordsOf.get(name)
  if (known) return known
  const words = foldedWords(name).map(cut)
  if (words.join('').length > MAX_REMEMBERED) return words
  wordsOf.set(name, words)
  if (wordsOf.size > MAX_NAMES) wordsOf.delete(wordsOf.keys().next().value!)
  return words
}

function cut(term: string): string {
  return term.length <= MAX_LENGTH ? term : [...term].slice(0, MAX_LENGTH).join('')
}
