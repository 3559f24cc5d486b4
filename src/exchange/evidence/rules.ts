import { parseStrictJson } from '../../encoding/strict-json.ts'
import type { LogStore } from '../../tlog/log-store.ts'
import { administrativeDigest } from '../log/administrative-entry.ts'
import { type RecordedRules, type RulesStore, RulesText } from '../rules-in-force.ts'
import { digestOf } from '../validation/authenticate.ts'
import { MOST_PARTS, type EvidencePack, type Missing, type RulesPart } from './pack.ts'
import type { gatherProofs } from './proofs.ts'
import { type WitnessContext, witnessedTime } from './witnessed-time.ts'

/** The rules in force when these documents were logged, oldest first, and for which nobody can tell. */
export async function rulesOf(
  { log, rules }: { readonly log: LogStore; readonly rules: RulesStore },
  documents: readonly string[],
  proofs: ReturnType<typeof gatherProofs>,
): Promise<{ readonly parts: readonly RulesPart[]; readonly missing: readonly Missing[] }> {
  const missing: Missing[] = []
  const versions = new Map<bigint, RecordedRules>()
  for (const jws of documents) {
    const sha256 = await digestOf(jws)
    const index = await log.indexOf(sha256)
    const found = index === undefined ? undefined : await rules.inForce(Number(index))
    if (found) versions.set((await log.indexOf(found.entry))!, found)
    else missing.push({ what: 'rules', subject: sha256 })
  }
  const inOrder = [...versions.keys()].toSorted((a, b) => (a < b ? -1 : 1))
  if (inOrder.length > MOST_PARTS.rules) missing.push({ what: 'too-many', subject: 'rules' })
  const parts = inOrder.slice(0, MOST_PARTS.rules).map(async (index): Promise<RulesPart> => {
    const { text, act, nonce, entry } = versions.get(index)!
    const proof = await proofs.proofOf(entry)
    return { text, act, nonce, ...(proof !== undefined && { proof }) }
  })
  return { parts: await Promise.all(parts), missing }
}

/** Rules that the node of a pack had put in force, by its own log, before a document was logged. */
export interface PackedRules {
  readonly sha256: string
  readonly rules: RulesText
  /** Place in the log of the act from which on they were in force. */
  readonly index: string
}

/**
 * Of the rules in a pack those in force at a place of its log. An act says so whose entry the log proves;
 * that there was none between, only the statement says. Undefined: none is proven.
 */
export async function rulesAt(
  pack: EvidencePack,
  index: string,
  context: WitnessContext,
): Promise<PackedRules | undefined> {
  let last: PackedRules | undefined
  for (const part of pack.rules) {
    const opened = await openRules(part, context)
    if (!opened || BigInt(opened.index) > BigInt(index)) continue
    if (!last || BigInt(last.index) < BigInt(opened.index)) last = opened
  }
  return last
}

async function openRules(
  part: RulesPart,
  context: WitnessContext,
): Promise<PackedRules | undefined> {
  const { text, act, nonce } = part
  const hashed = administrativeDigest(nonce)
  hashed.add(act)
  const time = await witnessedTime(part, hashed.digest(), context)
  if (!('at' in time)) return undefined
  const said = jsonOf(act) as { act?: unknown; subject?: unknown } | undefined
  const sha256 = await digestOf(text)
  if (said?.act !== 'rules-changed' || said.subject !== sha256) return undefined
  const rules = RulesText.safeParse(jsonOf(text)).data
  return rules && { sha256, rules, index: time.provenBy.index }
}

function jsonOf(text: string): unknown {
  try {
    return parseStrictJson(new TextEncoder().encode(text))
  } catch {
    return undefined
  }
}
