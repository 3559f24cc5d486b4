import { sha256Sync } from '../../crypto/suite.ts'
import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import { readBounded } from '../../encoding/read-bounded.ts'
import { formatInstant } from '../../encoding/time.ts'
import {
  formatCheckpoint,
  parseSignedCheckpoint,
  type SignedCheckpoint,
} from '../../tlog/checkpoint.ts'
import { proveConsistency } from '../../tlog/consistency.ts'
import { verifyCosignature } from '../../tlog/cosignature.ts'
import type { LogStore, StoredCheckpoint, WitnessName } from '../../tlog/log-store.ts'
import { logHashReader } from '../../tlog/log-tiles.ts'
import { parseDecimal } from '../../tlog/line-values.ts'
import { emptyRoot } from '../../tlog/merkle.ts'
import { type NoteSigner, signNote } from '../../tlog/note-signature.ts'
import {
  formatSignatureLine,
  formatSignedNote,
  parseSignatureLines,
} from '../../tlog/signed-note.ts'
import type { VerifierKey } from '../../tlog/verifier-key.ts'
import { formatAddCheckpoint } from '../../tlog/witness-request.ts'

export interface CosignDependencies {
  readonly now: () => Date
  readonly fetch: typeof fetch
  readonly log: LogStore
  readonly logSigner: () => Promise<NoteSigner<'ed25519'>>
}

/** Somebody who may cosign the own checkpoints. */
export interface Witness {
  readonly key: VerifierKey<'cosignature/v1'>
  /** `add-checkpoint` stands below it. */
  readonly url: string
  /** The state whose trust list names it. */
  readonly state: string
}

export function witnessName({ state, key }: Witness): WitnessName {
  return { state, name: key.name, keyId: key.keyId }
}

export type CosignOutcome =
  | { readonly outcome: 'cosigned' | 'nothing-new' }
  /**
   * The witness claims to have seen so much of another history of this log; if it is so, the database
   * here is an old one. Or it has seen two histories and cosigns neither. Its answer is not signed.
   */
  | { readonly outcome: 'contradicted'; readonly size: bigint }
  | { readonly outcome: 'failed'; readonly error: string }

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 16 * 1024
/** Another process may have had a newer checkpoint cosigned meanwhile, each time anew. */
const ATTEMPTS = 4

/**
 * Asks a witness to cosign the newest checkpoint (C2SP tlog-witness), if it has not done so. `again`: also
 * if it has, because there is a doubt whether it is the newest.
 */
export function askWitness(deps: CosignDependencies) {
  return async (witness: Witness, { again = false } = {}): Promise<CosignOutcome> => {
    try {
      let from: bigint | undefined
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const [stored, known] = await Promise.all([
          deps.log.checkpoint(),
          deps.log.cosignedSize(witnessName(witness)),
        ])
        if (!again && (!stored || stored.size <= known)) return { outcome: 'nothing-new' }
        const signed = stored ? parsed(stored.note) : await ofNothing(deps)
        // A size that the witness names is of a checkpoint that stands here, or the log is an old one.
        if (from !== undefined && from > signed.checkpoint.size)
          return { outcome: 'contradicted', size: from }
        const oldSize = from ?? known
        const answer = await ask(deps, witness, signed, oldSize)
        if ('refuted' in answer) return { outcome: 'contradicted', size: answer.refuted }
        if ('text' in answer) return await keep(deps, witness, { signed, stored }, answer.text)
        // Its tree of that size is another one: it was asked to go on from just there.
        if (answer.size === oldSize && oldSize > 0n)
          return { outcome: 'contradicted', size: answer.size }
        from = answer.size
      }
      return { outcome: 'failed', error: 'it names another size each time' }
    } catch (error) {
      return { outcome: 'failed', error: error instanceof Error ? error.message : 'no answer' }
    }
  }
}

function parsed(note: string): SignedCheckpoint {
  const signed = parseSignedCheckpoint(new TextEncoder().encode(note))
  if ('malformed' in signed) throw new Error(`A stored checkpoint is damaged: ${signed.malformed}`)
  return signed
}

/**
 * A checkpoint of the empty tree, to be asked about where none has been signed so far: every log begins
 * with it, so that it can contradict nothing.
 */
async function ofNothing({ logSigner }: CosignDependencies): Promise<SignedCheckpoint> {
  const signer = await logSigner()
  const rootHash = emptyRoot(sha256Sync)
  const text = formatCheckpoint({ origin: signer.key.name, size: 0n, rootHash, extensions: [] })
  return parsed(formatSignedNote({ text, signatures: [await signNote(text, signer)] }))
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
  witness: Witness,
  { signed, stored }: { signed: SignedCheckpoint; stored: StoredCheckpoint | undefined },
  text: string,
): Promise<CosignOutcome> {
  const { key } = witness
  const signatures = parseSignatureLines(text)
  if ('malformed' in signatures)
    return { outcome: 'failed', error: `its answer: ${signatures.malformed}` }
  const own = signatures.find(({ name, keyId }) => name === key.name && keyId === key.keyId)
  const note = { ...signed.note, signatures: own ? [own] : [] }
  const verdict = await verifyCosignature({ ...signed, note }, key)
  if (!own || verdict === 'absent' || verdict === 'invalid')
    return { outcome: 'failed', error: `its cosignature is ${own ? 'invalid' : 'absent'}` }
  const cosignedAt = formatInstant(verdict.at)
  if (verdict.at.getTime() > now().getTime() + CLOCK_SKEW_MS)
    return { outcome: 'failed', error: `its cosignature is of ${cosignedAt}, which is to come` }
  if (!stored) return { outcome: 'cosigned' }
  const { size, signedAt } = stored
  // Whoever signs an earlier day than it is makes documents look older than they are.
  if (verdict.at.getTime() < Date.parse(signedAt) - CLOCK_SKEW_MS)
    return {
      outcome: 'failed',
      error: `its cosignature is of ${cosignedAt}, before the checkpoint`,
    }
  const line = formatSignatureLine(own)
  await log.keepCosignature({ size, witness: witnessName(witness), line, cosignedAt })
  return { outcome: 'cosigned' }
}
