import { signingKey, thumbprint } from '../../src/crypto/suite.ts'
import { encodeBase64, encodeBase64url } from '../../src/encoding/base64url.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { type Seal, signJws } from '../../src/jose/sign.ts'
import { type CertifiedKey, createStatePki, type StatePki } from '../../src/node/pki/state-pki.ts'
import type { TrustKey, TrustList } from '../../src/trust/trust-list.ts'
import type { TrustPin } from '../../src/trust/trust-store.ts'
import { crlSource, type CrlSource } from '../../src/x509/crl-source.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { ocspSource } from '../../src/x509/ocsp-source.ts'
import { digest } from './hostile.ts'

export const NOW = new Date('2026-03-02T09:00:00Z')
/** No OCSP response is at hand: the CRLs decide. */
export const NO_OCSP = ocspSource([])
const FROM = new Date('2026-02-10T00:00:00Z')

/** A state's keys in memory, with a trust list over them. */
export interface ListedState {
  readonly pki: StatePki
  readonly pin: TrustPin
  readonly crls: CrlSource
  readonly list: TrustList
}

export async function listedState(
  state = 'BY',
  bodies: readonly string[] = [`${state}.CCI.001`, `${state}.CCI.002`],
  ocspUrl?: string,
): Promise<ListedState> {
  const pki = await createStatePki({
    state,
    organization: `Registry of ${state}`,
    bodies: bodies.map((partyId) => ({ partyId, name: partyId, code: partyId.slice(-3) })),
    now: FROM,
    sealAlgorithm: 'ES256',
    validity: { rootCrl: 99, crl: 99 },
    ocspUrl,
  })
  const pin = {
    state,
    rootSha256: await thumbprint(pki.root.certificate),
    pinnedAt: formatInstant(FROM),
  }
  return { pki, pin, crls: crlsOf(pki), list: await listOf(pki) }
}

export function crlsOf({ root, stateCa, bodies }: StatePki): CrlSource {
  return crlSource(
    [root, stateCa, ...bodies.map(({ ca }) => ca)].map(({ crl }) => {
      const parsed = parseCrl(crl)
      if ('malformed' in parsed) throw new Error(parsed.malformed)
      return parsed
    }),
  )
}

async function listOf(pki: StatePki): Promise<TrustList> {
  const { state } = pki
  const key = async (
    { certificate }: CertifiedKey,
    body: string,
    usage: TrustKey['usage'],
  ): Promise<TrustKey> => ({
    x5tS256: await thumbprint(certificate),
    der: encodeBase64(certificate),
    body,
    usage,
    from: formatInstant(FROM),
  })
  return {
    schema: 'trust-list/1',
    state,
    version: 1,
    previous: null,
    issuedAt: formatInstant(NOW),
    nextUpdate: '2026-06-01T00:00:00Z',
    root: encodeBase64(pki.root.certificate),
    cas: [pki.stateCa, ...pki.bodies.map(({ ca }) => ca)].map((ca) => encodeBase64(ca.certificate)),
    bodies: pki.bodies.map(({ partyId, name, code }) => ({
      id: partyId,
      code,
      name,
      custody: 'node',
      scopes: [{ types: ['origin.ct1'], to: ['UZ'], from: formatInstant(FROM) }],
    })),
    keys: [
      ...(await Promise.all(pki.bodies.map(({ seal, partyId }) => key(seal, partyId, 'seal')))),
      await key(pki.registrySeal, `${state}.REGISTRY`, 'registry-seal'),
      await key(pki.node, `${state}.REGISTRY`, 'node'),
    ],
    nodes: [
      {
        state,
        url: `https://${state.toLowerCase()}.example`,
        key: await thumbprint(pki.node.certificate),
      },
    ],
    logs: [
      { origin: `exchange.${state.toLowerCase()}/log/1`, key: 'x', from: formatInstant(FROM) },
    ],
  }
}

/** The version after another, with some members changed. */
export function successor(
  list: TrustList,
  jws: string,
  changes: Partial<Record<keyof TrustList, unknown>> = {},
): TrustList {
  return { ...list, version: list.version + 1, previous: digest(jws), ...changes } as TrustList
}

export async function sealOfKey(
  { pkcs8, certificate, x5c }: CertifiedKey,
  environment: Seal['environment'] = 'production',
): Promise<Seal> {
  return {
    key: await signingKey(pkcs8, 'ES256'),
    x5tS256: await thumbprint(certificate),
    path: x5c,
    x5c: x5c.map(encodeBase64),
    environment,
  }
}

export async function signedList(list: object, by: CertifiedKey, at = NOW): Promise<string> {
  const seal = await sealOfKey(by)
  return signJws({ typ: 'trust-list+jwt', payload: list, seal, signedAt: at })
}

/**
 * The far newer version that anybody can make of a list: its signer's X.509 certificate is altered to an
 * algorithm that nobody knows, so that nothing of it can be verified.
 */
export async function unverifiable(jws: string): Promise<string> {
  const [header, payload, signature] = jws.split('.') as [string, string, string]
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object
  const { x5c } = read(header) as { x5c: string[] }
  const der = Buffer.from(x5c[0]!, 'base64').toString('hex')
  // ecdsa-with-SHA256 becomes the OID before it, which is none.
  const strange = Buffer.from(der.replaceAll('2a8648ce3d040302', '2a8648ce3d040301'), 'hex')
  if (strange.toString('hex') === der)
    throw new Error('The list is not signed by ECDSA with SHA-256')
  const path = {
    'x5t#S256': await thumbprint(new Uint8Array(strange)),
    x5c: [strange.toString('base64'), ...x5c.slice(1)],
  }
  const next = { version: 999, previous: 'A'.repeat(43) }
  return compact({ ...read(header), ...path }, { ...read(payload), ...next }, signature)
}

/** A JWS of any parts; the signature is text that only looks like one unless a key is given. */
export function compact(header: unknown, payload: unknown, signature = 'AAAA'): string {
  const encode = (part: unknown) =>
    encodeBase64url(
      new TextEncoder().encode(typeof part === 'string' ? part : JSON.stringify(part)),
    )
  return `${encode(header)}.${encode(payload)}.${signature}`
}
