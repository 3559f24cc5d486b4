import { sha256Sync } from '../../crypto/suite.ts'
import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import { isSameOctets } from '../../encoding/octets.ts'
import { formatInstant } from '../../encoding/time.ts'
import { verifyCheckpoint } from '../../tlog/checkpoint.ts'
import { parseLeaf } from '../../tlog/leaf.ts'
import { type LogProof, parseLogProof, provesInclusion } from '../../tlog/proof.ts'
import { missingForQuorum, quorumReachedAt } from '../../tlog/quorum.ts'
import type { VerifierKey } from '../../tlog/verifier-key.ts'
import type { Trust } from '../../trust/trust.ts'
import type { LoggedPart } from './pack.ts'
import { cosignedTimes } from '../log/judge-quorum.ts'
import { type AppliedPolicy, listedUnder } from '../log/policy.ts'
import type { ProvenBy } from '../validation/validation-report.ts'

export interface WitnessContext {
  readonly trust: Trust
  /** Whose log it is. */
  readonly state: string
  /** Which witnesses make evidence complete; undefined: nobody here knows any. */
  readonly quorum: AppliedPolicy | undefined
  /** A cosignature of the future proves nothing. */
  readonly now: Date
}

export interface WitnessedTime {
  /** By then the document stood in the log: by the word of the quorum. */
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
    | 'witness-before-entry'
  readonly detail: string
}

/**
 * Since when a document is proven to exist by the log of a state: its leaf stands under a checkpoint that
 * a key of the state's trust list signed and the quorum cosigned. The time in the leaf is the word of the
 * log's own node and proves nothing to others; the timestamps of the cosignatures do. One that is earlier
 * than the entry says it was made cannot be true of it, and counts for nothing.
 */
export async function witnessedTime(
  { proof: text }: Partial<LoggedPart>,
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
  const logKeys = logKeysOf(context)
  const signed = await verifyCheckpoint(
    proof.signed,
    logKeys.map(({ key }) => key),
  )
  if (signed === 'invalid') return { code: 'log-proof-broken', detail: `signature of ${origin}` }
  if (signed === 'absent') return { code: 'log-key-unknown', detail: origin }

  const { quorum } = context
  if (!quorum)
    return { code: 'witness-not-judged', detail: context.trust.view.states().join(', ') || '-' }
  const from = new Date(Date.parse(leaf.at) - CLOCK_SKEW_MS)
  const until = new Date(context.now.getTime() + CLOCK_SKEW_MS)
  const { times, early } = await cosignatures(proof, quorum, { from, until })
  const reached = quorumReachedAt(quorum.policy, (name) => times.get(name)?.getTime())
  if (reached === undefined) {
    const [backdated] = early
    if (backdated) {
      const [named, at] = backdated
      const { key } = quorum.policy.witnesses.find(({ name }) => name === named)!
      const detail = `${key.name}: ${formatInstant(at)} < ${leaf.at}`
      return { code: 'witness-before-entry', detail }
    }
    const detail = missingForQuorum(quorum.policy, (name) => times.has(name))
    return { code: 'witness-quorum-missing', detail }
  }
  const at = new Date(reached)
  const inForce = logKeys.filter((key) => isInForce(key, at)).map(({ key }) => key)
  if ((await verifyCheckpoint(proof.signed, inForce)) !== 'valid')
    return { code: 'log-key-unknown', detail: `${origin}, ${formatInstant(at)}` }
  const [last] = [...times].find(([, time]) => time.getTime() === reached)!
  const { key, state } = quorum.witnesses.get(last)!
  const place = { log: context.state, origin, index: String(proof.index) }
  return { at, provenBy: { by: 'witness', witness: key!.name, state, ...place } }
}

/** When each witness of the policy has cosigned, as far as that counts; `early`: which cannot be true. */
async function cosignatures(
  { signed }: LogProof,
  quorum: AppliedPolicy,
  { from, until }: { readonly from: Date; readonly until: Date },
): Promise<{ times: ReadonlyMap<string, Date>; early: ReadonlyMap<string, Date> }> {
  const all = [...(await cosignedTimes(signed, quorum))]
  const times = all.filter(([, at]) => from <= at && at <= until)
  return { times: new Map(times), early: new Map(all.filter(([, at]) => at < from)) }
}

/** The keys of the log by the list of its state, if a policy names logs those among them alone. */
function logKeysOf({ trust, state, quorum }: WitnessContext) {
  const named = quorum?.policy.logs ?? []
  const isNamed = (key: VerifierKey<'ed25519'>) =>
    named.some(
      ({ key: one }) => one.name === key.name && isSameOctets(one.publicKey, key.publicKey),
    )
  return listedUnder(trust.view, state, 'ed25519').filter(
    ({ key }) => named.length === 0 || isNamed(key),
  )
}

function isInForce(
  { from, until }: { readonly from: string; readonly until: string | undefined },
  at: Date,
): boolean {
  const instant = formatInstant(at)
  return from <= instant && (until === undefined || instant <= until)
}
