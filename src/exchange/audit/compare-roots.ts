import type { Report } from './finding.ts'

/** A root that the auditor was told of in person; without a state it vouches for every one. */
export interface AuditAnchor {
  readonly state?: string | undefined
  readonly rootSha256: string
}

/** A root that the audited party says it has pinned. */
export interface PinnedRoot {
  readonly state: string
  readonly rootSha256: string
}

/**
 * Every root that signatures were judged by against those that the auditor brings, also the roots that
 * were withdrawn: what they signed before stands. Without `anchors` nothing is compared.
 */
export function compareRoots(
  pins: readonly PinnedRoot[],
  anchors: readonly AuditAnchor[],
  report: Report,
): void {
  if (anchors.length === 0) return
  for (const { state, rootSha256 } of pins) {
    const ofState = anchors.filter((anchor) => (anchor.state ?? state) === state)
    if (ofState.some((anchor) => anchor.rootSha256 === rootSha256)) continue
    const isNamed = ofState.some((anchor) => anchor.state !== undefined)
    const where = `trust_pins ${state}`
    report(isNamed ? 'root-differs' : 'root-unknown', where, `it has pinned ${rootSha256}`)
  }
}
