import { randomInt } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adoptEcdsaP256, adoptSha256 } from '../../src/crypto/suite.ts'
import { nativeEcdsa } from '../../src/node/native-ecdsa.ts'
import { nativeSha256 } from '../../src/node/native-sha256.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { AUDITED } from '../../src/storage/audit/audited-tables.ts'
import { createPathCache } from '../../src/x509/path-cache.ts'
import { Altering, alterations, otherMiddle, type Row, strange } from '../support/altering.ts'
import { contextOf } from '../support/audit-parts.ts'
import { type AuditedCopies, makeAuditedCopies, STATES } from '../support/audited-copies.ts'
import { dumpOf, outcomeOf, randomNumbers, writeOctet } from '../support/flipped.ts'
import { indexesOf, valueInIndex } from '../support/index-pages.ts'

let copies: AuditedCopies

beforeAll(async () => {
  adoptSha256(nativeSha256)
  await adoptEcdsaP256(nativeEcdsa)
  copies = await makeAuditedCopies()
})
afterAll(() => copies.remove())

/** Processor time for octets at random: each run tries others. */
const FLIPPING_MS = 3_000

/** Tables that this history fills at neither node; tests of their own look into their checks. */
const EMPTY_HERE = new Set<string>([
  'lost_documents',
  'lost_numbers',
  'late_documents',
  'settled_changes',
])
/** Read with the file, not from within. */
const OF_THE_FILE = new Set(['migrations', 'sqlite_stat1'])

describe('what an audit covers', () => {
  it('is said of every table, and of no column that is not', () => {
    const altering = new Altering(copies, 'BY')
    const { tables } = altering
    expect(Object.keys(AUDITED).toSorted()).toEqual(tables.toSorted())
    for (const [table, coverage] of Object.entries(AUDITED)) {
      const columns = altering.columns(table).map(({ name }) => name)
      const named =
        'checkedBy' in coverage ? Object.keys({ ...coverage.unproven, ...coverage.partly }) : []
      expect(columns, table).toEqual(expect.arrayContaining(named))
    }
    altering.database.close()
  })

  const tables = Object.keys(AUDITED).filter((table) => !OF_THE_FILE.has(table))
  it.each(tables)('is every value and row of %s', async (name) => {
    const table = name as keyof typeof AUDITED
    const coverage = AUDITED[table]
    // The shorter log first: there are some hundred audits.
    const state = STATES.toReversed().find(
      (one) => new Altering(copies, one).rows(table).length > 0,
    )
    if ('workingState' in coverage) return
    expect(state === undefined, `${table} is filled`).toBe(EMPTY_HERE.has(table))
    if (!state) return
    const altering = new Altering(copies, state)
    const columns = altering.columns(table)
    const unproven = columns.filter(({ name: column }) => column in (coverage.unproven ?? {}))
    const proven = columns.filter((column) => !unproven.includes(column))
    // A number of 0 was never given out: it says what no row would say as well.
    const rows = altering.rows(table).filter(({ seq }) => seq !== 0)
    const row = rows[Math.floor(rows.length / 2)]!
    const missed: string[] = []
    const attempt = async (what: string, alter: () => void) => {
      if (!(await altering.finds(coverage.checkedBy, alter))) missed.push(what)
    }
    for (const column of proven) {
      for (const [how, value] of alterations(row[column.name]!, column))
        await attempt(`${column.name} ${how}`, () =>
          altering.update(table, row, { [column.name]: value }),
        )
      for (const [which, one] of [
        ['first', rows[0]!],
        ['last', rows.at(-1)!],
      ] as const) {
        const [how, value] = alterations(one[column.name]!, column).at(-2) ?? ['filled', 'x']
        if (one !== row)
          await attempt(`${column.name} ${how} in the ${which} row`, () =>
            altering.update(table, one, { [column.name]: value }),
          )
      }
      // What nobody proves must not switch off what somebody does.
      if (unproven.length > 0)
        await attempt(`${column.name} beside all that is unproven`, () => {
          const others = strange(row, unproven)
          const [, value] = alterations(row[column.name]!, column)[0]!
          const values = Object.fromEntries(unproven.map((one, i) => [one.name, others[i]!]))
          altering.update(table, row, { ...values, [column.name]: value })
        })
    }
    const key = altering.key(table)
    if (coverage.mayMissRows === undefined)
      for (const one of new Set([row, rows[0]!, rows.at(-1)!]))
        await attempt(`row ${rows.indexOf(one) + 1} of ${rows.length} taken away`, () => {
          const where = key.map((column) => `${column.name} IS ?`).join(' AND ')
          const values = key.map((column) => one[column.name])
          altering.database.raw.prepare(`DELETE FROM ${table} WHERE ${where}`).run(values)
        })
    await attempt('a foreign row', () => {
      const marks = columns.map(() => '?').join(', ')
      altering.database.raw
        .prepare(`INSERT INTO ${table} VALUES (${marks})`)
        .run(strange(row, columns))
    })
    const exchanged = proven.flatMap((column) => (key.includes(column) ? [] : [column.name]))
    const other = rows.find((one) => one !== row)
    const differ = (one: Row) =>
      JSON.stringify(altering.of(one, exchanged)) !== JSON.stringify(altering.of(row, exchanged))
    if (other && exchanged.length > 0 && differ(other) && coverage.mayBeReordered === undefined)
      await attempt('two rows exchanged', () => {
        const aside = columns.flatMap(({ name: column, type }) =>
          exchanged.includes(column) ? [[column, type === 'TEXT' ? 'aside' : -9]] : [],
        )
        altering.update(table, other, Object.fromEntries(aside) as Row)
        altering.update(table, row, altering.of(other, exchanged))
        altering.update(table, other, altering.of(row, exchanged))
      })
    altering.database.close()
    expect(missed).toEqual([])
  })
})

describe('a time that is none', () => {
  it('is found in every table, working state as well, by an audit that goes to its end', async () => {
    const altering = new Altering(copies, 'UZ')
    const missed: string[] = []
    let count = 0
    for (const table of altering.tables) {
      if (OF_THE_FILE.has(table)) continue
      const rows = altering.rows(table)
      const row = rows[Math.floor(rows.length / 2)]
      for (const [name, value] of Object.entries(row ?? {})) {
        if (!/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(String(value))) continue
        count++
        const alter = () => altering.update(table, row!, { [name]: otherMiddle(String(value)) })
        if (!(await altering.findsWhole(alter))) missed.push(`${table}.${name}`)
      }
    }
    altering.database.close()
    expect(missed).toEqual([])
    expect(count).toBeGreaterThan(35)
  })
})

describe('an octet of the file that is another', () => {
  it('is found in every index of the schema', async () => {
    const file = join(copies.folder, 'indexes.sqlite')
    const bytes = readFileSync(copies.files.BY)
    const source = new SqliteDatabase(copies.files.BY, { readOnly: true })
    const indexes = indexesOf(source)
    source.close()
    const altered: string[] = []
    for (const index of indexes) {
      const at = valueInIndex(bytes, index)
      if (at === undefined) continue
      bytes[at]! ^= 1
      altered.push(index.name)
    }
    writeFileSync(file, bytes)
    const database = new SqliteDatabase(file, { readOnly: true })
    const told = JSON.stringify(database.raw.pragma('integrity_check(10000)'))
    database.close()
    expect(altered.length).toBeGreaterThan(indexes.length / 2)
    expect(altered.filter((name) => !told.includes(name))).toEqual([])
  })

  it('wherever it is, is found, or says nothing that anybody reads', async () => {
    const file = join(copies.folder, 'flipped.sqlite')
    const bytes = readFileSync(copies.files.UZ)
    writeFileSync(file, bytes)
    const source = new SqliteDatabase(copies.files.UZ, { readOnly: true })
    const before = dumpOf(source)
    const context = await contextOf(source, createPathCache())
    source.close()
    const seed = randomInt(2 ** 31)
    const random = randomNumbers(seed)
    const tally = { unread: 0, unopened: 0, found: 0 }
    const missed: string[] = []
    const until = process.cpuUsage().user + FLIPPING_MS * 1000
    while (process.cpuUsage().user < until || tally.found < 20) {
      const at = Math.floor(random() * bytes.length)
      const bit = 1 << Math.floor(random() * 8)
      writeOctet(file, at, bytes[at]! ^ bit)
      const outcome = await outcomeOf(file, before, context)
      if (outcome === 'missed') missed.push(`octet ${at} bit ${bit} (seed ${seed})`)
      else tally[outcome]++
      writeOctet(file, at, bytes[at]!)
    }
    expect(missed, JSON.stringify(tally)).toEqual([])
    expect(readFileSync(file).equals(bytes), 'nobody has written').toBe(true)
  })
})
