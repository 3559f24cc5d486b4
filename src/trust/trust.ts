import type { Environment } from '../jose/environment.ts'
import { crlSource, type CrlSource, keptCrlSource } from '../x509/crl-source.ts'
import type { Crl } from '../x509/crl.ts'
import type { OcspResponse } from '../x509/ocsp-response.ts'
import { keptOcspSource, ocspSource, type OcspSource } from '../x509/ocsp-source.ts'
import { anchorsOf, type PinnedAnchor, pinnedRootsOf, rootAnchor } from './anchors.ts'
import { type EvidenceMemory, readEvidence } from './kept-evidence.ts'
import { type HistoryMemory, readHistories } from './list-histories.ts'
import type { TrustList } from './trust-list.ts'
import type { TrustPin, TrustStore } from './trust-store.ts'
import { type ListHistories, trustView, type TrustView } from './trust-view.ts'

/** Everything a validation may rely on, at one revision. */
export interface Trust {
  readonly revision: number
  /** Documents of the other environment are refused before anything else is asked of them. */
  readonly environment: Environment
  readonly view: TrustView
  readonly anchors: readonly PinnedAnchor[]
  readonly crls: CrlSource
  readonly ocsp: OcspSource
  readonly pins: readonly TrustPin[]
}

export type CurrentTrust = () => Promise<Trust>

/**
 * Reads pins, newest lists, CRLs and OCSP responses, and again only when one of them has changed. Who asks
 * while another reads, reads as well: on Workers a request must not wait for the work of another.
 */
export function currentTrust(
  store: TrustStore,
  environment: Environment = 'production',
): CurrentTrust {
  let held: Trust | undefined
  const memory = { histories: new Map(), evidence: { crls: new Map(), ocsp: new Map() } }
  return async () => {
    const revision = await store.revision()
    if (held?.revision === revision) return held
    const read = await readTrust(store, revision, environment, memory)
    // Of two who read at once the slower one may put back an older revision: the next question reads again.
    held = read
    return read
  }
}

async function readTrust(
  store: TrustStore,
  revision: number,
  environment: Environment,
  memory: { readonly histories: HistoryMemory; readonly evidence: EvidenceMemory },
): Promise<Trust> {
  const [pins, held, kept] = await Promise.all([
    store.pins(),
    readHistories(store, memory.histories),
    readEvidence(store, memory.evidence),
  ])
  const lists = [...held.values()].map(({ newest }) => newest)
  const histories = new Map([...held].map(([state, { counted }]) => [state, counted]))
  const trust = await trustOf({ pins, lists, histories, crls: [], revision, environment })
  return { ...trust, crls: keptCrlSource(kept.crls), ocsp: keptOcspSource(kept.ocsp) }
}

/**
 * Trust in accepted lists; one whose root is neither pinned nor certified by a pinned one is left out. Of a
 * state without a list, but with a pinned root, paths can be judged, and no key is known.
 */
export async function trustOf(input: {
  pins: readonly TrustPin[]
  /** The newest of each state. */
  lists: readonly TrustList[]
  /** Of which nobody can tell whether they may be believed: nothing of them counts but roots that are pinned. */
  undecided?: readonly TrustList[]
  histories?: ListHistories
  crls: readonly Crl[]
  ocsp?: readonly OcspResponse[]
  revision: number
  environment?: Environment | undefined
}): Promise<Trust> {
  const { pins, lists, undecided = [], histories, crls, ocsp = [] } = input
  const { revision, environment = 'production' } = input
  const rooted = await Promise.all(
    lists.map(async (list) => ({ list, anchors: await anchorsOf(list, pins) })),
  )
  const underTheirRoot = rooted.filter(
    ({ list, anchors }) => rootAnchor(list, anchors) !== undefined,
  )
  const believed = underTheirRoot.map(({ list }) => list)
  const anchors = [
    ...underTheirRoot.flatMap((one) => one.anchors),
    ...(await pinnedRootsOf(undecided, pins)),
  ]
  const view = trustView(believed, histories)
  const evidence = { crls: crlSource(crls), ocsp: ocspSource(ocsp) }
  return { revision, environment, view, anchors, ...evidence, pins }
}
