import { formatInstant } from '../../encoding/time.ts'
import { decodeBase64 } from '../../encoding/base64url.ts'
import type { Text } from '../../certificate/wording.ts'
import { skiOf } from '../../trust/accept-crl.ts'
import type { HeldOcspResponse } from '../../trust/ocsp-store.ts'
import { ocspTargets } from '../../trust/ocsp-targets.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import type { TrustList } from '../../trust/trust-list.ts'
import type { HeldCrl, TrustStore } from '../../trust/trust-store.ts'
import { parseCrl } from '../../x509/crl.ts'
import { ocspCountsUntil } from '../../x509/profile.ts'
import type { X509Certificate } from '../../x509/x509-certificate.ts'
import { responderOf } from './ocsp-responder.ts'
import { revocationAdvice } from '../texts/revocation-advice.ts'
import type { RevocationFetch, RevocationFetches } from './revocation-fetches.ts'
import { crlDueDays, signingAuthorities, storedCrlCountsUntil } from '../warnings/of-trust.ts'

/** Whether evidence counts; `due`: it still does, and should have been renewed by now. */
export const CURRENCIES = ['fresh', 'due', 'stale', 'missing'] as const
export type Currency = (typeof CURRENCIES)[number]

interface Times {
  readonly thisUpdate: string
  readonly nextUpdate: string
  readonly storedAt: string
  /** The earlier of its own end and that of the policy's window. */
  readonly countsUntil: string
}

export interface CrlStatusOf {
  readonly state: string
  /** Name of the authority. */
  readonly authority: string
  readonly ski: string
  readonly currency: Currency
  readonly crl?: Times & { readonly number: string; readonly revoked: number }
  /** Absent: it is published here. */
  readonly fetchedFrom?: FetchedFrom
  readonly advice?: Text
}

export interface OcspStatusOf {
  readonly state: string
  readonly ski: string
  readonly serial: string
  /** Common name of the key. */
  readonly key: string
  readonly currency: Currency
  readonly response?: Times & { readonly status: HeldOcspResponse['status'] }
  readonly fetchedFrom?: FetchedFrom
  readonly advice?: Text
}

export interface FetchedFrom {
  readonly url: string
  readonly succeededAt: string | undefined
  readonly failedAt: string | undefined
  readonly failure: string | undefined
  readonly attempts: number
  readonly nextAttemptAt: string | undefined
}

export interface RevocationStatusDependencies {
  readonly state: string
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly trustStore: Pick<TrustStore, 'crls' | 'heldOcspResponses'>
  readonly revocationFetches: Pick<RevocationFetches, 'all'>
}

const DAY_MS = 86_400_000

/** What this node knows of revocation: every CRL that there should be, every OCSP response asked for. */
export function revocationStatus(deps: RevocationStatusDependencies) {
  return async (): Promise<{ crls: CrlStatusOf[]; ocsp: OcspStatusOf[] }> => {
    const trust = await deps.trust()
    const [crls, held, fetches] = await Promise.all([
      deps.trustStore.crls(),
      deps.trustStore.heldOcspResponses(),
      deps.revocationFetches.all(),
    ])
    const byUrl = new Map(fetches.map((one) => [one.url, one]))
    const context: Context = { state: deps.state, at: deps.now(), trust, fetches: byUrl }
    const lists = trust.view.states().flatMap((state) => trust.view.list(state) ?? [])
    return {
      crls: lists.flatMap((list) => crlsOf(list, crls, context)),
      ocsp: lists.flatMap((list) => ocspOf(list, held, context)),
    }
  }
}

interface Context {
  /** Of the node. */
  readonly state: string
  readonly at: Date
  readonly trust: Trust
  readonly fetches: ReadonlyMap<string, RevocationFetch>
}

function crlsOf(list: TrustList, crls: readonly HeldCrl[], context: Context): CrlStatusOf[] {
  const { state } = list
  const isOwn = state === context.state
  const nodes = isOwn ? [] : context.trust.view.nodes(state, context.at)
  const url = nodes.find((node) => node.state === state)?.url
  return signingAuthorities(list, context.at).map((authority): CrlStatusOf => {
    const ski = skiOf(authority)
    const stored = crls.find((crl) => crl.state === state && crl.ski === ski)
    const countsUntil = stored && storedCrlCountsUntil(stored, authority, list)
    const dueMs = crlDueDays(isOwn) * DAY_MS
    const currency = currencyOf(countsUntil, dueMs, context.at)
    const address = url === undefined ? undefined : `${url}/trust/crls/${ski}.crl`
    const fetchedFrom = address === undefined ? undefined : fetchOf(address, context)
    const advice = revocationAdvice('crl', currency, {
      state,
      isOwn,
      failure: failureOf(fetchedFrom),
    })
    return {
      state,
      authority: commonName(authority),
      ski,
      currency,
      ...(stored &&
        countsUntil && { crl: { ...timesOf(stored, countsUntil), ...crlFacts(stored) } }),
      ...(fetchedFrom && { fetchedFrom }),
      ...(advice && { advice }),
    }
  })
}

function ocspOf(
  list: TrustList,
  held: readonly HeldOcspResponse[],
  context: Context,
): OcspStatusOf[] {
  const { state } = list
  const isOwn = state === context.state
  const nodes = context.trust.view.nodes(state, context.at)
  const roots = context.trust.anchors.filter((anchor) => anchor.state === state)
  const targets = ocspTargets(
    list,
    roots.map(({ certificate }) => certificate),
    context.at,
  )
  const known = new Map(held.map((one) => [`${one.state} ${one.ski} ${one.serial}`, one]))
  return targets.flatMap(({ certificate, ski }): OcspStatusOf[] => {
    const serial = certificate.serialNumber
    const response = known.get(`${state} ${ski} ${serial}`)
    if (!response && certificate.ocspUrls.length === 0) return []
    const url = responderOf(certificate, state, nodes)
    const isServedHere = isOwn && url !== undefined && nodes.some((node) => isOfOrigin(url, node))
    const fetchedFrom = url === undefined || isServedHere ? undefined : fetchOf(url, context)
    const countsUntil = response && ocspCountsUntil(datesOf(response))
    // Asked for again after a quarter of its time: in the last one it should be a newer one.
    const currency = currencyOf(countsUntil, response ? spanOf(response) / 4 : 0, context.at)
    const advice = revocationAdvice('ocsp', currency, {
      state,
      isOwn,
      failure: failureOf(fetchedFrom),
      isAsked: url !== undefined,
      revokes: response !== undefined && response.status !== 'good',
    })
    return [
      {
        state,
        ski,
        serial,
        key: commonName(certificate),
        currency,
        ...(response &&
          countsUntil && {
            response: { ...timesOf(response, countsUntil), status: response.status },
          }),
        ...(fetchedFrom && { fetchedFrom }),
        ...(advice && { advice }),
      },
    ]
  })
}

function isOfOrigin(url: string, node: { url: string }): boolean {
  return new URL(url).origin === new URL(node.url).origin
}

/** Of the last attempt: what failed before a success is history. */
function failureOf(from: FetchedFrom | undefined): string | undefined {
  return from && from.attempts > 0 ? from.failure : undefined
}

function currencyOf(countsUntil: Date | undefined, dueMs: number, now: Date): Currency {
  if (!countsUntil) return 'missing'
  if (countsUntil < now) return 'stale'
  return countsUntil.getTime() - now.getTime() <= dueMs ? 'due' : 'fresh'
}

function fetchOf(url: string, { fetches }: Context): FetchedFrom {
  const { state: _state, ...known } = fetches.get(url) ?? {
    state: '',
    url,
    succeededAt: undefined,
    failedAt: undefined,
    failure: undefined,
    attempts: 0,
    nextAttemptAt: undefined,
  }
  return known
}

function crlFacts({ der, number }: HeldCrl) {
  const crl = parseCrl(decodeBase64(der) ?? new Uint8Array())
  return {
    number: BigInt(`0x${number}`).toString(),
    revoked: 'malformed' in crl ? 0 : crl.entries.size,
  }
}

function timesOf(
  { thisUpdate, nextUpdate, storedAt }: Omit<Times, 'countsUntil'>,
  countsUntil: Date,
): Times {
  return { thisUpdate, nextUpdate, storedAt, countsUntil: formatInstant(countsUntil) }
}

function datesOf({ thisUpdate, nextUpdate }: HeldOcspResponse) {
  return { thisUpdate: new Date(thisUpdate), nextUpdate: new Date(nextUpdate) }
}

function spanOf(response: HeldOcspResponse): number {
  const { thisUpdate, nextUpdate } = datesOf(response)
  return nextUpdate.getTime() - thisUpdate.getTime()
}

function commonName({ subject, serialNumber }: X509Certificate): string {
  return subject.attributes.at(-1)?.value ?? serialNumber
}
