import type { Effect } from '../exchange/effect.ts'
import type { ProjectedRows, Projection } from './projected-rows.ts'

/** Columns under which one document can stand alone, where the key of the rows is its digest. */
const PLACES = {
  certificates: ['state', 'type', 'folded_number'],
  reconciliations: ['maker', 'recipient', 'until', 'epoch'],
} as const

type Row = Readonly<Record<string, unknown>>

/** Where a document takes effect that others may come to before it. */
export function placeOf(
  effect: Effect,
): { readonly table: Projection; readonly columns: Row } | undefined {
  switch (effect.effect) {
    case 'certificate': {
      const { state, type, foldedNumber } = effect.certificate
      return { table: 'certificates', columns: { state, type, folded_number: foldedNumber } }
    }
    case 'reconciliation': {
      const { maker, recipient, until, epoch } = effect.record
      return { table: 'reconciliations', columns: { maker, recipient, until, epoch } }
    }
    case 'trust-list': {
      const { state, version } = effect
      return { table: 'trust_lists', columns: { state, version } }
    }
    case 'officials-register': {
      const { state, version } = effect
      return { table: 'officials_registers', columns: { state, version } }
    }
    default:
      return undefined
  }
}

/**
 * Documents whose place another one has, of rows in the order of the log. While nothing was lost none can be
 * accepted for a place that is taken: one that was never `lost` keeps it; else the last that was accepted,
 * because all before it were lost then.
 */
export function withoutPlace(rows: ProjectedRows, lost: ReadonlySet<string>): ReadonlySet<string> {
  const taken = new Set<string>()
  for (const table of Object.keys(PLACES) as (keyof typeof PLACES)[]) {
    const holders = new Map<string, string>()
    for (const row of rows[table].values()) {
      const { sha256 } = row
      const place = JSON.stringify(PLACES[table].map((column) => (row as Row)[column]))
      const holder = holders.get(place)
      const keeps = holder !== undefined && lost.has(sha256) && !lost.has(holder)
      if (holder !== undefined) taken.add(keeps ? sha256 : holder)
      if (!keeps) holders.set(place, sha256)
    }
  }
  return taken
}
