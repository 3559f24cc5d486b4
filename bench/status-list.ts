import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { publishStatusList } from '../src/exchange/status-lists/publish.ts'
import { deflate } from '../src/status-list/zlib.ts'
import { startTwoNodes } from '../test/support/two-nodes.ts'
import { rate } from './rate.ts'
import type { Row } from './row.ts'

const POSITIONS = 1_000_000
/** Of a thousand certificates so many are annulled or suspended. */
const LISTED = 50
const LIST = 900

/** Reading, packing, deflating and signing a list of 1e6 certificates, against deflating it alone. */
export async function benchStatusList(): Promise<Row[]> {
  const nodes = await startTwoNodes()
  try {
    const { deps } = nodes.BY.running
    const uri = `${deps.publicUrl}/status/${LIST}`
    fill(join(nodes.BY.data, 'node.sqlite'), uri)
    const referencePerSecond = await rate(1, 3, () => deflate(packed()))
    const perSecond = await rate(1, 5, async () => {
      // Every one of its own holds no list yet.
      const published = await publishStatusList(deps)(LIST)
      if (published.outcome !== 'signed') throw new Error(published.outcome)
    })
    return [
      {
        what: `build and sign a status list over ${POSITIONS} certificates, ${LISTED / 10} % not valid`,
        perSecond,
        reference: 'deflate the packed list alone',
        referencePerSecond,
      },
    ]
  } finally {
    await nodes.close()
  }
}

const isListed = (idx: number) => (idx * 7919) % 1000 < LISTED

function packed(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 ** 20 / 4)
  for (let idx = 0; idx < POSITIONS; idx++)
    if (isListed(idx)) bytes[idx >>> 2]! |= (1 + (idx % 2)) << ((idx & 3) * 2)
  return bytes
}

/** Certificates without documents, as far as a status list sees them. */
function fill(file: string, uri: string): void {
  const database = new Sqlite(file)
  try {
    database
      .prepare('INSERT INTO status_lists (id, permutation_key, size, next) VALUES (?, ?, ?, ?)')
      .run(LIST, 'bench', 2 ** 20, POSITIONS)
    const insert = database.prepare(
      `INSERT INTO certificates (sha256, state, type, folded_number, number, issuer, recipients, origin,
         appended_at, usable_from, status, status_uri, status_idx, idx)
       VALUES (?, 'BY', 'origin.ct1', ?, ?, 'BY.CCI.001', '["UZ"]', 'issued',
         '2026-03-02T09:00:00Z', '2026-03-02', ?, ?, ?, ?)`,
    )
    database.transaction(() => {
      for (let idx = 0; idx < POSITIONS; idx++) {
        const status = isListed(idx) ? (idx % 2 === 0 ? 'annulled' : 'suspended') : 'active'
        insert.run(`sha ${idx}`, `n ${idx}`, `n ${idx}`, status, uri, idx, 1_000_000 + idx)
      }
    })()
  } finally {
    database.close()
  }
}
