import { parseLogProof } from '../../tlog/proof.ts'
import { verifyCheckpoint } from '../../tlog/checkpoint.ts'
import { judgeQuorum } from '../log/judge-quorum.ts'
import { appliedPolicy, type LogPolicy } from '../log/policy.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { EvidencePack, Missing } from './pack.ts'

/** In the place of trust lists: a policy names the keys of logs and witnesses itself. */
const NO_LISTS = { states: () => [], logs: () => [] }

/**
 * What the proofs of a pack lack by a policy, as far as its keys tell: whether to fetch the pack again
 * later. Whose they are and when they count, trust lists say, which are judged with the roots.
 */
export async function lackingByPolicy(pack: EvidencePack, policy: LogPolicy): Promise<Missing[]> {
  const applied = appliedPolicy(NO_LISTS, pack.state, { further: [], policy })!
  const logs = policy.logs.map(({ key }) => key)
  const missing: Missing[] = []
  for (const { jws, proof } of [pack.document, ...pack.statusChanges, ...pack.securityNotices]) {
    const subject = await digestOf(jws)
    const parsed = proof === undefined ? undefined : parseLogProof(new TextEncoder().encode(proof))
    if (!parsed || 'malformed' in parsed) missing.push({ what: 'proof', subject })
    else if (logs.length > 0 && (await verifyCheckpoint(parsed.signed, logs)) !== 'valid')
      missing.push({ what: 'quorum', subject, detail: 'a key of the log that the policy names' })
    else {
      const judged = await judgeQuorum(parsed.signed, applied)
      if ('lacks' in judged) missing.push({ what: 'quorum', subject, detail: judged.lacks })
    }
  }
  return missing
}
