import type { TrustQuestion } from './trust-decisions.ts'

/** The subject of a `root-withdrawn` decision: the root, and since when it is not believed. */
export function withdrawalSubject(rootSha256: string, from: string): string {
  return `${rootSha256}@${from}`
}

/** The other way round; undefined: it is no such subject. */
export function readWithdrawal(subject: string): { rootSha256: string; from: string } | undefined {
  const [, rootSha256, from] =
    /^([A-Za-z0-9_-]{43})@(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)$/.exec(subject) ?? []
  if (rootSha256 === undefined || from === undefined || Number.isNaN(Date.parse(from)))
    return undefined
  return { rootSha256, from }
}

/** Since when a root is not believed, by what was approved: of several instants the earliest. */
export function withdrawnSince(
  root: { readonly state: string; readonly rootSha256: string },
  withdrawals: readonly Pick<TrustQuestion, 'state' | 'subject'>[],
): string | undefined {
  const instants = withdrawals.flatMap(({ state, subject }) => {
    const withdrawal = state === root.state ? readWithdrawal(subject) : undefined
    return withdrawal?.rootSha256 === root.rootSha256 ? [withdrawal.from] : []
  })
  return instants.toSorted()[0]
}
