import type { Selectable } from 'kysely'
import type { Tables } from './tables.ts'

/** Primary keys of the projections: what can be made again from the log. */
export const KEYS = {
  certificates: ['sha256'],
  search_terms: ['kind', 'term', 'idx'],
  status_changes: ['target', 'n'],
  security_notices: ['notice', 'n'],
  second_signatures: ['target', 'n'],
  attestations: ['target', 'n'],
  outgoing: ['recipient', 'seq'],
  recipients: ['state'],
  decisions: ['sha256', 'sender'],
  further_receipts: ['receipt'],
  trust_lists: ['state', 'version'],
  officials_registers: ['state', 'version'],
  reconciliations: ['sha256'],
} as const satisfies { [T in keyof Tables]?: readonly (keyof Tables[T])[] }

export type Projection = keyof typeof KEYS

/** Rows of every projection by their key. */
export type ProjectedRows = {
  readonly [T in Exclude<Projection, 'certificates'>]: Map<string, Readonly<Selectable<Tables[T]>>>
} & {
  readonly certificates: Map<string, Readonly<Selectable<Tables['certificates']>> | ChangingColumns>
}

/** Columns of a certificate that later documents may change. */
export type ChangingColumns = Pick<
  Selectable<Tables['certificates']>,
  'sha256' | 'status' | 'replaced_by' | 'usable_until'
>

export function keyOf(table: Projection, row: Readonly<Record<string, unknown>>): string {
  return KEYS[table].map((column) => String(row[column])).join(' ')
}
