import type { AlsoProven, ProvenBy } from './validation-report.ts'

/** What the tables of a node say of since when a document exists; instants as RFC 3339. */
export interface TimeProofs {
  /** Its place in the own log, and when it was appended there. */
  readonly appended: { readonly index: number; readonly at: string } | undefined
  /** Who of other states cosigned the oldest checkpoint behind that place that anybody did. */
  readonly cosigned: readonly {
    readonly state: string
    readonly witness: string
    readonly origin: string
    readonly at: string
  }[]
  /**
   * Its leaf in the log of a peer, and when this node's own witness cosigned the first checkpoint that
   * covers it: one that the mirror has read and that no fork contradicts.
   */
  readonly mirrored:
    | {
        readonly state: string
        readonly origin: string
        readonly index: number
        readonly at: string
      }
    | undefined
}

/** An instant by which a document existed, and whose word that is. */
export interface ProvenTime {
  readonly at: string
  readonly by: ProvenBy
}

/**
 * Every proof that holds, the earliest first; of one second the own append. A cosignature by a clock that
 * was behind the append says nothing more. `self`: whose node this is.
 */
export function provenTimes(
  { appended, cosigned, mirrored }: TimeProofs,
  self: string,
): readonly ProvenTime[] {
  const times: ProvenTime[] = []
  if (appended) {
    times.push({ at: appended.at, by: { by: 'own-log', log: self } })
    const place = { log: self, index: String(appended.index) }
    for (const { at, state, witness, origin } of cosigned)
      if (at >= appended.at)
        times.push({ at, by: { by: 'witness', witness, state, ...place, origin } })
  }
  if (mirrored) {
    const { at, state: log, origin, index } = mirrored
    times.push({ at, by: { by: 'peer-log', log, origin, index: String(index) } })
  }
  return times.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

/** The proofs beside the one that decides; undefined: there are none. */
export function alsoProven(
  times: readonly ProvenTime[],
  decides: ProvenTime | undefined,
): readonly AlsoProven[] | undefined {
  const others = times.filter((time) => time !== decides).map(({ at, by }) => ({ ...by, at }))
  return others.length > 0 ? others : undefined
}
