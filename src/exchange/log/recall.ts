import { isSameOctets } from '../../encoding/octets.ts'
import { formatInstant } from '../../encoding/time.ts'
import {
  parseSignedCheckpoint,
  type SignedCheckpoint,
  verifyCheckpoint,
} from '../../tlog/checkpoint.ts'
import { verifyCosignature } from '../../tlog/cosignature.ts'
import { formatSignatureLine, MAX_NOTE_BYTES } from '../../tlog/signed-note.ts'
import { parseVerifierKey, type SignatureType, type VerifierKey } from '../../tlog/verifier-key.ts'
import type { LogName, WitnessStore } from '../../tlog/witness-store.ts'
import type { TrustView } from '../../trust/trust-view.ts'
import { listedAddress } from '../delivery/listed-address.ts'
import { compareWithMirror, type ComparisonDependencies, tellFork } from './compare-with-mirror.ts'
import { noteSignedBy } from './keys.ts'
import { type LogSource, LogUnreadable } from './mirror-fetch.ts'
import { WITNESSED_BYTES_A_DAY } from './witness.ts'

export interface RecallDependencies extends LogSource, ComparisonDependencies {
  readonly state: string
  readonly witnessed: WitnessStore
}

/** Former keys of the own witness that are asked about, the newest of the list first. */
const MAX_KEYS = 8

/**
 * Reads back what this witness had cosigned of the logs of a peer before its database was restored: every log
 * shows the newest checkpoint that bears its cosignature. Until that is done nothing of the log is cosigned.
 * What another history than the one remembered bears is told as a fork. A peer that hides the checkpoint is
 * not found out.
 */
export function recallCosigned(deps: RecallDependencies) {
  return async (peer: string): Promise<void> => {
    const { view } = await deps.trust()
    const origins = new Set(keysOf(view, peer, 'ed25519').map(({ name }) => name))
    for (const origin of origins) {
      if (!(await deps.witnessed.mustRecall(origin))) continue
      const url = await listedAddress(deps, peer)
      if (url === undefined) return
      try {
        if (await recallLog(deps, { state: peer, origin }, url))
          await deps.witnessed.recalled(origin, formatInstant(deps.now()))
      } catch (error) {
        // The mirror says why the log cannot be read.
        if (!(error instanceof LogUnreadable)) throw error
      }
    }
  }
}

/** Whenever they count or counted. */
function keysOf<T extends SignatureType>(
  view: Pick<TrustView, 'logs'>,
  state: string,
  type: T,
): VerifierKey<T>[] {
  return view.logs(state).flatMap((listed) => {
    const key = parseVerifierKey(listed.key, type)
    return 'malformed' in key || key.name !== listed.origin ? [] : [key]
  })
}

/** True when nothing is left to be read back. */
async function recallLog(deps: RecallDependencies, log: LogName, url: string): Promise<boolean> {
  const { view } = await deps.trust()
  const own = keysOf(view, deps.state, 'cosignature/v1').toReversed().slice(0, MAX_KEYS)
  // Before the own list names a key there is none to ask about.
  if (own.length === 0) return false
  const logKeys = keysOf(view, log.state, 'ed25519').filter(({ name }) => name === log.origin)
  for (const witness of own) {
    const signed = await shownTo(deps, log, { url, witness, logKeys })
    if (!signed) continue
    const verdict = await verifyCosignature(signed, witness)
    if (verdict === 'invalid') throw new LogUnreadable('a cosignature of this node is wrong')
    if (verdict === 'absent') continue
    const given = { signed, logKeys, witness, at: verdict.at }
    if (!(await remember(deps, log, given))) return false
  }
  return true
}

/** Undefined: the log has signed nothing so far. @throws {LogUnreadable} */
async function shownTo(
  { askLog }: LogSource,
  { state, origin }: LogName,
  {
    url,
    witness: { name, keyId },
    logKeys,
  }: {
    readonly url: string
    readonly witness: VerifierKey<'cosignature/v1'>
    readonly logKeys: readonly VerifierKey<'ed25519'>[]
  },
): Promise<SignedCheckpoint | undefined> {
  const query = new URLSearchParams({ witness: `${name}+${keyId.toString(16).padStart(8, '0')}` })
  const answer = await askLog(state, `${url}/log/checkpoint?${query.toString()}`, MAX_NOTE_BYTES)
  if (!answer.ok) {
    if (answer.answered && answer.error.startsWith('HTTP 404')) return undefined
    throw new LogUnreadable(answer.error)
  }
  const signed = parseSignedCheckpoint(answer.body)
  if ('malformed' in signed) throw new LogUnreadable(`its checkpoint: ${signed.malformed}`)
  // A state may have had logs of other names.
  if (signed.checkpoint.origin !== origin) return undefined
  const isSigned = (await verifyCheckpoint(signed, logKeys)) === 'valid'
  if (!isSigned || signed.checkpoint.size > Number.MAX_SAFE_INTEGER)
    throw new LogUnreadable('no log key of its trust list has signed its checkpoint')
  return signed
}

interface Recalled {
  readonly signed: SignedCheckpoint
  readonly logKeys: readonly VerifierKey<'ed25519'>[]
  readonly witness: VerifierKey<'cosignature/v1'>
  readonly at: Date
}

/** False: another process was faster, or there is no room on this day. */
async function remember(
  deps: RecallDependencies,
  log: LogName,
  { signed, logKeys, witness, at }: Recalled,
): Promise<boolean> {
  const { size, rootHash } = signed.checkpoint
  const note = noteSignedBy(signed, logKeys)
  const newest = await deps.witnessed.newest(log.origin)
  // It is the log of another state by now: nothing of it is cosigned here either.
  if (newest && newest.state !== log.state) return true
  const known = await deps.witnessed.ofSize(log, size)
  if (known && !isSameOctets(known.rootHash, rootHash))
    await tellFork(deps, { ...log, first: known.note, second: note, proof: [] })
  else if (!known) await compareWithMirror(deps, log, { size, rootHash, note })
  if (newest && newest.size >= size) return true
  const line = signed.note.signatures.find(
    ({ name, keyId }) => name === witness.name && keyId === witness.keyId,
  )!
  const checkpoint = {
    n: (newest?.n ?? 0) + 1,
    size,
    rootHash,
    note,
    at: formatInstant(at),
    cosignature: formatSignatureLine(line),
  }
  const day = formatInstant(deps.now()).slice(0, 10)
  const kept = await deps.witnessed.keep(log, checkpoint, { day, most: WITNESSED_BYTES_A_DAY })
  // Of a log that is known to be forked nothing is cosigned before people have settled it.
  return kept === 'kept' || kept === 'forked'
}
