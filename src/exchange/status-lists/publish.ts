import type { Seal } from '../../jose/sign.ts'
import { packStatusList } from '../../status-list/status-list.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { Join } from '../join.ts'
import { keyOrNone, NoKeyInForce } from '../key-in-force.ts'
import type { Seals } from '../seals.ts'
import type { StatusListStore } from './store.ts'
import { signStatusList } from './token.ts'

export interface PublishStatusListDependencies {
  readonly publicUrl: string
  readonly now: () => Date
  readonly seals: Pick<Seals, 'statusSigner'>
  readonly ownStatusLists: StatusListStore
  readonly join: Join
}

export type PublishedStatusList =
  | { readonly outcome: 'signed'; readonly jws: string; readonly sha256: string }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'signer-not-available'; readonly detail: string }
  /** What it should show is lost: what it said of a position might be untrue. */
  | { readonly outcome: 'incomplete' }

interface Held {
  readonly revision: number
  readonly signer: string
  readonly renewAt: number
  readonly signed: PublishedStatusList
}

/** An unchanged list is signed again so often that a fresh copy is never long past its `iat`. */
const RENEW_AFTER_MS = 3600_000

/**
 * Signs this node's status lists. One token serves until something of its list changes, in whichever
 * process: the revision is read first, so that the rows behind it can only be newer than it says.
 */
export function publishStatusList(deps: PublishStatusListDependencies) {
  const held = new Map<number, Held>()

  return async (id: number): Promise<PublishedStatusList> => {
    const uri = `${deps.publicUrl}/status/${id}`
    const found = await deps.ownStatusLists.find({ id, uri })
    if (!found) return { outcome: 'unknown' }
    if (!found.isComplete) return { outcome: 'incomplete' }
    const now = deps.now()
    // Also where a token is held: nobody would believe it any more.
    const signer = await keyOrNone(deps.seals.statusSigner())
    if (signer instanceof NoKeyInForce)
      return { outcome: 'signer-not-available', detail: signer.message }
    const { size, revision } = found
    const current = held.get(id)
    const isSame = current?.revision === revision && current.signer === signer.x5tS256
    if (isSame && now.getTime() < current.renewAt) return current.signed
    return deps.join(`sign ${uri} at ${revision} by ${signer.x5tS256}`, async () => {
      const signed = await makeToken(deps, uri, size, { signer, signedAt: now })
      const newest = held.get(id)
      if (!newest || newest.revision <= revision)
        held.set(id, {
          revision,
          signer: signer.x5tS256,
          renewAt: now.getTime() + RENEW_AFTER_MS,
          signed,
        })
      return signed
    })
  }
}

async function makeToken(
  deps: PublishStatusListDependencies,
  uri: string,
  size: number,
  by: { readonly signer: Seal; readonly signedAt: Date },
): Promise<PublishedStatusList> {
  const list = packStatusList(size, await deps.ownStatusLists.listed(uri))
  const jws = await signStatusList({ uri, list, ...by })
  return { outcome: 'signed', jws, sha256: await digestOf(jws) }
}
