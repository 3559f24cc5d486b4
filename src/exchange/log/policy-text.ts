import { isSameOctets } from '../../encoding/octets.ts'
import { formatPolicy, type LogPolicy, MOST_OF_A_KIND } from '../../tlog/policy.ts'
import type { SignatureType, VerifierKey } from '../../tlog/verifier-key.ts'

/**
 * The policy as the file that it is, which `readLogPolicy` reads whatever trust lists named: a key that
 * several names stand for is written once, and of more keys than a file may have the last of each group, as
 * lists only grow. What a file cannot say counts here all the same.
 */
export function logPolicyText(policy: LogPolicy): string {
  const { logs, groups, witnesses, quorum } = policy
  const named = new Set(once(witnesses).map(({ name }) => name))
  const ofGroups = groups.map(({ members }) => members.filter((name) => named.has(name)))
  const inNone = named.size - ofGroups.flat().length
  const share = Math.floor((MOST_OF_A_KIND - inNone) / ofGroups.filter(isFilled).length)
  if (named.size > MOST_OF_A_KIND)
    for (const name of ofGroups.flatMap((members) => members.slice(0, -share))) named.delete(name)
  return formatPolicy({
    logs: once(logs).slice(-MOST_OF_A_KIND),
    witnesses: witnesses.filter(({ name }) => named.has(name)),
    groups: filledGroups(groups, named),
    quorum,
  })
}

const isFilled = (members: readonly string[]) => members.length > 0

/** A group of whose members none is left is none either. */
function filledGroups(groups: LogPolicy['groups'], named: Set<string>): LogPolicy['groups'] {
  return groups.flatMap((group) => {
    const members = group.members.filter((name) => named.has(name))
    if (members.length === 0) return []
    named.add(group.name)
    return [{ ...group, members }]
  })
}

function once<T extends { readonly key: VerifierKey<SignatureType> }>(all: readonly T[]): T[] {
  const isSame = (a: T, b: T) => isSameOctets(a.key.publicKey, b.key.publicKey)
  return all.filter((one, i) => all.findIndex((other) => isSame(one, other)) === i)
}
