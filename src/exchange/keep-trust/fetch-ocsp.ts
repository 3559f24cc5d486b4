import { readBounded } from '../../encoding/read-bounded.ts'
import { formatInstant } from '../../encoding/time.ts'
import { ocspContradiction, verifyOcspResponse } from '../../trust/accept-ocsp.ts'
import type { HeldOcspResponse, OcspStore, StoredOcspResponse } from '../../trust/ocsp-store.ts'
import { type OcspTarget, ocspTargets } from '../../trust/ocsp-targets.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import type { TrustList } from '../../trust/trust-list.ts'
import { ocspRequest } from '../../x509/ocsp-request.ts'
import { MAX_OCSP_OCTETS } from '../../x509/ocsp-response.ts'
import { inBatchOrder } from '../issuing/issue-batch.ts'
import { holdsBack, pauseAfter } from '../pause.ts'
import { responderOf } from './ocsp-responder.ts'
import type { AlarmLog } from '../records.ts'
import type { RevocationFetch, RevocationFetches } from './revocation-fetches.ts'

export interface FetchOcspDependencies {
  readonly publicUrl: string
  readonly now: () => Date
  /** 0 … 1, for the jitter. */
  readonly random: () => number
  readonly fetch: typeof fetch
  readonly trust: CurrentTrust
  readonly trustStore: OcspStore
  readonly revocationFetches: RevocationFetches
  readonly alarms: Pick<AlarmLog, 'raiseOnce'>
}

interface Question {
  readonly target: OcspTarget
  readonly url: string
}

type Answer = StoredOcspResponse | { refused: string } | { error: string }

const TIMEOUT_MS = 10_000
/** Of one state: in flight at once, in one round, and how long a round begins new ones. */
const IN_FLIGHT = 4
const MAX_QUESTIONS = 64
const ROUND_MS = 20_000
/** Different responders of one state that are asked; each is held back by itself. */
const MAX_RESPONDERS = 8
/** A kept response is asked for again after a quarter of its time, within these. */
const ASK_AGAIN_MS = { least: 60_000, most: 3600_000 }
const REFUSED_AGAIN_MS = 5 * 60_000

/**
 * One round of asking OCSP responders (RFC 6960 A.1) about the keys and authorities of every trust list
 * whose X.509 certificate names one. Asked are hosts of that state's own nodes alone, see `responderOf`;
 * kept is only what verifies. A responder that fails is left alone for longer and longer.
 */
export function fetchOcsp(deps: FetchOcspDependencies) {
  /** When each was last answered; a process that starts asks for all that it has not. */
  const answered = new Map<string, { at: number; againInMs: number }>()
  const known = new WeakMap<TrustList, { pins: number; targets: readonly OcspTarget[] }>()

  return async (): Promise<void> => {
    const trust = await deps.trust()
    const lists = trust.view.states().flatMap((state) => trust.view.list(state) ?? [])
    const [held, fetches] = await Promise.all([
      deps.trustStore.heldOcspResponses(),
      deps.revocationFetches.all(),
    ])
    await Promise.all(lists.map((list) => askAbout(list, trust, held, fetches)))
  }

  async function askAbout(
    list: TrustList,
    trust: Trust,
    held: readonly HeldOcspResponse[],
    fetches: readonly RevocationFetch[],
  ): Promise<void> {
    const now = deps.now()
    const pins = trust.pins.length
    const last = known.get(list)
    const targets = last?.pins === pins ? last.targets : askable(list, trust, now)
    known.set(list, { pins, targets })
    if (targets !== last?.targets) forgetOthers(list.state, targets)
    const questions = questionsOf(targets, trust.view.nodes(list.state, now), deps.publicUrl)
    const isHeldBack = (url: string) => {
      const next = fetches.find((fetch) => fetch.url === url)?.nextAttemptAt
      return next !== undefined && holdsBack(Date.parse(next), now)
    }
    const heldBy = new Map(held.map((one) => [keyOf(one), one]))
    const due = questions.filter(
      ({ target, url }) => !isHeldBack(url) && isDue(target, heldBy.get(nameOf(target)), now),
    )
    // From a different place every time: what is never answered must not keep others waiting.
    const from = Math.floor(deps.random() * due.length)
    const round = [...due.slice(from), ...due.slice(0, from)].slice(0, MAX_QUESTIONS)
    await askRound(list.state, round, fetches, now)
  }

  /** What a state's list does not name any more: it may name others every day. */
  function forgetOthers(state: string, targets: readonly OcspTarget[]): void {
    const names = new Set(targets.map(nameOf))
    for (const name of answered.keys())
      if (name.startsWith(`${state} `) && !names.has(name)) answered.delete(name)
  }

  function isDue(target: OcspTarget, held: HeldOcspResponse | undefined, now: Date): boolean {
    const last = answered.get(nameOf(target)) ?? lastOf(held)
    if (!last) return true
    const passed = now.getTime() - last.at
    return passed < 0 || passed >= last.againInMs
  }

  async function askRound(
    state: string,
    round: readonly Question[],
    fetches: readonly RevocationFetch[],
    now: Date,
  ): Promise<void> {
    if (round.length === 0) return
    const failed = new Map<string, string>()
    const refused = new Map<string, string>()
    const kept: StoredOcspResponse[] = []
    const succeeded = new Set<string>()
    await inBatchOrder(round, IN_FLIGHT, ({ target, url }) => ({
      touches: [],
      run: async () => {
        if (failed.has(url) || deps.now().getTime() > now.getTime() + ROUND_MS) return
        const answer = await ask(target, url)
        if ('error' in answer) return void failed.set(url, answer.error)
        const againInMs = 'refused' in answer ? REFUSED_AGAIN_MS : againIn(answer)
        answered.set(nameOf(target), { at: deps.now().getTime(), againInMs })
        if ('refused' in answer) return void refused.set(url, answer.refused)
        kept.push(answer)
        succeeded.add(url)
      },
    }))
    await deps.trustStore.putOcspResponses(kept)
    const at = formatInstant(deps.now())
    await deps.revocationFetches.succeeded(state, [...succeeded], at)
    for (const [url, failure] of refused)
      if (!failed.has(url)) await deps.revocationFetches.failed(state, url, { at, failure })
    for (const [url, failure] of failed) {
      const before = fetches.find((fetch) => fetch.url === url)?.attempts ?? 0
      const pause = pauseAfter(before, { now: deps.now(), random: deps.random() })
      const nextAttemptAt = new Date(pause.until).toISOString()
      await deps.revocationFetches.failed(state, url, { at, failure, nextAttemptAt })
    }
  }

  async function alarm(peer: string, detail: string): Promise<void> {
    const at = formatInstant(deps.now())
    await deps.alarms.raiseOnce(detail, { at, kind: 'trust-list-refused', peer, detail })
  }

  async function ask(target: OcspTarget, url: string): Promise<Answer> {
    try {
      const response = await deps.fetch(url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/ocsp-request',
          Accept: 'application/ocsp-response',
        },
        body: await ocspRequest(target.certificate, target.issuer),
        // Not followed: its status is not 200. 'error' is unknown to Workers.
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const type = response.headers.get('content-type')?.split(';')[0]
      if (response.status !== 200 || type !== 'application/ocsp-response') {
        await response.body?.cancel()
        return { error: response.status === 200 ? `it sent ${type}` : `HTTP ${response.status}` }
      }
      const der = await readBounded(response.body, MAX_OCSP_OCTETS)
      const verified = await verifyOcspResponse(der, target, deps.now())
      const contradiction =
        'refused' in verified ? undefined : await ocspContradiction(verified, deps.trustStore)
      if (contradiction === undefined) return verified
      await alarm(target.state, `OCSP response of ${url}: ${contradiction}`)
      return { refused: contradiction }
    } catch (error) {
      return { error: error instanceof Error ? error.message : 'no answer' }
    }
  }
}

function askable(list: TrustList, { anchors }: Trust, now: Date): readonly OcspTarget[] {
  const roots = anchors.filter(({ state }) => state === list.state)
  const targets = ocspTargets(
    list,
    roots.map(({ certificate }) => certificate),
    now,
  )
  return targets.filter(({ certificate }) => certificate.ocspUrls.length > 0)
}

function questionsOf(
  targets: readonly OcspTarget[],
  nodes: TrustList['nodes'],
  publicUrl: string,
): readonly Question[] {
  const found = targets.flatMap((target): Question[] => {
    const url = responderOf(target.certificate, target.state, nodes)
    // What is served here was published here.
    if (url === undefined || new URL(url).origin === new URL(publicUrl).origin) return []
    return [{ target, url }]
  })
  const responders = [...new Set(found.map(({ url }) => url))].slice(0, MAX_RESPONDERS)
  return found.filter(({ url }) => responders.includes(url))
}

function lastOf(held: HeldOcspResponse | undefined) {
  return held && { at: Date.parse(held.storedAt), againInMs: againIn(held) }
}

function againIn({ thisUpdate, nextUpdate }: HeldOcspResponse): number {
  const quarter = (Date.parse(nextUpdate) - Date.parse(thisUpdate)) / 4
  return Math.min(Math.max(quarter, ASK_AGAIN_MS.least), ASK_AGAIN_MS.most)
}

function nameOf({ state, ski, certificate }: OcspTarget): string {
  return keyOf({ state, ski, serial: certificate.serialNumber })
}

function keyOf({ state, ski, serial }: { state: string; ski: string; serial: string }): string {
  return `${state} ${ski} ${serial}`
}
