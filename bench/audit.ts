import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { dayAt } from '../src/certificate/day.ts'
import { demoCertificate } from '../src/cli/demo/documents.ts'
import { auditFile } from '../src/node/audit-file.ts'
import { SqliteDatabase } from '../src/node/sqlite-database.ts'
import { startTwoNodes } from '../test/support/two-nodes.ts'
import { RAW, rawVerification } from './raw-verification.ts'
import { rateOfEach } from './rounds.ts'
import type { Row } from './row.ts'

const DOCUMENTS = 4000
const ROUNDS = 3

/** The audit of a database file of so many certificates: everything that it compares and verifies. */
export async function benchAudit(): Promise<Row[]> {
  const nodes = await startTwoNodes({ limits: { rates: 'off' } })
  const raw = rawVerification()
  try {
    // Delivery would use the same cores: the peer is stopped.
    await nodes.UZ.running.stop()
    await issueAll(nodes)
    await nodes.BY.running.stop()
    const file = join(nodes.BY.data, 'node.sqlite')
    let [best, reference] = [0, 0]
    for (let round = 0; round < ROUNDS; round++) {
      reference = Math.max(reference, await raw.rate(0.5))
      const started = performance.now()
      const audit = await auditFile(file, QUIET)
      const seconds = (performance.now() - started) / 1000
      if (audit.found > 0) throw new Error(JSON.stringify(audit.findings[0]))
      best = Math.max(best, audit.signatures / seconds)
    }
    return [
      {
        what: `audit of a database of ${DOCUMENTS} certificates, everything, documents`,
        perSecond: best,
        reference: RAW,
        referencePerSecond: reference,
      },
    ]
  } finally {
    await raw.close()
    await rm(nodes.folder, { recursive: true, force: true })
  }
}

const QUIET = { since: undefined, witnesses: [], save: async () => {}, progress: () => {} }

async function issueAll(nodes: Awaited<ReturnType<typeof startTwoNodes>>): Promise<void> {
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  await nodes.BY.running.deps.adminActs.record(actsOfClients(nodes))
  const template = await demoCertificate('origin-ct1-tractors', dayAt(new Date(), 180), 0)
  const numbers = Array.from({ length: DOCUMENTS }, (_, n) => String(n + 1).padStart(6, '0'))
  await rateOfEach(64, numbers, async (number) => {
    const certificate = { ...template, number: template.number.slice(0, -6) + number }
    const { status } = await chamber.post('/v1/certificates', { certificate })
    if (status !== 201) throw new Error(`HTTP ${status}`)
  })
}

/** Clients that the program adds bear an act; those of tests none. */
function actsOfClients({ BY }: Awaited<ReturnType<typeof startTwoNodes>>) {
  const database = new SqliteDatabase(join(BY.data, 'node.sqlite'), { readOnly: true })
  const clients = database.raw
    .prepare('SELECT id, role, party, registered_at AS at FROM clients')
    .all() as { id: string; role: string; party: string; at: string }[]
  database.close()
  return clients.map(({ id, role, party, at }) => {
    const detail = `${role} for ${party}`
    return { at, actor: 'user:bench', act: 'client-added', subject: id, detail } as const
  })
}
