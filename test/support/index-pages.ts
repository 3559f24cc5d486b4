import type { SqliteDatabase } from '../../src/node/sqlite-database.ts'

export interface IndexPage {
  readonly name: string
  readonly root: number
}

export function indexesOf({ raw }: SqliteDatabase): IndexPage[] {
  const query =
    "SELECT name, rootpage AS root FROM sqlite_master WHERE type = 'index' ORDER BY name"
  return raw.prepare(query).all() as IndexPage[]
}

const LEAF_INDEX = 0x0a
const INTERIOR_INDEX = 0x02

/**
 * Where in the file the value of one entry of an index stands (SQLite file format §1.6, §2.1): the first
 * octet of the body of a record on its root page. Undefined: the index has no entry with a body.
 */
export function valueInIndex(file: Buffer, { root, name }: IndexPage): number | undefined {
  const pageSize = file.readUInt16BE(16) === 1 ? 65_536 : file.readUInt16BE(16)
  const page = (root - 1) * pageSize
  const type = file[page]
  if (type !== LEAF_INDEX && type !== INTERIOR_INDEX) throw new Error(`${name} has no index page`)
  const [header, child] = type === LEAF_INDEX ? [8, 0] : [12, 4]
  const cells = file.readUInt16BE(page + 3)
  for (let n = 0; n < cells; n++) {
    const cell = page + file.readUInt16BE(page + header + 2 * n) + child
    const [payload, record] = varint(file, cell)
    const [bodyAt] = varint(file, record)
    if (payload > bodyAt) return record + bodyAt
  }
  return undefined
}

/** The value and where it ends; of such lengths as records here have. */
function varint(file: Buffer, at: number): [number, number] {
  let value = 0
  for (let i = at; ; i++) {
    value = value * 128 + (file[i]! & 0x7f)
    if (file[i]! < 0x80) return [value, i + 1]
  }
}
