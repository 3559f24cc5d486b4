import { createBodyPki, createStatePki, DEFAULT_VALIDITY_DAYS } from '../src/node/pki/state-pki.ts'
import { crlSource, type CrlSource } from '../src/x509/crl-source.ts'
import { parseCrl } from '../src/x509/crl.ts'
import { createPathCache, type PathCache } from '../src/x509/path-cache.ts'
import type { SealPath } from '../src/x509/profile.ts'
import { rate } from './rate.ts'
import { RAW, type RawVerification } from './raw-verification.ts'
import { bestOfRounds, rateOfEach } from './rounds.ts'
import type { Row } from './row.ts'

const ROUNDS = 8
const BODIES = 60
const STATES = 12
const IN_FLIGHT = 8

/** Paths of seal, body CA and state CA under a pinned root, three lists at hand as read before. */
export async function benchPaths(raw: RawVerification): Promise<Row[]> {
  const now = new Date()
  const states = await newStates(ROUNDS * STATES, now)
  const bodies = await newBodies(ROUNDS * BODIES, now)
  const cache = createPathCache()
  const validate = async (path: SealPath) => validOnly(cache, path)
  await validate(bodies.shift()!)
  let heldRounds = 0
  let strangeRounds = 0
  const next = (all: readonly SealPath[], count: number, round: number) =>
    rateOfEach(IN_FLIGHT, all.slice(round * count, (round + 1) * count), validate)
  const first = bodies[0]!
  const best = await bestOfRounds(ROUNDS, {
    raw: () => raw.rate(0.3),
    body: () => next(bodies, BODIES, heldRounds++),
    state: () => next(states, STATES, strangeRounds++),
    cached: () => rate(1, 0.3, () => validate(first)),
  })
  const row = (what: string, perSecond: number): Row => ({
    what,
    perSecond,
    reference: RAW,
    referencePerSecond: best.raw,
  })
  return [
    row(
      `path of three, cold: seal, body CA and its list never seen before, ${IN_FLIGHT} in flight`,
      best.body,
    ),
    row(
      `path of three, cold: root, three certificates and three lists never seen before, ${IN_FLIGHT} in flight`,
      best.state,
    ),
    row('path of three, remembered, one by one', best.cached),
  ]
}

async function validOnly(cache: PathCache, path: SealPath): Promise<void> {
  const answer = await cache.validate(path)
  if (answer.result !== 'valid') throw new Error(`${answer.code}: ${answer.detail}`)
}

const BODY = { partyId: 'BY.CCI', name: 'Chamber', code: '001' }
const STATE = { state: 'BY', organization: 'Registry', sealAlgorithm: 'ES256' } as const

/** So many paths under one root, and one more: below the state CA everything is new. */
async function newBodies(count: number, now: Date): Promise<SealPath[]> {
  const { root, stateCa } = await createStatePki({ ...STATE, bodies: [], now })
  const issuance = { ...STATE, now, validity: DEFAULT_VALIDITY_DAYS }
  const paths: SealPath[] = []
  for (let n = 0; n <= count; n++) {
    const { seal, ca } = await createBodyPki({ ...BODY, name: `Chamber ${n}` }, stateCa, issuance)
    const crls = source([root.crl, stateCa.crl, ca.crl])
    paths.push(query(seal.x5c, root.certificate, crls, now))
  }
  return paths
}

/** So many paths that share nothing. */
async function newStates(count: number, now: Date): Promise<SealPath[]> {
  const paths: SealPath[] = []
  for (let n = 0; n < count; n++) {
    const { root, stateCa, bodies } = await createStatePki({ ...STATE, bodies: [BODY], now })
    const { seal, ca } = bodies[0]!
    const crls = source([root.crl, stateCa.crl, ca.crl])
    paths.push(query(seal.x5c, root.certificate, crls, now))
  }
  return paths
}

function query(
  x5c: readonly Uint8Array[],
  anchor: Uint8Array,
  crls: CrlSource,
  now: Date,
): SealPath {
  return { x5c, anchor, at: now, now, purpose: 'document-seal', crls, revocationRequired: true }
}

function source(ders: readonly Uint8Array[]): CrlSource {
  return crlSource(
    ders.map((der) => {
      const crl = parseCrl(der)
      if ('malformed' in crl) throw new Error(crl.malformed)
      return crl
    }),
  )
}
