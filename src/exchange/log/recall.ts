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
import { noteKeyName, stateOfNoteKey } from '../working-keys.ts'
import { noteSignedBy } from './keys.ts'
import { type LogSource, LogUnreadable } from './mirror-fetch.ts'
import { WITNESSED_BYTES_A_DAY } from './witness.ts'

export interface RecallDependencies extends LogSource, ComparisonDependencies {
  readonly state: string
  readonly witnessed: WitnessStore
}

/** Former keys of the own witness that are asked about, the newest of the list first. */
const MAX_KEYS = 8
/** Logs of a peer that are asked for in one look; what is read back makes room for the next. */
const MAX_ORIGINS = 8
/** Logs of a peer that are read back at all, the newest of its list first. */
const MAX_LISTED = 64

/**
 * Reads back what this witness had cosigned of the logs of a peer before its database was restored: every log
 * shows the newest checkpoint that bears its cosignature. Until that is done nothing of the log is cosigned.
 * What another history than the one remembered bears is told as a fork. A peer that hides the checkpoint is
 * not found out. An origin is read back from its own state alone, whoever else lists it.
 */
export function recallCosigned(deps: RecallDependencies) {
  return async (peer: string): Promise<void> => {
    const { view } = await deps.trust()
    // The mirror waits for this.
    for (const { origin } of await unrecalled(deps, view, { peer, atMost: MAX_ORIGINS })) {
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

/** Logs of a peer of which this witness cosigns nothing yet, and since when: its database was restored. */
export async function unrecalled(
  deps: { readonly witnessed: Pick<WitnessStore, 'newest' | 'recallingSince'> },
  view: Pick<TrustView, 'logs'>,
  { peer, atMost }: { readonly peer: string; readonly atMost: number },
): Promise<{ readonly origin: string; readonly since: string }[]> {
  const found: { origin: string; since: string }[] = []
  for (const origin of originsOf(view, peer)) {
    if (found.length === atMost) break
    const since = await deps.witnessed.recallingSince(origin)
    if (since === undefined || (await isOfAnother(deps, origin, peer))) continue
    found.push({ origin, since })
  }
  return found
}

/** Of the logs that a peer lists; the one that bears its name first: it is the one that is mirrored. */
function originsOf(view: Pick<TrustView, 'logs'>, peer: string): string[] {
  const newestFirst = keysOf(view, peer, 'ed25519').toReversed()
  const named = new Set(newestFirst.map(({ name }) => name))
  const standard = noteKeyName(peer, 'log')
  return [...named]
    .toSorted((a, b) => Number(b === standard) - Number(a === standard))
    .slice(0, MAX_LISTED)
}

/** Whose log an origin is: the same rule as that by which it is cosigned. */
async function isOfAnother(
  { witnessed }: { readonly witnessed: Pick<WitnessStore, 'newest'> },
  origin: string,
  peer: string,
): Promise<boolean> {
  const rightful = stateOfNoteKey(origin) ?? (await witnessed.newest(origin))?.state
  return rightful !== undefined && rightful !== peer
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
  const newest = `${url}/log/checkpoint`
  for (const witness of own) {
    const shown = await shownAt(deps, log, { url: `${newest}?${askedFor(witness)}`, logKeys })
    if (shown === 'refused') {
      // A node that knows no such parameter shows its newest checkpoint, with the cosignatures it has.
      const signed = await shownAt(deps, log, { url: newest, logKeys })
      if (signed === 'refused') throw new LogUnreadable('it refuses to show its checkpoint')
      return takeCosigned(deps, log, { signed, logKeys, witnesses: own })
    }
    const given = { signed: shown, logKeys, witnesses: [witness] }
    if (!(await takeCosigned(deps, log, given))) return false
  }
  return true
}

function askedFor({ name, keyId }: VerifierKey<'cosignature/v1'>): string {
  const witness = `${name}+${keyId.toString(16).padStart(8, '0')}`
  return new URLSearchParams({ witness }).toString()
}

/** False: something of it is left to be read back. @throws {LogUnreadable} a cosignature is wrong */
async function takeCosigned(
  deps: RecallDependencies,
  log: LogName,
  {
    signed,
    logKeys,
    witnesses,
  }: Pick<Recalled, 'logKeys'> & {
    readonly signed: SignedCheckpoint | undefined
    readonly witnesses: readonly VerifierKey<'cosignature/v1'>[]
  },
): Promise<boolean> {
  if (!signed) return true
  for (const witness of witnesses) {
    const verdict = await verifyCosignature(signed, witness)
    if (verdict === 'invalid') throw new LogUnreadable('a cosignature of this node is wrong')
    if (verdict === 'absent') continue
    if (!(await remember(deps, log, { signed, logKeys, witness, at: verdict.at }))) return false
  }
  return true
}

/**
 * Undefined: the log has signed nothing so far; `refused`: the peer says, signed, that it will not be asked so.
 *
 * @throws {LogUnreadable}
 */
async function shownAt(
  { askLog }: LogSource,
  { state, origin }: LogName,
  { url, logKeys }: Pick<Recalled, 'logKeys'> & { readonly url: string },
): Promise<SignedCheckpoint | undefined | 'refused'> {
  const answer = await askLog(state, url, MAX_NOTE_BYTES)
  if (!answer.ok) {
    const status = answer.answered ? /^HTTP (\d{3})\b/.exec(answer.error)?.[1] : undefined
    if (status === '404') return undefined
    if (status === '400') return 'refused'
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
  // It is the log of another state by now, which is to show it itself.
  if (newest && newest.state !== log.state) return false
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
