import { dayAt } from '../src/certificate/day.ts'
import { demoCertificate } from '../src/cli/demo/documents.ts'
import { authenticate, digestOf } from '../src/exchange/authenticate.ts'
import { checkContent } from '../src/exchange/certificate-content.ts'
import { validateCertificate } from '../src/exchange/validate.ts'
import { unmarkedClaims } from '../src/jose/environment.ts'
import { parseJws } from '../src/jose/parse.ts'
import { signJws } from '../src/jose/sign.ts'
import { startTwoNodes, type TwoNodes } from '../test/support/two-nodes.ts'
import { rate } from './rate.ts'
import { RAW, rawVerification } from './raw-verification.ts'
import { bestOfRounds } from './rounds.ts'
import type { Row } from './row.ts'
import { benchPaths } from './validation-paths.ts'

const ROUNDS = 12
const ROUND_SECONDS = 0.4
const DOCUMENTS = 500
const ISSUED = 50
const IN_FLIGHT = 32

/** Validation in process against bare ECDSA P-256 verification on both cores, by turns. */
export async function benchValidation(): Promise<Row[]> {
  const raw = rawVerification()
  const nodes = await startTwoNodes()
  try {
    return [...(await benchPaths(raw)), ...(await benchDocuments(nodes, () => raw.rate(0.4)))]
  } finally {
    await nodes.close()
    await raw.close()
  }
}

/** Documents as text, each another, of one seal; the path is remembered after the first. */
async function benchDocuments(nodes: TwoNodes, raw: () => Promise<number>): Promise<Row[]> {
  const { deps } = nodes.BY.running
  const issued = await issuedDocuments(nodes)
  const documents = await signedLike(nodes, issued[0]!)
  const trust = await deps.trust()
  const full = async (n: number) => {
    const document = documents[n % DOCUMENTS]!
    const now = deps.now()
    const sha256 = await digestOf(document)
    const { document: authentic, checks } = await authenticate(document, {
      trust,
      paths: deps.paths,
      purpose: 'document-seal',
      at: now,
      now,
      typs: ['product-certificate+jwt'],
    })
    const checked = authentic && checkContent(authentic, now)
    if (!checked?.content)
      throw new Error(`${sha256} ${JSON.stringify([...checks, ...(checked?.checks ?? [])])}`)
  }
  const validate = validateCertificate(deps)
  const report = async (n: number) => {
    const { answer, reasons } = await validate({ subject: { document: issued[n % ISSUED]! } })
    if (answer !== 'usable') throw new Error(reasons.join())
  }
  const best = await bestOfRounds(ROUNDS, {
    raw,
    one: () => rate(1, ROUND_SECONDS, full),
    inFlight: () => rate(IN_FLIGHT, ROUND_SECONDS, full),
    reportOne: () => rate(1, ROUND_SECONDS, report),
    reportInFlight: () => rate(IN_FLIGHT, ROUND_SECONDS, report),
  })
  const row = (what: string, perSecond: number): Row => ({
    what,
    perSecond,
    reference: RAW,
    referencePerSecond: best.raw,
  })
  const all = 'document, digest and content included, path remembered'
  return [
    row(`${all}, one by one`, best.one),
    row(`${all}, ${IN_FLIGHT} in flight`, best.inFlight),
    row('document with database, rules and report, one by one', best.reportOne),
    row(`document with database, rules and report, ${IN_FLIGHT} in flight`, best.reportInFlight),
  ]
}

async function issuedDocuments(nodes: TwoNodes): Promise<string[]> {
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  const today = dayAt(new Date(), 180)
  const documents: string[] = []
  for (let n = 1; n <= ISSUED; n++) {
    const certificate = await demoCertificate('origin-ct1-tractors', today, n)
    const { body } = await chamber.post('/v1/certificates', { certificate })
    documents.push((body as { document: string }).document)
  }
  return documents
}

/** As many documents by the seal of this one, with other numbers; as text that was never a tree. */
async function signedLike(nodes: TwoNodes, jws: string): Promise<string[]> {
  const parsed = parseJws(jws)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  const payload = unmarkedClaims(parsed.payload).claims as { certificate: { number: string } }
  const { certificate } = payload
  const seal = nodes.BY.running.deps.seals.bodies.find(
    ({ x5tS256 }) => x5tS256 === parsed.header['x5t#S256'],
  )
  if (!seal) throw new Error('The node does not hold the seal of the document')
  const documents: string[] = []
  for (let n = 0; n < DOCUMENTS; n++) {
    const number = certificate.number.slice(0, -6) + String(n).padStart(6, '0')
    const signed = await signJws({
      typ: 'product-certificate+jwt',
      payload: { ...payload, certificate: { ...certificate, number } },
      seal,
      signedAt: new Date(),
    })
    documents.push(Buffer.from(signed).toString('latin1'))
  }
  return documents
}
