import { decodeBase64 } from '../../encoding/base64url.ts'
import { type Environment } from '../../jose/environment.ts'
import { parseJws } from '../../jose/parse.ts'
import { type RefusedTrustList, verifyTrustList } from '../../trust/accept-trust-list.ts'
import { countedList, type CountedList } from '../../trust/additions.ts'
import type { LogPolicy } from '../../tlog/policy.ts'
import { TrustList } from '../../trust/trust-list.ts'
import type { TrustPin } from '../../trust/trust-store.ts'
import { type Trust, trustOf } from '../../trust/trust.ts'
import { crlSource } from '../../x509/crl-source.ts'
import { type Crl, parseCrl } from '../../x509/crl.ts'
import { type OcspResponse, parseOcspResponse } from '../../x509/ocsp-response.ts'
import { ocspSource } from '../../x509/ocsp-source.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { EvidencePack, LoggedPart } from './pack.ts'
import { appliedPolicy } from '../log/policy.ts'
import { witnessedTime } from './witnessed-time.ts'

/** A root whose fingerprint was told in person; for every state, unless it names one. */
export interface GivenRoot {
  readonly state: string | undefined
  readonly rootSha256: string
}

export interface GivenTrust {
  readonly roots: readonly GivenRoot[]
  /** Further trust lists, CRLs and OCSP responses at hand, perhaps newer than those of the pack. */
  readonly lists: readonly string[]
  readonly crls: readonly Crl[]
  readonly ocsp: readonly OcspResponse[]
  /** Which witnesses are needed; undefined: one of another state, by the trust lists. */
  readonly policy: LogPolicy | undefined
  /** As of when the pack is judged. */
  readonly now: Date
  /** The present: what is given beside the pack may be newer than it. */
  readonly clock: Date
  readonly environment: Environment
}

export interface PackTrust {
  readonly trust: Trust
  /** Lists on which nothing is based; without a pinned root of its state none is. */
  readonly refused: readonly (RefusedTrustList & { readonly state: string })[]
  /**
   * States of which a list was given that is newer than those believed, and cannot be judged; and those of
   * which no list is believed, one cannot be judged, and the root is pinned.
   */
  readonly undecided: ReadonlySet<string>
}

/**
 * Trust in what a pack brings along, as far as it verifies under roots pinned out of band. Newest
 * versions first: they name the keys of the logs and witnesses by which older ones are dated.
 */
export async function packTrust(pack: EvidencePack, given: GivenTrust): Promise<PackTrust> {
  const { now, clock, environment } = given
  const parts = [...pack.trustLists, ...given.lists.map((jws): LoggedPart => ({ jws }))]
  const claimed = parts.flatMap((part) => {
    const list = claimedList(part.jws)
    return list ? [{ part, list }] : []
  })
  const crls = [...given.crls, ...pack.crls.flatMap((text) => readable(parseCrl(der(text))))]
  const ocsp = [
    ...given.ocsp,
    ...pack.ocspResponses.flatMap((text) => readable(parseOcspResponse(der(text)))),
  ]
  const states = [...new Set(claimed.map(({ list }) => list.state))].toSorted()
  const pins = states.flatMap((state) => pinsFor(given.roots, state))
  const refused: (RefusedTrustList & { state: string })[] = []

  const revocation = { crls: crlSource(crls), ocsp: ocspSource(ocsp) }
  const brought = new Set(pack.trustLists.map(({ jws }) => jws))
  const verify = async ({ jws }: LoggedPart, state: string, at?: Date) => {
    const evidence = { pins, ...revocation, environment, ...(at && { at }) }
    let list = await verifyTrustList(jws, { ...evidence, now: brought.has(jws) ? now : clock })
    if (!brought.has(jws) && 'refused' in list && list.refused === 'cannot-tell') {
      // Of the signer of a newer list perhaps no more is at hand than the pack brought.
      const asOfPack = await verifyTrustList(jws, { ...evidence, now, clock })
      if (!('refused' in asOfPack)) list = asOfPack
    }
    if ('refused' in list) refused.push({ ...list, state })
    return list
  }
  const undecided = new Set<string>()
  const believed: TrustList[] = []
  const notJudged: TrustList[] = []
  const newest = new Set<string>()
  for (const state of states) {
    const ofState = claimed.filter(({ list }) => list.state === state).toSorted(newestFirst)
    for (const { part, list: said } of ofState) {
      const list = await verify(part, state)
      if ('refused' in list) {
        if (list.refused !== 'cannot-tell') continue
        notJudged.push(said)
        // Beside a list that is believed only one that its signer did sign makes that one look old.
        if (!brought.has(part.jws) && list.isSigned) undecided.add(state)
        continue
      }
      believed.push(list)
      newest.add(part.jws)
      break
    }
  }
  for (const { state } of notJudged)
    if (!believed.some((list) => list.state === state)) undecided.add(state)
  const lists = { lists: believed, undecided: notJudged }
  const evidence = { pins, ...lists, crls, ocsp, revision: 0, environment }
  const present = await trustOf(evidence)
  const quorum = appliedPolicy(present.view, pack.state, { further: [], policy: given.policy })

  const histories = new Map<string, CountedList>()
  for (const list of believed) {
    const versions = [list]
    for (const { part, list: former } of claimed) {
      if (former.state !== list.state || former.version >= list.version) continue
      if (newest.has(part.jws)) continue
      const time = await witnessedTime(part, await digestOf(part.jws), {
        trust: present,
        state: pack.state,
        quorum,
        now,
      })
      const verified = await verify(part, list.state, 'at' in time ? time.at : undefined)
      if (!('refused' in verified)) versions.push(verified)
    }
    const inOrder = versions.toSorted((a, b) => a.version - b.version)
    histories.set(
      list.state,
      countedList(
        inOrder.map((version) => ({
          list: version,
          acceptedAt: undefined,
          additionsFrom: undefined,
        })),
      ),
    )
  }
  return { trust: await trustOf({ ...evidence, histories }), refused, undecided }
}

function newestFirst(a: { readonly list: TrustList }, b: { readonly list: TrustList }): number {
  return b.list.version - a.list.version
}

/** The list in a signed document, not yet believed. */
export function claimedList(jws: string): TrustList | undefined {
  const parsed = parseJws(jws)
  return 'malformed' in parsed ? undefined : TrustList.safeParse(parsed.payload).data
}

function pinsFor(roots: readonly GivenRoot[], state: string): TrustPin[] {
  return roots
    .filter((root) => (root.state ?? state) === state)
    .map(({ rootSha256 }) => ({ state, rootSha256, pinnedAt: '' }))
}

const der = (text: string) => decodeBase64(text) ?? new Uint8Array()

/** What cannot be read says nothing. */
function readable<T extends object>(read: T | { readonly malformed: string }): T[] {
  return 'malformed' in read ? [] : [read]
}
