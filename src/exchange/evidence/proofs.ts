import { parseLogProof } from '../../tlog/proof.ts'
import { digestOf } from '../validation/authenticate.ts'
import { type LoggedPart, type Missing, MOST_PARTS, type PartKind } from './pack.ts'
import type { LoggedProof } from '../log/prove-logged.ts'

/** What the proofs of a pack rest on, and what they lack. */
export interface ProofsGathered {
  /** When documents that decide something were logged, by the word of the node; and the others. */
  readonly times: { readonly needed: readonly string[]; readonly further: readonly string[] }
  /** The names of all keys under the checkpoints: of the log, and of whoever cosigned. */
  readonly signers: ReadonlySet<string>
  readonly missing: readonly Missing[]
}

/** Proves one document after another; `isNeeded`: the answer hangs on it, so that a lack is told. */
export function gatherProofs(prove: (sha256: string) => Promise<LoggedProof | undefined>) {
  const missing: Missing[] = []
  const times = { needed: [] as string[], further: [] as string[] }
  const signers = new Set<string>()

  async function proofOf(sha256: string, isNeeded = false): Promise<string | undefined> {
    const found = await prove(sha256)
    if (isNeeded && !found) missing.push({ what: 'proof', subject: sha256 })
    if (isNeeded && found?.lacks !== undefined)
      missing.push({ what: 'quorum', subject: sha256, detail: found.lacks })
    if (!found) return undefined
    times[isNeeded ? 'needed' : 'further'].push(found.at)
    for (const name of signersOf(found.proof)) signers.add(name)
    return found.proof
  }

  async function logged(jws: string, isNeeded = false): Promise<LoggedPart> {
    const proof = await proofOf(await digestOf(jws), isNeeded)
    return { jws, ...(proof !== undefined && { proof }) }
  }

  return {
    logged,
    /** Of an entry whose document is not here. */
    proofOf,
    /** As many of a kind as a pack holds. */
    async all(kind: PartKind, documents: readonly string[], isNeeded = false) {
      if (documents.length > MOST_PARTS[kind]) missing.push({ what: 'too-many', subject: kind })
      const taken = documents.slice(0, MOST_PARTS[kind])
      return Promise.all(taken.map((jws) => logged(jws, isNeeded)))
    },
    gathered: (): ProofsGathered => ({ times, signers, missing }),
  }
}

function signersOf(proof: string): string[] {
  const parsed = parseLogProof(new TextEncoder().encode(proof))
  return 'malformed' in parsed ? [] : parsed.signed.note.signatures.map(({ name }) => name)
}
