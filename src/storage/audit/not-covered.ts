import { AUDITED } from './audited-tables.ts'

/** What no check of a database made sure of, in words for a report. */
export function notCovered({
  unsignedExchanges,
  coveredLater,
  uncovered,
}: {
  readonly unsignedExchanges: number
  readonly coveredLater: readonly string[]
  readonly uncovered: Readonly<Record<string, number>>
}): { what: string; why: string }[] {
  const ofTables = Object.entries(AUDITED).flatMap(([table, coverage]) => {
    if ('workingState' in coverage) return [{ what: table, why: coverage.workingState }]
    const columns = Object.entries({ ...coverage.unproven, ...coverage.partly })
    const [rows, order] = [coverage.mayMissRows, coverage.mayBeReordered]
    return [
      ...columns.map(([column, why]) => ({ what: `${table}.${column}`, why })),
      ...(rows === undefined ? [] : [{ what: `rows taken from ${table}`, why: rows }]),
      ...(order === undefined ? [] : [{ what: `the order of ${table}`, why: order }]),
    ]
  })
  return [
    ...ofTables,
    ...OF_THE_MOMENT,
    ...coveredLater.map((rows) => ({ what: rows, why: COVERED_LATER })),
    ...Object.entries(uncovered).map(([table, rows]) => uncoveredRows(table, rows)),
    ...(unsignedExchanges > 0 ? [unsigned(unsignedExchanges)] : []),
  ]
}

/** What comes to stand in the log, and under signatures, only after it was written. */
const OF_THE_MOMENT = [
  {
    what: 'entries of the last quarter of an hour beyond `vouched`',
    why: 'they may be signed and cosigned after the copy: compare them with a later one',
  },
]

const COVERED_LATER =
  'the process that wrote them ended before it had covered them, as one does that is killed; until the next one did, whoever had the file in hand could alter, add and take away rows there'

function uncoveredRows(table: string, rows: number) {
  return {
    what: `the last rows of ${table}: ${rows}`,
    why: 'they come to stand behind an entry of the log within seconds, on Workers within a minute: compare them with a later copy',
  }
}

function unsigned(exchanges: number) {
  return {
    what: `fields of ${exchanges} archived exchanges that no signature covers`,
    why: 'before version 0006 of the tables they were archived as well; nothing reads them',
  }
}
