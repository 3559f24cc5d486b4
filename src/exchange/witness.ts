import { sha256Sync } from '../crypto/suite.ts'
import { isSameOctets } from '../encoding/octets.ts'
import { formatInstant } from '../encoding/time.ts'
import { type SignedCheckpoint, verifyCheckpoint } from '../tlog/checkpoint.ts'
import { verifyConsistency } from '../tlog/consistency.ts'
import { cosign } from '../tlog/cosignature.ts'
import { emptyRoot } from '../tlog/merkle.ts'
import type { NoteSigner } from '../tlog/note-signature.ts'
import { formatSignatureLine, formatSignedNote } from '../tlog/signed-note.ts'
import { type AddCheckpoint, parseAddCheckpoint } from '../tlog/witness-request.ts'
import type { LogName, WitnessedCheckpoint, WitnessStore } from '../tlog/witness-store.ts'
import type { CurrentTrust } from '../trust/trust.ts'
import { listedKeys } from './log-keys.ts'
import type { AlarmLog } from './records.ts'

export interface WitnessDependencies {
  readonly state: string
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly witnessed: WitnessStore
  readonly witnessSigner: () => Promise<NoteSigner<'cosignature/v1'>>
  readonly alarms: AlarmLog
}

/** The answers of C2SP tlog-witness `add-checkpoint`, by the status that each one has over HTTP. */
export type WitnessAnswer =
  | { readonly answer: 'cosigned'; readonly lines: string }
  | { readonly answer: 'malformed' | 'old-size-too-large'; readonly detail: string }
  | { readonly answer: 'log-unknown' | 'not-signed' | 'not-consistent'; readonly detail: string }
  /** The size that this witness has last cosigned. */
  | { readonly answer: 'conflict'; readonly size: bigint }

/**
 * Witnesses the logs that trust lists of other states name: cosigns a checkpoint if it continues the one
 * cosigned before, and keeps it before it answers. Two checkpoints of one size with different trees, both
 * signed by the log, are kept as proof and told to the operators.
 */
export function addCheckpoint(deps: WitnessDependencies) {
  return async (body: Uint8Array): Promise<WitnessAnswer> => {
    const request = parseAddCheckpoint(body)
    if ('malformed' in request) return { answer: 'malformed', detail: request.malformed }
    const { signed, oldSize } = request
    const { origin, size } = signed.checkpoint
    const log = await signerOf(deps, signed)
    if ('answer' in log) return log
    if (oldSize > size)
      return { answer: 'old-size-too-large', detail: `${oldSize} is more than ${size}` }

    const newest = await deps.witnessed.newest(log)
    if (newest && newest.size === size) await compare(deps, log, newest, signed)
    const known = newest?.size ?? 0n
    if (oldSize !== known) return { answer: 'conflict', size: known }
    const verdict = continues(request, newest)
    if (verdict === 'conflict') return { answer: 'conflict', size: known }
    if (verdict === 'not-consistent')
      return { answer: 'not-consistent', detail: `of ${origin} from ${oldSize} to ${size}` }
    return store(deps, log, newest, signed)
  }
}

/** The state whose log has signed the checkpoint. */
async function signerOf(
  { state: self, trust, now }: WitnessDependencies,
  signed: SignedCheckpoint,
): Promise<LogName | WitnessAnswer> {
  const { origin } = signed.checkpoint
  const { view } = await trust()
  const named = listedKeys(view, 'ed25519', now()).filter(
    ({ state, key }) => state !== self && key.name === origin,
  )
  if (named.length === 0)
    return { answer: 'log-unknown', detail: `no trust list names a log ${origin}` }
  for (const state of new Set(named.map((each) => each.state))) {
    const keys = named.filter((each) => each.state === state).map(({ key }) => key)
    if ((await verifyCheckpoint(signed, keys)) === 'valid') return { state, origin }
  }
  return { answer: 'not-signed', detail: `no key of ${origin} has signed it` }
}

function continues(
  { oldSize, proof, signed }: AddCheckpoint,
  newest: WitnessedCheckpoint | undefined,
): 'consistent' | 'conflict' | 'not-consistent' {
  const { size, rootHash } = signed.checkpoint
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
  { witnessed, witnessSigner, now }: WitnessDependencies,
  log: LogName,
  newest: WitnessedCheckpoint | undefined,
  signed: SignedCheckpoint,
): Promise<WitnessAnswer> {
  const { size, rootHash } = signed.checkpoint
  const at = now()
  const signature = await cosign(signed, await witnessSigner(), at)
  if (!newest || size > newest.size) {
    const kept = await witnessed.keep(log, {
      n: (newest?.n ?? 0) + 1,
      size,
      rootHash,
      note: ownNote(signed),
      at: formatInstant(at),
    })
    if (kept === 'overtaken') {
      const size = (await witnessed.newest(log))?.size ?? 0n
      return { answer: 'conflict', size }
    }
  }
  return { answer: 'cosigned', lines: formatSignatureLine(signature) }
}

/** The note with the log's own signatures: what others added could be anything. */
function ownNote({ note, checkpoint }: SignedCheckpoint): string {
  const signatures = note.signatures.filter(({ name }) => name === checkpoint.origin)
  return formatSignedNote({ text: note.text, signatures })
}

async function compare(
  { witnessed, alarms, now }: WitnessDependencies,
  log: LogName,
  newest: WitnessedCheckpoint,
  signed: SignedCheckpoint,
): Promise<void> {
  if (isSameOctets(newest.rootHash, signed.checkpoint.rootHash)) return
  const foundAt = formatInstant(now())
  const fork = { ...log, foundAt, first: newest.note, second: ownNote(signed) }
  if (!(await witnessed.keepFork(fork))) return
  const detail = `${log.origin} has signed two trees of ${newest.size} entries`
  await alarms.raise({ at: foundAt, kind: 'log-forked', peer: log.state, detail })
}
