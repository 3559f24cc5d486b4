import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '../src/exchange/validation/authenticate.ts'
import { type Seal, signJws } from '../src/jose/sign.ts'
import { migrate } from '../src/node/migrate.ts'
import { SqliteDatabase } from '../src/node/sqlite-database.ts'
import { sql } from '../src/storage/tables.ts'
import { rate } from './rate.ts'

export const SIGN_AND_INSERT = 'sign + durable insert, one transaction each'

/** What no issue and no receipt can do without, and nothing else: documents per second. */
export async function signAndInsert(
  seal: Seal,
  certificateOf: (n: number) => unknown,
  inFlight: number,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'certex-bench-'))
  const database = new SqliteDatabase(join(folder, 'plain.sqlite'))
  try {
    migrate(database)
    return await rate(inFlight, 4, async (n) => {
      const payload = {
        schema: 'origin.ct1/1',
        iss: 'BY.CCI.001',
        aud: ['UZ'],
        certificate: certificateOf(n),
      }
      const typ = 'product-certificate+jwt'
      const jws = await signJws({ typ, payload, seal, signedAt: new Date() })
      const insert = sql.insertInto('documents').values({ sha256: await digestOf(jws), jws })
      await database.atomic([insert.compile()])
    })
  } finally {
    database.close()
    await rm(folder, { recursive: true, force: true })
  }
}
