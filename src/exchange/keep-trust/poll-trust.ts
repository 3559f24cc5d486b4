import { encodeBase64 } from '../../encoding/base64url.ts'
import { readBounded } from '../../encoding/read-bounded.ts'
import { formatInstant } from '../../encoding/time.ts'
import { MAX_TRUST_LIST_LENGTH, parseJws } from '../../jose/parse.ts'
import { statementDigests } from '../../jose/statement.ts'
import { isOfSigner } from '../../trust/accept-trust-list.ts'
import { TrustList } from '../../trust/trust-list.ts'
import { authoritiesOf, isUnderRoot, skiOf } from '../../trust/accept-crl.ts'
import { anchorsOf, type PinnedAnchor, rootAnchor } from '../../trust/anchors.ts'
import { inBatchOrder } from '../issuing/issue-batch.ts'
import type { PeerStore } from '../delivery/peer-store.ts'
import { type PublishDependencies, publishCrl, publishTrustList } from './publish-trust.ts'
import { firstContacts } from './first-contact.ts'
import { CHARACTERS_A_MINUTE, formerVersions } from './former-versions.ts'
import { type Vouched, vouchedVersions } from './vouched-versions.ts'
import type { AlarmLog } from '../records.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { RevocationFetches } from './revocation-fetches.ts'
import { MAX_CRL_OCTETS } from '../../x509/crl.ts'

export interface PollDependencies extends PublishDependencies {
  readonly fetch: typeof fetch
  readonly peers: PeerStore
  readonly alarms: AlarmLog
  readonly revocationFetches: RevocationFetches
}

export type PollOutcome =
  | { readonly ok: true }
  /** `halfWay`: versions are held here, and later ones are known that were not taken. */
  | { readonly error: string; readonly halfWay?: true }

const TIMEOUT_MS = 15_000
/** Of one state at once: what is under way is held in memory. */
const CRLS_IN_FLIGHT = 8

/**
 * Fetches a peer's trust list, every version of it since the last one known, and the CRLs of its CAs, from
 * the one address that is given and no other: distribution points in certificates are not followed.
 * The text says why it did not come to an end; what was taken until then stays.
 *
 * @param charactersAMinute of former versions, from one state
 */
export function pollTrust(deps: PollDependencies, charactersAMinute = CHARACTERS_A_MINUTE) {
  const publishList = publishTrustList(deps)
  const keepCrl = publishCrl(deps)
  const vouch = vouchedVersions(deps)
  const getList = (url: string) => get(url, MAX_TRUST_LIST_LENGTH)
  const former = formerVersions(deps.now, getList, charactersAMinute)
  const countsAtOnce = firstContacts(deps.now)
  /** The refusal last told of each state: what is polled every minute is one alarm, not one a minute. */
  const alarmed = new Map<string, string>()

  async function alarm(state: string, detail: string): Promise<void> {
    if (alarmed.get(state) === detail) return
    alarmed.set(state, detail)
    const at = formatInstant(deps.now())
    await deps.alarms.raise({ at, kind: 'trust-list-refused', peer: state, detail })
  }

  return async (state: string, url: string): Promise<PollOutcome> => {
    const jws = await getList(`${url}/trust/list`)
    if ('error' in jws) return jws
    const parsed = parseJws(jws.text)
    const read = 'malformed' in parsed ? undefined : TrustList.safeParse(parsed.payload)
    const newest = read?.data
    if ('malformed' in parsed || newest?.state !== state) {
      if (newest) await alarm(state, `state-differs: its node serves the list of ${newest.state}`)
      return { error: 'what came is not the trust list of the state' }
    }
    if (parsed.environment !== deps.environment) {
      const detail = `environment-differs: the node of ${state} is one of ${parsed.environment}, this one of ${deps.environment}`
      await alarm(state, detail)
      return { error: detail }
    }
    const pins = (await deps.trustStore.pins()).filter((known) => known.state === state)
    if (pins.length === 0) return { error: `no root is pinned for ${state}` }
    const anchors = await anchorsOf(newest, pins)
    if (!rootAnchor(newest, anchors)) {
      const detail = `the root of the list is not the one pinned for ${state}`
      await alarm(state, `version ${newest.version}: root-not-pinned: ${detail}`)
      return { error: detail }
    }
    // The roots vouch for the list's signer, their CRLs for the signer's standing; the CAs in the list
    // count for nothing before the list itself is accepted.
    const cas = anchors.flatMap(({ certificate, links = [] }) =>
      [certificate, ...links.map((link) => link.certificate)].map(({ der }) => encodeBase64(der)),
    )
    // What is missing of them may not be needed: the list itself tells.
    await fetchCrls(url, { ...newest, cas }, anchors)

    const known = await deps.trustStore.versions(state)
    const last = known.at(-1)?.version ?? 0
    // Perhaps a cache, perhaps an attempt to bring back a removed key: either way not the newest list.
    if (newest.version < last) {
      await publishList(jws.text, { state })
      return { error: `version ${newest.version} of the trust list came, ${last} is known` }
    }
    const newestText = { text: jws.text, version: newest.version }
    const notTaken = await takeVersions(state, url, { newest: newestText, last })
    if (notTaken) return notTaken
    const fork = known.find(({ version }) => version === newest.version)
    if (fork && !statementDigests(parsed).includes(fork.sha256)) {
      await publishList(jws.text, { state })
      return { error: `another version ${newest.version} than the one accepted before` }
    }
    const missing = await fetchCrls(url, newest, anchors)
    // Whom the list names is known, also where it cannot be told yet whether they were revoked.
    await deps.peers.trustChecked(state, formatInstant(deps.now()))
    if (missing !== undefined) return { error: missing }
    alarmed.delete(state)
    return { ok: true }
  }

  /** Takes every version behind the last one known; why it came to no end. */
  async function takeVersions(
    state: string,
    url: string,
    { newest, last }: { newest: { text: string; version: number }; last: number },
  ): Promise<{ error: string; halfWay?: true } | undefined> {
    const fetchVersion = former(state, url)
    const atOnceUpTo = countsAtOnce(state, { known: last, newest: newest.version })
    let vouched: Vouched | undefined
    for (let version = last + 1; version <= newest.version; version++) {
      const notTaken = await take(version, version <= atOnceUpTo)
      if (notTaken !== undefined)
        return {
          error: `trust list version ${version}: ${notTaken}`,
          ...(version > 1 && { halfWay: true }),
        }
    }
    return undefined

    async function take(version: number, atOnce: boolean): Promise<string | undefined> {
      const fetched = version === newest.version ? newest : await fetchVersion(version)
      if ('error' in fetched) return fetched.error
      const { text } = fetched
      let published = await publishList(text, { state, atOnce })
      const refusal = published.outcome === 'refused' ? published.refusal : undefined
      if (refusal && isOfSigner(refusal) && version < newest.version) {
        vouched ??= await vouch({ jws: newest.text, state, from: version, fetchVersion })
        if ('open' in vouched) {
          const detail = `${refusal.detail}; ${vouched.open}`
          if (vouched.isTooLong) await alarm(state, `version ${version}: ${detail}`)
          return detail
        }
        const isVouched = vouched.digests.has(await digestOf(text))
        if (isVouched) published = await publishList(text, { state, atOnce, isVouched })
      }
      if (published.outcome !== 'refused') return undefined
      const { refused, detail } = published.refusal
      if (refused !== 'cannot-tell' && refused !== 'fork')
        await alarm(state, `version ${version}: ${refused}: ${detail}`)
      return `${refused}: ${detail}`
    }
  }

  async function fetchCrls(
    url: string,
    list: TrustList,
    anchors: readonly PinnedAnchor[],
  ): Promise<string | undefined> {
    const roots = anchors.map(({ certificate }) => certificate)
    const authorities = authoritiesOf(list)
    const counting = await Promise.all(
      authorities.map(async (one) => ((await isUnderRoot(one, authorities, roots)) ? [one] : [])),
    )
    const names = [...new Set(counting.flat().map((authority) => `${skiOf(authority)}.crl`))]
    const results = await inBatchOrder(names, CRLS_IN_FLIGHT, (name) => ({
      touches: [],
      run: async () => {
        const address = `${url}/trust/crls/${name}`
        const crl = await get(address, MAX_CRL_OCTETS)
        if ('error' in crl) return { address, failure: crl.error }
        const kept = await keepCrl(crl.bytes, list)
        const failure = kept.outcome === 'refused' ? `${name}: ${kept.detail}` : undefined
        if (kept.outcome === 'refused' && kept.alarming)
          await alarm(list.state, `CRL ${name}: ${kept.detail}`)
        return { address, failure }
      },
    }))
    const at = formatInstant(deps.now())
    const came = results.filter(({ failure }) => failure === undefined)
    await deps.revocationFetches.succeeded(
      list.state,
      came.map(({ address }) => address),
      at,
    )
    const failures = results.filter(({ failure }) => failure !== undefined)
    for (const { address, failure = '' } of failures)
      await deps.revocationFetches.failed(list.state, address, { at, failure })
    return failures[0]?.failure
  }

  async function get(
    url: string,
    maxBytes: number,
  ): Promise<{ bytes: Uint8Array; text: string } | { error: string }> {
    try {
      const response = await deps.fetch(url, {
        // Not followed: its status is not 200. 'error' is unknown to Workers.
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      if (!response.ok) {
        await response.body?.cancel()
        return { error: `${url}: HTTP ${response.status}` }
      }
      const bytes = await readBounded(response.body, maxBytes)
      return { bytes, text: new TextDecoder().decode(bytes) }
    } catch (error) {
      return { error: `${url}: ${error instanceof Error ? error.message : 'no answer'}` }
    }
  }
}
