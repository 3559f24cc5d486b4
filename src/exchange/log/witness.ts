import { sha256Sync } from '../../crypto/suite.ts'
import { isSameOctets } from '../../encoding/octets.ts'
import { formatInstant } from '../../encoding/time.ts'
import { type SignedCheckpoint, verifyCheckpoint } from '../../tlog/checkpoint.ts'
import { verifyConsistency } from '../../tlog/consistency.ts'
import { cosign } from '../../tlog/cosignature.ts'
import { emptyRoot } from '../../tlog/merkle.ts'
import type { NoteSigner } from '../../tlog/note-signature.ts'
import { formatSignatureLine } from '../../tlog/signed-note.ts'
import { type AddCheckpoint, parseAddCheckpoint } from '../../tlog/witness-request.ts'
import type { LogName, WitnessedCheckpoint, WitnessStore } from '../../tlog/witness-store.ts'
import type { CurrentTrust } from '../../trust/trust.ts'
import { type ComparisonDependencies, compareWithMirror, tellFork } from './compare-with-mirror.ts'
import { listedKeys, noteSignedBy } from './keys.ts'
import { keyOrNone, NoKeyInForce } from '../key-in-force.ts'
import { stateOfNoteKey } from '../working-keys.ts'

export interface WitnessDependencies extends ComparisonDependencies {
  readonly state: string
  readonly trust: CurrentTrust
  readonly witnessed: WitnessStore
  readonly witnessSigner: () => Promise<NoteSigner<'cosignature/v1'>>
  /** What one state's checkpoints may fill here in a day, in bytes; `WITNESSED_BYTES_A_DAY` if absent. */
  readonly witnessedBytesADay?: number
}

/** Three times what a log writes that signs once a second. */
export const WITNESSED_BYTES_A_DAY = 64 * 1024 * 1024

/** The answers of C2SP tlog-witness `add-checkpoint`, by the status that each one has over HTTP. */
export type WitnessAnswer =
  | { readonly answer: 'cosigned'; readonly lines: string }
  | { readonly answer: 'malformed' | 'old-size-too-large'; readonly detail: string }
  | { readonly answer: 'log-unknown' | 'not-signed' | 'not-consistent'; readonly detail: string }
  /** Nothing can be cosigned for now. */
  | { readonly answer: 'no-key' | 'too-many' | 'recalling'; readonly detail: string }
  /** The size that this witness has last cosigned. */
  | { readonly answer: 'conflict'; readonly size: bigint }

/** A checkpoint whose log has signed it. */
interface Verified {
  readonly log: LogName
  /** With the verified signatures alone. */
  readonly note: string
  readonly signed: SignedCheckpoint
}

/**
 * Witnesses the logs that trust lists of other states name: cosigns a checkpoint if it continues the one
 * cosigned before, and keeps it before it answers. There is one memory for an origin, because a
 * cosignature names no more than that. Checkpoints that contradict each other or the mirror of the log,
 * all signed by it, are kept as proof and told to the operators; from then on nothing of this log is
 * cosigned, because nobody here knows which of its histories is the true one.
 */
export function addCheckpoint(deps: WitnessDependencies) {
  return async (body: Uint8Array): Promise<WitnessAnswer> => {
    const request = parseAddCheckpoint(body)
    if ('malformed' in request) return { answer: 'malformed', detail: request.malformed }
    const { signed, oldSize } = request
    const { origin, size } = signed.checkpoint
    if (size > Number.MAX_SAFE_INTEGER)
      return { answer: 'malformed', detail: `no log has ${size} entries` }
    const newest = await deps.witnessed.newest(origin)
    const verified = await verify(deps, signed, newest?.state)
    if ('answer' in verified) return verified
    if (await deps.witnessed.mustRecall(origin)) return { answer: 'recalling', detail: RECALLING }
    const verdict = continues(request, newest)
    const history = await compareWithSeen(deps, verified, newest)
    if (verdict === 'consistent')
      return history === 'forked' ? twoHistories(verified.log) : store(deps, verified, newest)
    // Old size and proof are whoever's who brings it; what the log has signed may be another history all
    // the same: the next look into the log compares it.
    if (history === 'ahead') await keepUnproven(deps, verified)
    switch (verdict) {
      case 'old-size-too-large':
        return { answer: verdict, detail: `${oldSize} is more than ${size}` }
      case 'conflict':
        return { answer: verdict, size: newest?.size ?? 0n }
      case 'not-consistent':
        return { answer: verdict, detail: `of ${origin} from ${oldSize} to ${size}` }
    }
  }
}

const RECALLING =
  'the database of this witness was restored, and it cosigns nothing of this log before it has read back from it what it had cosigned'

/**
 * The state whose log has signed the checkpoint. An origin that bears the name of a state is that state's,
 * whoever lists it and whoever comes first; any other belongs to its `owner`, who had it witnessed first.
 */
async function verify(
  { state: self, trust, now, alarms }: WitnessDependencies,
  signed: SignedCheckpoint,
  owner: string | undefined,
): Promise<Verified | WitnessAnswer> {
  const { origin } = signed.checkpoint
  const { view } = await trust()
  const named = listedKeys(view, 'ed25519', now()).filter(
    ({ state, key }) => state !== self && key.name === origin,
  )
  if (named.length === 0)
    return { answer: 'log-unknown', detail: `no trust list names a log ${origin}` }
  const states = [...new Set(named.map(({ state }) => state))]
  const rightful = stateOfNoteKey(origin) ?? owner
  for (const state of states.toSorted((a, b) => Number(b === rightful) - Number(a === rightful))) {
    const keys = named.filter((each) => each.state === state).map(({ key }) => key)
    if ((await verifyCheckpoint(signed, keys)) !== 'valid') continue
    if (rightful === undefined || state === rightful)
      return { log: { state, origin }, note: noteSignedBy(signed, keys), signed }
    const at = formatInstant(now())
    const detail = `the trust list of ${state} names a log ${origin}, which is that of ${rightful}, and has signed a checkpoint of it: not cosigned`
    const alarm = { at, kind: 'log-origin-claimed', peer: state, detail } as const
    await alarms.raiseOnce(`log-origin-claimed ${state} ${origin}`, alarm)
    return { answer: 'log-unknown', detail: `${origin} is the log of another state` }
  }
  return { answer: 'not-signed', detail: `no key of ${origin} has signed it` }
}

function continues(
  { oldSize, proof, signed }: AddCheckpoint,
  newest: WitnessedCheckpoint | undefined,
): 'consistent' | 'old-size-too-large' | 'conflict' | 'not-consistent' {
  const { size, rootHash } = signed.checkpoint
  if (oldSize > size) return 'old-size-too-large'
  if (oldSize !== (newest?.size ?? 0n)) return 'conflict'
  const oldRootHash = newest?.rootHash ?? emptyRoot(sha256Sync)
  if (oldSize === size) {
    if (!isSameOctets(oldRootHash, rootHash)) return 'conflict'
    return proof.length === 0 ? 'consistent' : 'not-consistent'
  }
  // Nothing is to be proven from the empty tree.
  if (oldSize === 0n) return proof.length === 0 ? 'consistent' : 'not-consistent'
  const claim = { oldSize, newSize: size, oldRootHash, newRootHash: rootHash, proof }
  return verifyConsistency(sha256Sync, claim) ? 'consistent' : 'not-consistent'
}

async function store(
  deps: WitnessDependencies,
  verified: Verified,
  newest: WitnessedCheckpoint | undefined,
): Promise<WitnessAnswer> {
  const { witnessed, witnessSigner, now } = deps
  const { log, signed } = verified
  const { size } = signed.checkpoint
  const signer = await keyOrNone(witnessSigner())
  if (signer instanceof NoKeyInForce) return { answer: 'no-key', detail: signer.message }
  const at = now()
  const cosignature = formatSignatureLine(await cosign(signed, signer, at))
  // After the signature: until then others may have been faster, or have found a fork.
  const kept =
    !newest || size > newest.size
      ? await keep(deps, verified, { n: (newest?.n ?? 0) + 1, cosignature }, at)
      : await standing(deps, log, newest)
  switch (kept) {
    case 'kept':
      return { answer: 'cosigned', lines: cosignature }
    case 'overtaken':
      return { answer: 'conflict', size: (await witnessed.newest(log.origin))?.size ?? 0n }
    case 'forked':
      return twoHistories(log)
    case 'no-room':
      return { answer: 'too-many', detail: `of checkpoints of ${log.origin} for this day` }
  }
}

type Kept = Awaited<ReturnType<WitnessStore['keep']>>

/** A log that signs without end must not fill the disk of whoever witnesses it. */
async function keep(
  { witnessed, alarms, witnessedBytesADay: most = WITNESSED_BYTES_A_DAY }: WitnessDependencies,
  { log, note, signed }: Verified,
  next: { readonly n: number; readonly cosignature: string },
  now: Date,
): Promise<Kept> {
  const { state: peer, origin } = log
  const { size, rootHash } = signed.checkpoint
  const at = formatInstant(now)
  const day = at.slice(0, 10)
  const kept = await witnessed.keep(log, { ...next, size, rootHash, note, at }, { day, most })
  if (kept !== 'no-room') return kept
  const detail = `${origin} has signed more checkpoints on ${day} than this node keeps of a day (${most} bytes): no more of them are cosigned on this day`
  const alarm = { at, kind: 'log-grows-too-fast', peer, detail } as const
  await alarms.raiseOnce(`log-grows-too-fast witness ${peer} ${day}`, alarm)
  return kept
}

/** Whether what was cosigned before may be cosigned again: it is the newest still. */
async function standing(
  { witnessed }: WitnessDependencies,
  log: LogName,
  { n }: WitnessedCheckpoint,
): Promise<Kept> {
  if (await witnessed.isForked(log)) return 'forked'
  return (await witnessed.newest(log.origin))?.n === n ? 'kept' : 'overtaken'
}

function twoHistories({ origin }: LogName): WitnessAnswer {
  return { answer: 'not-consistent', detail: `${origin} has two histories` }
}

/**
 * With what was cosigned at the same size, however long ago, or else with the mirror. A fork is kept as
 * proof and told; `ahead`: nothing shown so far says which history it is of.
 */
async function compareWithSeen(
  deps: WitnessDependencies,
  { log, note, signed }: Verified,
  newest: WitnessedCheckpoint | undefined,
): Promise<'continued' | 'forked' | 'ahead'> {
  const { size, rootHash } = signed.checkpoint
  const known = newest && newest.size >= size ? await deps.witnessed.ofSize(log, size) : undefined
  if (!known) return compareWithMirror(deps, log, { size, rootHash, note })
  if (isSameOctets(known.rootHash, rootHash)) return 'continued'
  await tellFork(deps, { ...log, first: known.note, second: note, proof: [] })
  return 'forked'
}

async function keepUnproven(
  { witnessed, now }: WitnessDependencies,
  { log, note, signed }: Verified,
): Promise<void> {
  const { size, rootHash } = signed.checkpoint
  await witnessed.keepUnproven(log, { size, rootHash, note }, formatInstant(now()))
}
