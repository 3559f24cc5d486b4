import type {
  CrlStatusOf,
  Currency,
  FetchedFrom,
  OcspStatusOf,
} from '../exchange/keep-trust/revocation-status.ts'
import { CURRENCIES } from '../exchange/keep-trust/revocation-status.ts'
import { onOneLine } from '../exchange/texts/foreign-text.ts'
import type { Language } from './language.ts'
import { table } from './print.ts'

interface RevocationStatus {
  readonly crls: readonly CrlStatusOf[]
  readonly ocsp: readonly OcspStatusOf[]
}

/** CRLs and OCSP responses as tables, and below them what there is to do. */
export function revocationText({ crls, ocsp }: RevocationStatus, language: Language): string {
  const crlRows = crls.map(({ state, authority, currency, crl, fetchedFrom }) => [
    state,
    authority,
    currency,
    crl?.number ?? '',
    crl?.thisUpdate ?? '',
    crl?.countsUntil ?? '',
    crl === undefined ? '' : String(crl.revoked),
    crl?.storedAt ?? '',
    fetchText(fetchedFrom, crl),
  ])
  const ocspRows = ocsp.map(({ state, key, currency, response, fetchedFrom }) => [
    state,
    key,
    currency,
    response?.status ?? '',
    response?.thisUpdate ?? '',
    response?.countsUntil ?? '',
    response?.storedAt ?? '',
    fetchText(fetchedFrom, response),
  ])
  const times = ['since', 'counts until']
  const crlHead = ['state', 'authority', 'CRL', 'number', ...times, 'revoked', 'stored', 'fetched']
  const ocspHead = ['state', 'key', 'OCSP', 'status', ...times, 'stored', 'fetched']
  const advice = [
    ...crls.map((one) => [one, `${one.state} ${one.authority}`] as const),
    ...ocsp.map((one) => [one, `${one.state} ${one.key}`] as const),
  ].flatMap(([one, name]) => (one.advice ? [`${onOneLine(name)}: ${one.advice[language]}`] : []))
  return [
    crlRows.length === 0 ? 'No trust list names an authority yet' : table(crlHead, crlRows),
    ...(ocspRows.length === 0 ? [] : ['', table(ocspHead, ocspRows)]),
    ...(advice.length === 0 ? [] : ['', ...advice]),
  ].join('\n')
}

/** The same in one line. */
export function revocationSummary({ crls, ocsp }: RevocationStatus): string {
  const parts = [`CRLs: ${countsText(crls)}`]
  if (ocsp.length > 0) parts.push(`OCSP responses: ${countsText(ocsp)}`)
  const needsWork = [...crls, ...ocsp].some(({ advice }) => advice !== undefined)
  return `${parts.join('; ')}${needsWork ? ' (certex trust revocation says more)' : ''}`
}

function countsText(of: readonly { currency: Currency }[]): string {
  const counts = CURRENCIES.flatMap((currency) => {
    const count = of.filter((one) => one.currency === currency).length
    return count === 0 ? [] : [`${count} ${currency}`]
  })
  return counts.join(', ') || 'none'
}

function fetchText(from: FetchedFrom | undefined, evidence: object | undefined): string {
  if (!from) return evidence ? 'published here' : 'not asked for'
  const { url, succeededAt = 'never', failure, failedAt = '', attempts } = from
  const failed = attempts > 0 ? `, failed ${attempts}× until ${failedAt}: ${failure}` : ''
  return `${url} ${succeededAt}${failed}`
}
