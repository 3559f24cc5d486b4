import { groupCommit } from '../../src/node/group-commit.ts'
import { migrate } from '../../src/node/migrate.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { joinWork } from '../../src/exchange/join.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { claimNode } from '../../src/storage/node-store.ts'
import { sqlStatusPositions } from '../../src/storage/status-positions.ts'
import { certificateEntry } from '../contract/storage-samples.ts'

// A process of its own that writes into a database it shares: file, name, how many certificates.
const [file, name, count] = process.argv.slice(2) as [string, string, string]
const database = new SqliteDatabase(file)
migrate(database)
const { epoch } = await claimNode(database, { state: 'BY', environment: 'production', epoch: name })
const append = groupCommit(sqlJournal(database), () => new Date())
const positions = sqlStatusPositions(database, {
  publicUrl: 'https://by.example',
  blockSize: 16,
  join: joinWork(),
  randomKey: () => 'key',
})

let appended = 0
let duplicates = 0
for (let i = 0; i < Number(count); i += 20)
  await Promise.all(
    Array.from({ length: 20 }, async (_, j) => {
      // Every fifth number is one that the other processes want too.
      const number = (i + j) % 5 === 0 ? `contested ${i + j}` : `${name} ${i + j}`
      const { uri, idx } = await positions.reserve()
      const certificate = { foldedNumber: number, statusUri: uri, statusIdx: idx }
      const entry = certificateEntry(`${name} ${i + j}`, ['UZ'], certificate)
      if ((await append({ entries: [entry] })) === 'duplicate') duplicates++
      else appended++
    }),
  )
database.close()
process.stdout.write(JSON.stringify({ epoch, appended, duplicates }))
