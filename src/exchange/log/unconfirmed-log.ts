import { sha256Sync } from '../../crypto/suite.ts'
import { isSameOctets } from '../../encoding/octets.ts'
import { formatInstant } from '../../encoding/time.ts'
import { readFrontier, rootOf } from '../../tlog/frontier.ts'
import type { LogDoubt, LogStore } from '../../tlog/log-store.ts'
import { logHashReader } from '../../tlog/log-tiles.ts'
import type { UnprovenCheckpoint, WitnessStore } from '../../tlog/witness-store.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import type { PeerStore } from '../delivery/peer-store.ts'
import { noteKeyName, stateOfNoteKey } from '../working-keys.ts'
import { storedCheckpoint } from './history.ts'
import type { WitnessSettings } from './policy.ts'
import type { ProvenCheckpoint } from './proven-checkpoint.ts'

export interface NamedPeersDependencies {
  readonly state: string
  readonly trust: CurrentTrust
  readonly witnessing: WitnessSettings
  /** When the list of each was fetched; nobody is waited for because of an old list if absent. */
  readonly peers?: Pick<PeerStore, 'all'>
}

/**
 * States that may have witnessed the own log and cannot be asked yet, because no trust list of theirs is
 * believed here: those of the configuration, and those whose witnesses the configured policy names. After a
 * restore the pins may be lost: that nobody is known who could contradict says nothing.
 */
export async function unknownPeers(deps: NamedPeersDependencies): Promise<string[]> {
  const { view } = await deps.trust()
  const known = new Set(view.states())
  return namedStates(deps).filter((peer) => !known.has(peer))
}

/**
 * States that the configuration names and whose trust list was not fetched since the doubt began: the one of
 * an old database may be of before they had a witness. Whoever takes a state out of the configuration waits
 * for it no longer.
 */
export async function statesOfOldLists(
  deps: NamedPeersDependencies,
  { since }: Pick<LogDoubt, 'since'>,
): Promise<string[]> {
  const { view } = await deps.trust()
  const known = new Set(view.states())
  const named = namedStates(deps).filter((peer) => known.has(peer))
  if (!deps.peers || named.length === 0) return []
  const contacts = await deps.peers.all()
  // In the second of the restore nothing can have been fetched before it: the backup is older.
  const fetched = contacts.filter(({ trustCheckedAt: at }) => at !== undefined && at >= since)
  return named.filter((peer) => !fetched.some(({ state }) => state === peer))
}

function namedStates({
  state: self,
  witnessing: { peers = [], policy, further },
}: Pick<NamedPeersDependencies, 'state' | 'witnessing'>): string[] {
  // Whoever has an address in the configuration is asked there.
  const named = (policy?.witnesses ?? []).flatMap(({ key }) =>
    further.some((one) => isSameOctets(one.key.publicKey, key.publicKey))
      ? []
      : (stateOfNoteKey(key.name) ?? []),
  )
  return [...new Set([...peers, ...named])].filter((peer) => peer !== self)
}

export interface SignedElsewhereDependencies {
  readonly state: string
  readonly log: LogStore
  readonly witnessed: Pick<WitnessStore, 'unproven'>
}

/**
 * A checkpoint that the own log is known to have signed and that is not of the tree that stands here: it is
 * larger, or of another history. Whoever signed on would prove his own fork.
 */
export async function signedElsewhere({
  state,
  log,
  witnessed,
}: SignedElsewhereDependencies): Promise<UnprovenCheckpoint | undefined> {
  const signed = await witnessed.unproven({ state, origin: noteKeyName(state, 'log') })
  const { size } = await log.frontier()
  for (const checkpoint of signed) {
    if (checkpoint.size > size) return checkpoint
    const reader = logHashReader(sha256Sync, log, checkpoint.size)
    const root = rootOf(sha256Sync, await readFrontier(reader, checkpoint.size))
    if (!isSameOctets(root, checkpoint.rootHash)) return checkpoint
  }
  return undefined
}

/** Keeps, with the cosignature that was shown, what this log has signed over entries that a restore has lost. */
export async function keepSignedElsewhere(
  {
    state,
    witnessed,
    now,
  }: {
    readonly state: string
    readonly witnessed: Pick<WitnessStore, 'keepUnproven'>
    readonly now: () => Date
  },
  { size, note, cosignature }: ProvenCheckpoint,
): Promise<void> {
  const { rootHash } = storedCheckpoint(note)
  const shown = { size, rootHash, note: note + (cosignature?.line ?? '') }
  const own = { state, origin: noteKeyName(state, 'log') }
  await witnessed.keepUnproven(own, shown, formatInstant(now()))
}
