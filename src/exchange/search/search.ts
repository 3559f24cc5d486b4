import { hsTerm, numberTerm, partyBeginnings, taxIdTerm } from '../../certificate/search-terms.ts'
import type { SearchTermKind } from '../../certificate/search-terms.ts'
import { isWithin } from '../../certificate/party-id.ts'
import type { StoredCertificate } from '../certificate-store.ts'
import type {
  SearchConditions,
  SearchDependencies,
  TermCondition,
  Visibility,
} from './search-index.ts'

/** What a reader asks for, as written; a certificate must satisfy all of it. */
export interface SearchQuestion extends Omit<SearchConditions, 'terms'> {
  readonly number?: string | undefined
  readonly taxId?: string | undefined
  readonly invoice?: string | undefined
  readonly hs?: string | undefined
  readonly party?: string | undefined
}

export type AskedTerm = 'number' | 'taxId' | 'invoice' | 'hs' | 'party'

export type SearchOutcome =
  | {
      readonly outcome: 'found'
      readonly certificates: readonly StoredCertificate[]
      /** The cursor of the next page; absent: there is none. */
      readonly next: string | undefined
    }
  /** Nothing is left of it to compare, or too many words. */
  | { readonly outcome: 'not-comparable'; readonly parameter: AskedTerm }
  | { readonly outcome: 'unknown-cursor' }

/** A number is found by its beginning from so many characters on; below, only as a whole. */
export const MIN_NUMBER_BEGINNING = 4
export const MAX_PARTY_WORDS = 8

/**
 * Lists the certificates a reader sees that satisfy a question, newest first. The cursor is the digest of
 * the last one shown: it tells nothing that its reader was not shown, and certificates that come
 * meanwhile neither repeat nor displace any.
 */
export function searchCertificates({ certificates, search }: SearchDependencies) {
  return async (
    question: SearchQuestion,
    visibility: Visibility,
    { after, limit }: { readonly after: string | undefined; readonly limit: number },
  ): Promise<SearchOutcome> => {
    const terms: TermCondition[] = []
    for (const parameter of ASKED) {
      const text = question[parameter]
      if (text === undefined) continue
      const conditions = CONDITIONS[parameter](text)
      if (conditions.length === 0) return { outcome: 'not-comparable', parameter }
      terms.push(...conditions)
    }
    const last = after === undefined ? undefined : await certificates.findByDigest(after)
    if (after !== undefined && (!last || !isVisible(last, visibility)))
      return { outcome: 'unknown-cursor' }
    const page = { before: last?.idx, limit: limit + 1 }
    const found = await search.find({ ...question, terms }, visibility, page)
    const shown = found.slice(0, limit)
    return {
      outcome: 'found',
      certificates: shown,
      next: found.length > limit ? shown.at(-1)?.sha256 : undefined,
    }
  }
}

/** What `SearchIndex.find` decides in its statement, for one certificate. */
export function isVisible(
  { origin, issuer }: Pick<StoredCertificate, 'origin' | 'issuer'>,
  visibility: Visibility,
): boolean {
  switch (visibility.sees) {
    case 'all':
      return true
    case 'received':
      return origin === 'received'
    case 'issued-by':
      return origin === 'issued' && isWithin(issuer, visibility.party)
  }
}

/** No condition: nothing of the text can be compared. */
const CONDITIONS: Readonly<Record<AskedTerm, (text: string) => TermCondition[]>> = {
  number: (text) => {
    const term = numberTerm(text)
    return one('number', term, [...term].length < MIN_NUMBER_BEGINNING)
  },
  taxId: (text) => one('tax-id', taxIdTerm(text), true),
  invoice: (text) => one('invoice', numberTerm(text), true),
  hs: (text) => one('hs', hsTerm(text), false),
  party: (text) => {
    const words = partyBeginnings(text)
    if (words.length > MAX_PARTY_WORDS) return []
    return words.map((beginnings) => ({
      kind: 'party',
      anyOf: beginnings.map((term) => ({ term, whole: false })),
    }))
  },
}
const ASKED = Object.keys(CONDITIONS) as AskedTerm[]

function one(kind: SearchTermKind, term: string, whole: boolean): TermCondition[] {
  return term === '' ? [] : [{ kind, anyOf: [{ term, whole }] }]
}
