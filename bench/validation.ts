import { join } from 'node:path'
import { dayAt } from '../src/certificate/day.ts'
import { demoCertificate } from '../src/cli/demo/documents.ts'
import { validateAll, type ValidateAll } from '../src/exchange/validation/validate.ts'
import { unmarkedClaims } from '../src/jose/environment.ts'
import { parseJws } from '../src/jose/parse.ts'
import { signJws } from '../src/jose/sign.ts'
import { startThreads } from '../src/node/threads.ts'
import { createPathCache } from '../src/x509/path-cache.ts'
import { startTwoNodes, type TwoNodes } from '../test/support/two-nodes.ts'
import { rate } from './rate.ts'
import { RAW, rawVerification } from './raw-verification.ts'
import { bestOfRounds } from './rounds.ts'
import type { Row } from './row.ts'
import { newBodies, ROUNDS, validOnly } from './validation-paths.ts'
import type { MeasuredThreadData, Measurement } from './validation-thread.ts'

const THREADS = 2
const ROUND_SECONDS = 0.4
const DOCUMENTS = 500
const ISSUED = 50
const IN_FLIGHT = 32
const BATCH = 128

/** Validation in process against bare ECDSA P-256 verification on both cores, by turns. */
export async function benchValidation(): Promise<Row[]> {
  const raw = rawVerification()
  const nodes = await startTwoNodes({ validationThreads: THREADS })
  try {
    return await benchDocuments(nodes, () => raw.rate(0.4))
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
  const threads = await startMeasuring({ database: join(nodes.BY.data, 'node.sqlite'), documents })
  const here = validateAll(deps)
  const report = async (n: number) => {
    const [first] = await here([{ subject: { document: issued[n % ISSUED]! } }])
    if (first?.answer !== 'usable') throw new Error(first?.reasons.join())
  }
  const requests = Array.from({ length: BATCH }, (_, n) => ({
    subject: { document: issued[n % ISSUED]! },
  }))
  const batch = (validate: ValidateAll) => async () => {
    const wrong = (await validate(requests)).find(({ answer }) => answer !== 'usable')
    if (wrong) throw new Error(wrong.reasons.join())
  }
  const held = await rememberedPath()
  const best = await bestOfRounds(ROUNDS, {
    raw,
    documents: () => threads.rate('documents-in-flight', THREADS),
    documentsInOne: () => threads.rate('documents', 1),
    newBodies: () => threads.rate('new-bodies', THREADS),
    newAuthorities: () => threads.rate('new-authorities', THREADS),
    newStates: () => threads.rate('new-states', THREADS),
    held: () => rate(1, ROUND_SECONDS, held),
    reportOne: () => rate(1, ROUND_SECONDS, report),
    reportInFlight: () => rate(IN_FLIGHT, ROUND_SECONDS, report),
    batchHere: async () => BATCH * (await rate(1, ROUND_SECONDS, batch(here))),
    batchInThreads: async () => BATCH * (await rate(1, ROUND_SECONDS, batch(deps.validateAll!))),
  })
  await threads.close()
  const row = (what: string, perSecond: number): Row => ({
    what,
    perSecond,
    reference: RAW,
    referencePerSecond: best.raw,
  })
  const all = 'document, digest and content included, path remembered'
  const reports = 'document with database, rules and report'
  const threadsOf = `${THREADS} threads`
  return [
    row(
      `path of three, new below the state CA: seal, body CA, its list; root, state CA and their lists remembered, ${threadsOf}`,
      best.newBodies,
    ),
    row(
      `path of three, new below the root: all three, the lists of both CAs; root and its list remembered, ${threadsOf}`,
      best.newAuthorities,
    ),
    row(
      `everything new: path of three with all three authorities' lists, nothing remembered, ${threadsOf}`,
      best.newStates,
    ),
    row('path of three, remembered, one by one', best.held),
    row(`${all}, one by one`, best.documentsInOne),
    row(`${all}, in flight, ${threadsOf}`, best.documents),
    row(`${reports}, one by one`, best.reportOne),
    row(`${reports}, ${IN_FLIGHT} in flight`, best.reportInFlight),
    row(`${reports}, ${BATCH} in a call`, best.batchHere),
    row(`${reports}, ${BATCH} in a call, ${threadsOf}`, best.batchInThreads),
  ]
}

async function rememberedPath(): Promise<() => Promise<void>> {
  const [path] = await newBodies(1, new Date())
  const cache = createPathCache()
  return () => validOnly(cache, path!)
}

/** The same program in so many threads, as the reference runs in as many. */
async function startMeasuring(data: MeasuredThreadData) {
  const { ask, close } = startThreads<Measurement, number>(
    new URL('./validation-thread.ts', import.meta.url),
    { count: THREADS, limitMs: 60_000, data, ended: (reason) => process.emitWarning(reason) },
  )
  const measure = async (what: Measurement, count: number) => {
    const rates = await Promise.all(Array.from({ length: count }, () => ask(what)))
    return rates.reduce((sum, one) => sum + one, 0)
  }
  // Answered when both are ready: one must not be measured while the other still prepares.
  await measure('documents', THREADS)
  return { rate: measure, close }
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
