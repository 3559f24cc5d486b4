import { readFileSync } from 'node:fs'
import { derElement, derInteger } from '../../src/encoding/der-writer.ts'
import { encodeBase64url } from '../../src/encoding/base64url.ts'
import { authenticate, type Authentication } from '../../src/exchange/validation/authenticate.ts'
import { type Seal, signJws } from '../../src/jose/sign.ts'
import { type Trust, trustOf } from '../../src/trust/trust.ts'
import { createPathCache, type PathCache } from '../../src/x509/path-cache.ts'
import { type Crl, parseCrl } from '../../src/x509/crl.ts'
import { type ListedState, listedState, NOW, sealOfKey } from '../support/hostile-lists.ts'

/** A state with its trust as a node has it, its body's seal, and a document that is believed. */
export interface Genuine {
  readonly state: ListedState
  readonly trust: Trust
  readonly seal: Seal
  readonly jws: string
}

export async function makeGenuine(): Promise<Genuine> {
  const state = await listedState('BY')
  const seal = await sealOfKey(state.pki.bodies[0]!.seal)
  return { state, trust: await trustIn(state, listsOf(state)), seal, jws: await documentBy(seal) }
}

export function listsOf({ pki }: ListedState): Uint8Array[] {
  return [pki.root, pki.stateCa, ...pki.bodies.map(({ ca }) => ca)].map(({ crl }) => crl)
}

/** Trust in the state's list with these CRLs; one that cannot be read is not kept. */
export function trustIn({ pin, list }: ListedState, crls: readonly Uint8Array[]): Promise<Trust> {
  const read = crls.map((der) => parseCrl(der)).filter((crl): crl is Crl => !('malformed' in crl))
  return trustOf({ pins: [pin], lists: [list], crls: read, revision: 1 })
}

const EXAMPLE = JSON.parse(
  readFileSync(new URL('../../openapi/examples/origin-ct1-tractors.json', import.meta.url), 'utf8'),
) as object

export function documentBy(seal: Seal, claims: object = {}): Promise<string> {
  const payload = { ...EXAMPLE, ...claims }
  return signJws({ typ: 'product-certificate+jwt', payload, seal, signedAt: NOW })
}

/** As a node asks it, with the memory of the node, which knows the genuine path. */
export function ask(
  jws: string,
  trust: Trust,
  paths: PathCache = createPathCache(),
): Promise<Authentication> {
  const typs = ['product-certificate+jwt']
  return authenticate(jws, { trust, paths, purpose: 'document-seal', at: NOW, now: NOW, typs })
}

/** Why a document is not believed, or `believed`. */
export async function verdictOn(...asked: Parameters<typeof ask>): Promise<string> {
  const { document, checks } = await ask(...asked)
  return document ? 'believed' : (checks.at(-1)?.code ?? 'no reason')
}

const ORDER_OF_P256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The other signature that every ECDSA signature has: r with n - s (SEC 1 §4.1.4). */
export function twinOfRaw(signature: Uint8Array): Uint8Array<ArrayBuffer> {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`)
  const other = (ORDER_OF_P256 - s).toString(16).padStart(64, '0')
  return Uint8Array.from([...signature.subarray(0, 32), ...Buffer.from(other, 'hex')])
}

/** A certificate or list with the twin of its signature. */
export function twinOfDer({
  tbs,
  signatureAlgorithm,
  signature,
}: {
  readonly tbs: Uint8Array
  readonly signatureAlgorithm: Uint8Array
  readonly signature: Uint8Array
}): Uint8Array<ArrayBuffer> {
  const r = signature.subarray(2, 4 + signature[3]!)
  const s = signature.subarray(4 + signature[3]!)
  const value = BigInt(`0x${Buffer.from(s.subarray(2)).toString('hex')}`)
  const pair = derElement(0x30, r, derInteger(ORDER_OF_P256 - value))
  return derElement(0x30, tbs, signatureAlgorithm, derElement(0x03, new Uint8Array(1), pair))
}

/** A compact JWS of raw parts. */
export function compactOf(header: unknown, payload: Uint8Array, signature: Uint8Array): string {
  const text = new TextEncoder().encode(JSON.stringify(header))
  return [text, payload, signature].map(encodeBase64url).join('.')
}
