import {
  createAuthority,
  createBodyPki,
  createStatePki,
  DEFAULT_VALIDITY_DAYS,
} from '../src/node/pki/state-pki.ts'
import { crlSource, type CrlSource } from '../src/x509/crl-source.ts'
import { type Crl, parseCrl } from '../src/x509/crl.ts'
import type { PathCache } from '../src/x509/path-cache.ts'
import type { SealPath } from '../src/x509/profile.ts'

/** Paths that were never seen are used up: so many rounds there are. */
export const ROUNDS = 8

/** Validates a path that has to be valid. */
export async function validOnly(cache: PathCache, path: SealPath): Promise<void> {
  const answer = await cache.validate(path)
  if (answer.result !== 'valid') throw new Error(`${answer.code}: ${answer.detail}`)
}

const BODY = { partyId: 'BY.CCI', name: 'Chamber', code: '001' }
const STATE = { state: 'BY', organization: 'Registry', sealAlgorithm: 'ES256' } as const

/** So many paths of seal, body CA and state CA under one root: below the state CA everything is new. */
export async function newBodies(count: number, now: Date): Promise<SealPath[]> {
  const { root, stateCa } = await createStatePki({ ...STATE, bodies: [], now })
  // As a node holds them: each list is read once, whoever is judged by it.
  const above = [root.crl, stateCa.crl].map(read)
  const issuance = issuanceAt(now)
  const paths: SealPath[] = []
  for (let n = 0; n < count; n++) {
    const { seal, ca } = await createBodyPki({ ...BODY, name: `Chamber ${n}` }, stateCa, issuance)
    const crls = crlSource([...above, read(ca.crl)])
    paths.push(query(seal.x5c, root.certificate, crls, now))
  }
  return paths
}

/** So many paths under one root: all three certificates and the lists of both authorities are new. */
export async function newAuthorities(count: number, now: Date): Promise<SealPath[]> {
  const { root } = await createStatePki({ ...STATE, bodies: [], now })
  const rootList = read(root.crl)
  const issuance = issuanceAt(now)
  const paths: SealPath[] = []
  for (let n = 0; n < count; n++) {
    const name = { country: 'BY', organization: 'Registry', commonName: `State CA ${n}` }
    const stateCa = await createAuthority('state-ca', name, root, issuance)
    const { seal, ca } = await createBodyPki(BODY, stateCa, issuance)
    const crls = crlSource([rootList, ...[stateCa.crl, ca.crl].map(read)])
    paths.push(query(seal.x5c, root.certificate, crls, now))
  }
  return paths
}

/** So many paths that share nothing, each with its own root and the lists of all three authorities. */
export async function newStates(count: number, now: Date): Promise<SealPath[]> {
  const paths: SealPath[] = []
  for (let n = 0; n < count; n++) {
    const { root, stateCa, bodies } = await createStatePki({ ...STATE, bodies: [BODY], now })
    const { seal, ca } = bodies[0]!
    const crls = crlSource([root.crl, stateCa.crl, ca.crl].map(read))
    paths.push(query(seal.x5c, root.certificate, crls, now))
  }
  return paths
}

function issuanceAt(now: Date) {
  return { ...STATE, now, validity: DEFAULT_VALIDITY_DAYS }
}

function query(
  x5c: readonly Uint8Array[],
  anchor: Uint8Array,
  crls: CrlSource,
  now: Date,
): SealPath {
  return { x5c, anchor, at: now, now, purpose: 'document-seal', crls, revocationRequired: true }
}

function read(der: Uint8Array): Crl {
  const crl = parseCrl(der)
  if ('malformed' in crl) throw new Error(crl.malformed)
  return crl
}
