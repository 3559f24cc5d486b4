import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dayAt } from '../src/certificate/day.ts'
import { demoCertificate } from '../src/cli/demo/documents.ts'
import { digestOf } from '../src/exchange/authenticate.ts'
import { signJws } from '../src/jose/sign.ts'
import { migrate } from '../src/node/migrate.ts'
import { SqliteDatabase } from '../src/node/sqlite-database.ts'
import { sql } from '../src/storage/tables.ts'
import { startTwoNodes } from '../test/support/two-nodes.ts'
import type { Row } from './row.ts'
import { rate } from './rate.ts'

const IN_FLIGHT = 64

/** Issue over HTTP, acknowledged only when durable, against signing plus a durable insert alone. */
export async function benchIssue(): Promise<Row[]> {
  const nodes = await startTwoNodes()
  const folder = await mkdtemp(join(tmpdir(), 'certex-bench-'))
  try {
    const today = dayAt(new Date(), 180)
    const template = await demoCertificate('origin-ct1-tractors', today, 0)
    const certificateOf = (n: number) => ({
      ...template,
      number: template.number.slice(0, -6) + String(n).padStart(6, '0'),
    })

    const seal = nodes.BY.running.deps.seals.bodies[0]!
    const database = new SqliteDatabase(join(folder, 'plain.sqlite'))
    migrate(database)
    const plain = await rate(IN_FLIGHT, 4, async (n) => {
      const payload = {
        schema: 'origin.ct1/1',
        iss: 'BY.CCI.001',
        aud: ['UZ'],
        certificate: certificateOf(n),
      }
      const jws = await signJws({
        typ: 'product-certificate+jwt',
        payload,
        seal,
        signedAt: new Date(),
      })
      const insert = sql.insertInto('documents').values({ sha256: await digestOf(jws), jws })
      await database.atomic([insert.compile()])
    })
    database.close()

    const chamber = await nodes.BY.client('issuer', 'BY.CCI')
    // Delivery would use the same cores: the peer is stopped while issue is measured.
    await nodes.UZ.running.stop()
    const issued = await rate(IN_FLIGHT, 6, async (n) => {
      const { status, body } = await chamber.post('/v1/certificates', {
        certificate: certificateOf(n + 1),
      })
      if (status !== 201) throw new Error(`HTTP ${status} ${JSON.stringify(body)}`)
    })
    return [
      {
        what: `issue over HTTP, durable, ${IN_FLIGHT} in flight, client in the same process`,
        perSecond: issued,
        reference: 'sign + durable insert, one transaction each',
        referencePerSecond: plain,
      },
    ]
  } finally {
    await nodes.BY.running.stop()
    await rm(nodes.folder, { recursive: true, force: true })
    await rm(folder, { recursive: true, force: true })
  }
}
