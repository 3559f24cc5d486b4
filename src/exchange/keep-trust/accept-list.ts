import { formatInstant } from '../../encoding/time.ts'
import type { Policy } from '../../certificate/policy.ts'
import { judgeTrustList, type RefusedTrustList } from '../../trust/accept-trust-list.ts'
import { type Addition, additionsOf } from '../../trust/additions.ts'
import { standingForks } from '../../trust/counting-instants.ts'
import type { AdminAct } from '../../trust/admin-act.ts'
import { TrustList } from '../../trust/trust-list.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import { actsEntry } from '../log/administrative-entry.ts'
import type { Effect } from '../effect.ts'
import type { NewEntry } from '../journal.ts'
import type { Alarm } from '../records.ts'
import { foreignText } from '../texts/foreign-text.ts'
import { trustListEffect } from '../projection.ts'
import { payloadOf } from '../registered.ts'

/** Why a list is not accepted, and what a person has to know of it at once. */
export type NotAccepted = RefusedTrustList & { readonly alarm?: Alarm | undefined }

export interface AcceptedList {
  readonly list: TrustList
  readonly effects: readonly Effect[]
}

type Judging = Parameters<typeof judgeTrustList>[1]

/**
 * Judges the next version of a state's list, from wherever it came, and tells what accepting it changes.
 * What it adds counts after the delay of the policy. The first version counts at once, because people
 * compared the fingerprint of its root, and so does what is fetched with it at the first contact. A fork
 * is kept as evidence, with both lists, and freezes additions until two persons decide.
 */
export function acceptList(deps: {
  readonly policy: Pick<Policy, 'trustAdditionDelayHours'>
  readonly trustStore: TrustStore
}) {
  const { policy, trustStore } = deps
  return async (
    { jws, sha256 }: { jws: string; sha256: string },
    known: Omit<Judging, 'accepted' | 'issuedAt'>,
    { claimed, atOnce = false }: { claimed: TrustList | undefined; atOnce?: boolean | undefined },
  ): Promise<AcceptedList | NotAccepted> => {
    const accepted = claimed ? await trustStore.versions(claimed.state) : []
    const issuedAt = (version: number) => issuedAtOf(trustStore, claimed?.state ?? '', version)
    const list = await judgeTrustList(jws, { ...known, accepted, issuedAt })
    const { now, previous } = known
    if ('refused' in list) {
      if (list.refused !== 'fork' || !claimed) return list
      return { ...list, alarm: await keepFork(claimed, { jws, sha256 }, now) }
    }
    const { state, version } = list
    const effects: Effect[] = [trustListEffect(sha256, list)]
    if (!previous || atOnce) return { list, effects }
    const delayMs = policy.trustAdditionDelayHours * 3_600_000
    const additionsFrom = formatInstant(new Date(now.getTime() + delayMs))
    effects.push({ effect: 'additions-from', state, version, sha256, additionsFrom })
    const added = additionsOf(previous.list, list)
    if (added.length > 0 && delayMs > 0)
      effects.push({
        effect: 'alarm',
        alarm: {
          at: formatInstant(now),
          kind: 'trust-additions-pending',
          peer: state,
          detail: `version ${version} of the trust list adds ${told(added)}; it counts here from ${additionsFrom}. Who did not expect it stops it there: ask ${state} to remove it`,
        },
      })
    return { list, effects }
  }

  /** Told once a list, however often it comes. */
  async function keepFork(
    { state, version }: TrustList,
    { jws, sha256 }: { jws: string; sha256: string },
    now: Date,
  ): Promise<Alarm | undefined> {
    const at = formatInstant(now)
    const standing = standingForks(await trustStore.forks(), await trustStore.approvals())
    const ofList = standing.filter((fork) => fork.state === state && fork.of === 'list')
    if (ofList.length >= MAX_FORKS) return undefined
    const kept = await trustStore.keepFork({ state, version, sha256, seenAt: at }, jws)
    if (kept === 'known') return undefined
    return {
      at,
      kind: 'trust-list-forked',
      peer: state,
      detail: `its signer signed another version ${version} than the one accepted here; both are kept (the refused one is ${sha256}). Additions of ${state} do not count until two persons decide: ask ${state} over a second channel, then certex trust settle-fork`,
    }
  }
}

/** When an accepted version was issued, by its own word. */
export async function issuedAtOf(
  store: Pick<TrustStore, 'version'>,
  state: string,
  version: number,
): Promise<string | undefined> {
  const jws = await store.version(state, version)
  return jws === undefined ? undefined : TrustList.parse(payloadOf(jws)).issuedAt
}

/** The entry that shows from when on additions count which these effects delay; none, if none does. */
export function delaysEntry(effects: readonly Effect[], at: string): NewEntry[] {
  const acts = effects.flatMap((effect): AdminAct[] => {
    if (effect.effect !== 'additions-from') return []
    const { state: subject, sha256, additionsFrom } = effect
    const detail = `${sha256}; from ${additionsFrom}`
    return [{ at, actor: 'node', act: 'additions-delayed', subject, detail }]
  })
  return acts.length === 0 ? [] : [actsEntry(acts)]
}

/** So many refused lists that nobody has settled are evidence enough, and freeze what one freezes. */
const MAX_FORKS = 20
/** An alarm is a line; certex trust show has all of it. */
const MAX_TOLD = 5

/** What was added, in a line. */
export function told(added: readonly Addition[]): string {
  const named = added.slice(0, MAX_TOLD).map((one) => `${one.added} ${foreignText(one.subject)}`)
  const more = added.length - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}
