import { formatInstant } from '../../encoding/time.ts'
import { type Addition, additionsOf, IDENTITY, logName } from '../../trust/additions.ts'
import { countingInstants, NEVER, standingForks } from '../../trust/counting-instants.ts'
import { readList } from '../../trust/list-histories.ts'
import type { TrustFork } from '../../trust/trust-decisions.ts'
import type { Body, TrustList } from '../../trust/trust-list.ts'
import type { TrustStore } from '../../trust/trust-store.ts'
import { keyObstacle } from '../../trust/trust-view.ts'
import { openProposals } from './four-eyes.ts'

/** What a version of a state's list adds and does not count at this node yet, nor has been taken away since. */
export interface PendingAdditions {
  readonly state: string
  readonly version: number
  readonly sha256: string
  /** Absent: frozen, until a fork is settled. */
  readonly countsFrom: string | undefined
  readonly additions: Addition[]
}

export interface UndecidedTrust {
  readonly pending: PendingAdditions[]
  readonly proposals: Awaited<ReturnType<typeof openProposals>>
  readonly forks: TrustFork[]
}

type Store = Pick<TrustStore, 'accepted' | 'version' | 'approvals' | 'forks' | 'proposals' | 'pins'>

/** What of trust waits: additions for their instant, proposals and forks for people. */
export async function undecidedTrust(store: Store, now: Date): Promise<UndecidedTrust> {
  const [accepted, proposals, forks, approvals] = await Promise.all([
    store.accepted(),
    openProposals(store, now),
    store.forks(),
    store.approvals(),
  ])
  const instants = countingInstants(accepted, approvals, forks)
  const instant = formatInstant(now)
  const waiting = accepted.filter(({ sha256 }) => (instants.get(sha256) ?? '') > instant)
  const pending = await Promise.all(
    waiting.map(async ({ state, version, sha256 }): Promise<PendingAdditions[]> => {
      const additionsFrom = instants.get(sha256)!
      const last = accepted.findLast((one) => one.state === state)!.version
      const [before, list, newest] = await Promise.all(
        [version - 1, version, last].map((one) => readList(store, state, one)),
      )
      const additions = stillAdded(before!, list!, { newest: newest!, now })
      const countsFrom = additionsFrom === NEVER ? undefined : additionsFrom
      return additions.length > 0 ? [{ state, version, sha256, countsFrom, additions }] : []
    }),
  )
  return { pending: pending.flat(), proposals, forks: standingForks(forks, approvals) }
}

/** What a version added to the one before, as far as the newest has neither ended nor taken it back. */
function stillAdded(
  before: TrustList,
  list: TrustList,
  { newest, now }: { readonly newest: TrustList; readonly now: Date },
): Addition[] {
  const hasEnded = (entry: Parameters<typeof keyObstacle>[0]) => {
    const obstacle = keyObstacle(entry, now)
    return obstacle === 'removed' || obstacle === 'ended'
  }
  const endedKeys = new Set(newest.keys.filter(hasEnded).map(({ x5tS256 }) => x5tS256))
  const endedLogs = new Set(newest.logs.filter(hasEnded).map(logName))
  const nodes = new Set(newest.nodes.map((node) => JSON.stringify(node)))
  const left = {
    ...list,
    bodies: list.bodies.map((body) => asLeft(body, bodyIn(before, body), bodyIn(newest, body))),
    keys: list.keys.filter(({ x5tS256 }) => !endedKeys.has(x5tS256)),
    logs: list.logs.filter((log) => !endedLogs.has(logName(log))),
    nodes: list.nodes.filter((node) => nodes.has(JSON.stringify(node))),
  }
  const mayIssue = new Set(
    list.bodies.filter(({ scopes }) => scopes.length > 0).map(({ id }) => id),
  )
  const bodies = newest.bodies.filter(({ id, scopes }) => scopes.length > 0 || !mayIssue.has(id))
  const today = new Set(additionsOf(before, { ...newest, bodies }).map(nameOf))
  return additionsOf(before, left).filter(
    (one) => (one.added !== 'body' && one.added !== 'scope') || today.has(nameOf(one)),
  )
}

const bodyIn = ({ bodies }: TrustList, { id }: Body) => bodies.find((body) => body.id === id)

/** A body with what it was before, where a version changed that and the newest does not say it any more. */
function asLeft(body: Body, before: Body | undefined, newest: Body | undefined): Body {
  if (!before || !newest) return body
  const back = IDENTITY.filter((property) => newest[property] !== body[property])
  return { ...body, ...Object.fromEntries(back.map((property) => [property, before[property]])) }
}

const nameOf = ({ added, subject }: Addition) => `${added} ${subject}`
