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

/** So many that a thread's second of starting is a small part; issuing them takes two minutes. */
const DOCUMENTS = 40_000
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
    const best = { rate: 0, raw: 0, work: 0, rawWork: 0 }
    for (let round = 0; round < ROUNDS; round++) {
      const [rawRate, rawWork] = await withWork(() => raw.rate(0.5))
      best.raw = Math.max(best.raw, rawRate)
      best.rawWork = Math.max(best.rawWork, (rawRate * 0.5) / rawWork)
      const started = performance.now()
      const signatures = await auditWhole(file)
      const seconds = (performance.now() - started) / 1000
      best.rate = Math.max(best.rate, signatures / seconds)
      const [alone, work] = await withWork(() => auditWhole(file, 0))
      best.work = Math.max(best.work, alone / work)
    }
    return [
      {
        what: `audit of a database of ${DOCUMENTS} certificates, everything, all cores, documents`,
        perSecond: best.rate,
        reference: RAW,
        referencePerSecond: best.raw,
      },
      {
        what: 'the same in one thread, by CPU time',
        perSecond: best.work,
        reference: 'raw ECDSA P-256 verification, by CPU time',
        referencePerSecond: best.rawWork,
      },
    ]
  } finally {
    await raw.close()
    await rm(nodes.folder, { recursive: true, force: true })
  }
}

/** How many signatures were judged; an audit that finds something measures something else. */
async function auditWhole(file: string, threads?: number): Promise<number> {
  const audit = await auditFile(file, QUIET, threads)
  if (audit.found > 0) throw new Error(JSON.stringify(audit.findings[0]))
  return audit.signatures
}

/** What it gives, and the seconds of CPU time that this process spent meanwhile. */
async function withWork<T>(task: () => Promise<T>): Promise<[T, number]> {
  const before = process.cpuUsage()
  const result = await task()
  const { user, system } = process.cpuUsage(before)
  return [result, (user + system) / 1e6]
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
