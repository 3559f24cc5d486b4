import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { documentTypeOf } from '../src/certificate/document-types.ts'
import type { CertificatePayload } from '../src/certificate/payload.ts'
import { demoCertificate } from '../src/cli/demo/documents.ts'
import { sha256Sync } from '../src/crypto/suite.ts'
import { encodeBase64url } from '../src/encoding/base64url.ts'
import { appendOneByOne, type NewEntry } from '../src/exchange/journal.ts'
import { certificateEffect } from '../src/exchange/projection.ts'
import { searchCertificates, type SearchQuestion } from '../src/exchange/search/search.ts'
import type { Visibility } from '../src/exchange/search/search-index.ts'
import { migrate } from '../src/node/migrate.ts'
import { SqliteDatabase } from '../src/node/sqlite-database.ts'
import { sqlCertificateStore } from '../src/storage/certificate-store.ts'
import { sqlJournal } from '../src/storage/journal.ts'
import { sqlSearchIndex } from '../src/storage/search.ts'
import { rate } from './rate.ts'
import type { Row } from './row.ts'

const CERTIFICATES = 100_000
const BATCH = 500
const PAGE = 20

/** Searches among 100,000 certificates, against reading one of them by its primary key. */
export async function benchSearch(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'certex-bench-'))
  const database = new SqliteDatabase(join(folder, 'search.sqlite'))
  try {
    migrate(database)
    const template = await demoCertificate('origin-ct1-tractors', '2026-03-02', 0)
    const digests = await fill(database, template)
    const certificates = sqlCertificateStore(database)
    const search = searchCertificates({ certificates, search: sqlSearchIndex(database) })
    const referencePerSecond = await rate(1, 2, async (n) => {
      const found = await certificates.findByDigest(digests[(n * 7919) % CERTIFICATES]!)
      if (!found) throw new Error('not found')
    })
    const row = async (
      what: string,
      question: SearchQuestion,
      expected: number,
      { after, sees = { sees: 'all' } }: { after?: string; sees?: Visibility } = {},
    ): Promise<Row> => ({
      what: `search among ${CERTIFICATES} certificates: ${what}`,
      perSecond: await rate(1, 2, async () => {
        const result = await search(question, sees, { after, limit: PAGE })
        if (result.outcome !== 'found' || result.certificates.length !== expected)
          throw new Error(`${what}: ${JSON.stringify(result).slice(0, 200)}`)
      }),
      reference: 'one certificate by its digest',
      referencePerSecond,
    })
    const deep = { after: digests[CERTIFICATES / 2]! }
    const branch: Visibility = { sees: 'issued-by', party: 'BY.CCI.007' }
    return [
      await row('by number', { number: numberOf(template.number, 4711) }, 1),
      await row('by a word of a party, one in 1000', { party: 'завод713' }, PAGE),
      await row('by a word of a party, all of them', { party: 'гомсель' }, PAGE),
      await row('by a commodity code, one in four', { hs: '87' }, PAGE),
      await row('by word and code', { party: 'zavod713', hs: '8703' }, PAGE),
      await row('by two broad conditions that none satisfies', { hs: '8701', invoice: 'odd' }, 0),
      await row('a page in the middle of all', {}, PAGE, deep),
      await row('a page in the middle, by code', { hs: '87' }, PAGE, deep),
      await row('what one of 50 branches issued', {}, PAGE, { sees: branch }),
    ]
  } finally {
    database.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Every certificate with its own number, of 1000 exporters, 50 branches and 8 codes. */
async function fill(
  database: SqliteDatabase,
  template: Awaited<ReturnType<typeof demoCertificate>>,
): Promise<string[]> {
  const append = appendOneByOne(sqlJournal(database), () => new Date())
  const codes = ['8701', '8703', '8421', '0813', '0806', '0406', '5201', '7308']
  const digests: string[] = []
  for (let start = 0; start < CERTIFICATES; start += BATCH) {
    const entries = Array.from({ length: BATCH }, (_, i): NewEntry => {
      const n = start + i
      const items = (template['items'] as object[]).map((item) => ({
        ...item,
        hsCode: `${codes[n % codes.length]!}${String(n % 997).padStart(6, '0')}`,
        invoice: { number: n % 2 === 0 ? 'EVEN' : 'ODD', date: '2026-03-02' },
      }))
      const exporter = {
        ...(template['exporter'] as object),
        name: `ОАО «Гомсельмаш-Завод${n % 1000}»`,
      }
      const jws = `h.${n}.s`
      const sha256 = encodeBase64url(sha256Sync(new TextEncoder().encode(jws)))
      digests.push(sha256)
      const payload: CertificatePayload = {
        schema: 'origin.ct1/1',
        iss: `BY.CCI.${String(n % 50).padStart(3, '0')}`,
        aud: ['UZ'],
        status: { status_list: { uri: 'https://node.example/status/1', idx: n } },
        certificate: { ...template, number: numberOf(template.number, n), items, exporter },
      }
      const type = documentTypeOf(payload.schema)!
      const signature = { seal: `seal-${n % 50}`, signedAt: '2026-03-02T09:15:00Z' }
      const effects = [certificateEffect({ sha256, payload, type, signature, node: 'BY' })]
      return { kind: 'certificate', sha256, jws, to: ['UZ'], effects }
    })
    if ((await append({ entries })) === 'duplicate') throw new Error('The database is not empty')
  }
  return digests
}

function numberOf(number: string, n: number): string {
  return number.slice(0, -6) + String(n).padStart(6, '0')
}
