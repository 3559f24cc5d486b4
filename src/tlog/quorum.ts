import { type LogPolicy, NO_QUORUM, type PolicyGroup } from './policy.ts'

/**
 * The smallest value by which the quorum is reached, of the values that its witnesses have: a time, or a
 * size. Undefined: those that have one are not enough.
 */
export function quorumReachedAt(
  policy: LogPolicy,
  valueOf: (witness: string) => number | undefined,
): number | undefined {
  const groups = groupsOf(policy)
  const reached = (name: string): number | undefined => {
    const group = groups.get(name)
    if (!group) return valueOf(name)
    const values = group.members.map(reached).filter((value) => value !== undefined)
    return values.toSorted((a, b) => a - b)[group.threshold - 1]
  }
  return policy.quorum === NO_QUORUM ? -Infinity : reached(policy.quorum)
}

/** Whom the quorum lacks, for people: a witness, or a group and those of its members that it lacks. */
export function missingForQuorum(policy: LogPolicy, has: (witness: string) => boolean): string {
  const groups = groupsOf(policy)
  const described = (name: string): { readonly met: boolean; readonly text: string } => {
    const group = groups.get(name)
    if (!group) return { met: has(name), text: name }
    const members = group.members.map(described)
    const missing = members.filter(({ met }) => !met).map(({ text }) => text)
    const there = members.length - missing.length
    const text = `${name} (${there} of ${group.threshold}, without ${missing.join(', ')})`
    return { met: there >= group.threshold, text }
  }
  const quorum = described(policy.quorum)
  return policy.quorum === NO_QUORUM || quorum.met ? '' : quorum.text
}

/** Witnesses that no group and not the quorum needs are not among them. */
export function witnessesOfQuorum(policy: LogPolicy): string[] {
  const groups = groupsOf(policy)
  const under = (name: string): string[] => groups.get(name)?.members.flatMap(under) ?? [name]
  return policy.quorum === NO_QUORUM ? [] : under(policy.quorum)
}

function groupsOf({ groups }: LogPolicy): ReadonlyMap<string, PolicyGroup> {
  return new Map(groups.map((group) => [group.name, group]))
}
