import { sha256Sync } from '../crypto/suite.ts'
import { readBounded } from '../encoding/read-bounded.ts'
import { formatInstant } from '../encoding/time.ts'
import { parseSignedCheckpoint, type SignedCheckpoint } from '../tlog/checkpoint.ts'
import { proveConsistency } from '../tlog/consistency.ts'
import { verifyCosignature } from '../tlog/cosignature.ts'
import type { LogStore } from '../tlog/log-store.ts'
import { logHashReader } from '../tlog/log-tiles.ts'
import { parseDecimal } from '../tlog/line-values.ts'
import { formatSignatureLine, parseSignatureLines } from '../tlog/signed-note.ts'
import type { VerifierKey } from '../tlog/verifier-key.ts'
import { formatAddCheckpoint } from '../tlog/witness-request.ts'
import type { AlarmLog } from './records.ts'

export interface CosignDependencies {
  readonly now: () => Date
  readonly fetch: typeof fetch
  readonly log: LogStore
  readonly alarms: AlarmLog
}

/** Somebody who may cosign the own checkpoints. */
export interface Witness {
  readonly key: VerifierKey<'cosignature/v1'>
  /** `add-checkpoint` stands below it. */
  readonly url: string
  /** The state whose witness it is. */
  readonly state?: string
}

export type CosignOutcome =
  | { readonly outcome: 'cosigned' | 'nothing-new' }
  /** The witness has seen so much of another history of this log: the database here is an old one. */
  | { readonly outcome: 'contradicted'; readonly size: bigint }
  | { readonly outcome: 'failed'; readonly error: string }

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 16 * 1024
/** What a cosignature may say of the time, by the own clock. */
const CLOCK_SKEW_MS = 60_000

/** Asks a witness to cosign the newest checkpoint (C2SP tlog-witness), if it has not done so. */
export function askWitness(deps: CosignDependencies) {
  return async (witness: Witness): Promise<CosignOutcome> => {
    const [stored, known] = await Promise.all([
      deps.log.checkpoint(),
      deps.log.cosignedSize(witness.key.name),
    ])
    if (!stored || stored.size <= known) return { outcome: 'nothing-new' }
    const signed = parseSignedCheckpoint(new TextEncoder().encode(stored.note))
    if ('malformed' in signed)
      throw new Error(`A stored checkpoint is damaged: ${signed.malformed}`)
    try {
      const first = await ask(deps, witness, signed, known)
      // It may have answered before, and the answer was lost.
      const again = 'size' in first && first.size <= stored.size && first.size !== known
      const answer = again ? await ask(deps, witness, signed, first.size) : first
      if ('size' in answer) return { outcome: 'contradicted', size: answer.size }
      if ('refuted' in answer) return { outcome: 'contradicted', size: answer.refuted }
      return await keep(deps, witness, signed, answer.text)
    } catch (error) {
      return { outcome: 'failed', error: error instanceof Error ? error.message : 'no answer' }
    }
  }
}

/**
 * The signature lines, or the size from which the witness wants to see the proof; `refuted`: what the
 * witness has cosigned at that size is not the beginning of this log.
 */
async function ask(
  { fetch, log }: CosignDependencies,
  { url }: Witness,
  signed: SignedCheckpoint,
  oldSize: bigint,
): Promise<{ text: string } | { size: bigint } | { refuted: bigint }> {
  const { size } = signed.checkpoint
  const proof = await proveConsistency(
    sha256Sync,
    logHashReader(sha256Sync, log, size),
    oldSize,
    size,
  )
  const response = await fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body: formatAddCheckpoint({ oldSize, proof, signed }),
    // Not followed: its status is not 200. 'error' is unknown to Workers.
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const text = new TextDecoder().decode(await readBounded(response.body, MAX_ANSWER_BYTES))
  if (response.status === 200) return { text }
  if (response.status === 422) return { refuted: oldSize }
  const at = response.status === 409 ? parseDecimal(text.trimEnd()) : undefined
  if (at === undefined) throw new Error(`${url}: HTTP ${response.status}`)
  return { size: at }
}

async function keep(
  { log, now }: CosignDependencies,
  { key }: Witness,
  signed: SignedCheckpoint,
  text: string,
): Promise<CosignOutcome> {
  const signatures = parseSignatureLines(text)
  if ('malformed' in signatures)
    return { outcome: 'failed', error: `its answer: ${signatures.malformed}` }
  const own = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId)
  const note = { ...signed.note, signatures: own }
  const verdict = await verifyCosignature({ ...signed, note }, key)
  if (verdict === 'absent' || verdict === 'invalid')
    return { outcome: 'failed', error: `its cosignature is ${verdict}` }
  if (verdict.at.getTime() > now().getTime() + CLOCK_SKEW_MS)
    return { outcome: 'failed', error: `its cosignature is of ${formatInstant(verdict.at)}` }
  await log.keepCosignature({
    size: signed.checkpoint.size,
    witness: key.name,
    line: formatSignatureLine(own[0]!),
    cosignedAt: formatInstant(verdict.at),
  })
  return { outcome: 'cosigned' }
}
