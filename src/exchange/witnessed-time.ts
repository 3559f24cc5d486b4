import { sha256Sync } from '../crypto/suite.ts'
import { formatInstant } from '../encoding/time.ts'
import { verifyCheckpoint } from '../tlog/checkpoint.ts'
import { verifyCosignature } from '../tlog/cosignature.ts'
import { parseLeaf } from '../tlog/leaf.ts'
import { type LogProof, parseLogProof, provesInclusion } from '../tlog/proof.ts'
import { parseVerifierKey, type SignatureType, type VerifierKey } from '../tlog/verifier-key.ts'
import type { Trust } from '../trust/trust.ts'
import type { LoggedPart } from './evidence-pack.ts'
import type { ProvenBy } from './validation-report.ts'

export interface WitnessContext {
  readonly trust: Trust
  /** Whose log it is. */
  readonly state: string
  /** So many witnesses of other states must have cosigned. */
  readonly witnesses: number
  /** A cosignature of the future proves nothing. */
  readonly now: Date
}

export interface WitnessedTime {
  /** By then the document stood in the log: so many witnesses say so as were asked for. */
  readonly at: Date
  readonly provenBy: Extract<ProvenBy, { by: 'witness' }>
}

/** Why a proof dates nothing, as a code of the catalogue of reasons. */
export interface NotWitnessed {
  readonly code:
    | 'log-proof-missing'
    | 'log-proof-broken'
    | 'log-key-unknown'
    | 'witness-not-judged'
    | 'witness-quorum-missing'
  readonly detail: string
}

const CLOCK_SKEW_MS = 60_000

/**
 * Since when a document is proven to exist by the log of a state: its leaf stands under a checkpoint that
 * a key of the state's trust list signed and witnesses of other states cosigned. The time in the leaf is
 * the word of the log's own node and proves nothing to others; the cosignature's timestamp does.
 */
export async function witnessedTime(
  { proof: text }: LoggedPart,
  sha256: string,
  context: WitnessContext,
): Promise<WitnessedTime | NotWitnessed> {
  if (text === undefined) return { code: 'log-proof-missing', detail: sha256 }
  const proof = parseLogProof(new TextEncoder().encode(text))
  if ('malformed' in proof) return { code: 'log-proof-broken', detail: proof.malformed }
  const leaf = proof.extra && parseLeaf(new TextDecoder().decode(proof.extra))
  if (leaf?.sha256 !== sha256) return { code: 'log-proof-broken', detail: 'its leaf is of another' }
  if (!provesInclusion(sha256Sync, proof, proof.extra!))
    return { code: 'log-proof-broken', detail: 'the leaf is not under the checkpoint' }
  const { origin } = proof.signed.checkpoint
  const logKeys = keysOf(context, context.state, 'ed25519')
  const signed = await verifyCheckpoint(
    proof.signed,
    logKeys.map(({ key }) => key),
  )
  if (signed === 'invalid') return { code: 'log-proof-broken', detail: `signature of ${origin}` }
  if (signed === 'absent') return { code: 'log-key-unknown', detail: origin }

  const found = await cosignatures(proof, context)
  if (found === 'none-known')
    return { code: 'witness-not-judged', detail: context.trust.view.states().join(', ') || '-' }
  const last = found[context.witnesses - 1]
  if (!last)
    return { code: 'witness-quorum-missing', detail: `${found.length}/${context.witnesses}` }
  const inForce = logKeys.filter((key) => isInForce(key, last.at)).map(({ key }) => key)
  if ((await verifyCheckpoint(proof.signed, inForce)) !== 'valid')
    return { code: 'log-key-unknown', detail: `${origin}, ${formatInstant(last.at)}` }
  const { at, state, witness } = last
  const place = { log: context.state, origin, index: String(proof.index) }
  return { at, provenBy: { by: 'witness', witness, state, ...place } }
}

interface Cosigned {
  readonly at: Date
  readonly state: string
  readonly witness: string
}

/** The earliest cosignature of each other state, the earliest first. */
async function cosignatures(
  { signed }: LogProof,
  context: WitnessContext,
): Promise<Cosigned[] | 'none-known'> {
  const latest = context.now.getTime() + CLOCK_SKEW_MS
  const others = context.trust.view.states().filter((state) => state !== context.state)
  const known = others.map((state) => ({ state, keys: keysOf(context, state, 'cosignature/v1') }))
  if (known.every(({ keys }) => keys.length === 0)) return 'none-known'
  const found = await Promise.all(
    known.map(async ({ state, keys }): Promise<Cosigned[]> => {
      const verdicts = await Promise.all(
        keys.map(async (listed) => {
          const verdict = await verifyCosignature(signed, listed.key)
          if (typeof verdict === 'string') return []
          const counts = isInForce(listed, verdict.at) && verdict.at.getTime() <= latest
          return counts ? [{ at: verdict.at, state, witness: listed.key.name }] : []
        }),
      )
      return verdicts.flat().toSorted(byTime).slice(0, 1)
    }),
  )
  return found.flat().toSorted(byTime)
}

const byTime = (a: Cosigned, b: Cosigned) => a.at.getTime() - b.at.getTime()

interface Listed<T extends SignatureType> {
  readonly key: VerifierKey<T>
  readonly from: string
  readonly until: string | undefined
}

/** Keys of one type that the list of a state names, whenever they are in force. */
function keysOf<T extends SignatureType>(
  { trust }: WitnessContext,
  state: string,
  type: T,
): Listed<T>[] {
  return trust.view.logs(state).flatMap(({ origin, key: text, from, until }) => {
    const key = parseVerifierKey(text, type)
    return 'malformed' in key || key.name !== origin ? [] : [{ key, from, until }]
  })
}

function isInForce({ from, until }: Listed<SignatureType>, at: Date): boolean {
  const instant = formatInstant(at)
  return from <= instant && (until === undefined || instant <= until)
}
