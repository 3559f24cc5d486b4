import { readFileSync } from 'node:fs'
import { signingKey } from '../../src/crypto/suite.ts'
import { encodeBase64 } from '../../src/encoding/base64url.ts'
import { signJws } from '../../src/jose/sign.ts'
import { createStatePki } from '../../src/node/pki/state-pki.ts'
import { encodeStatusList, packStatusList } from '../../src/status-list/status-list.ts'
import { formatCheckpoint } from '../../src/tlog/checkpoint.ts'
import { encodeEntryBundle } from '../../src/tlog/entry-bundle.ts'
import { formatLogProof } from '../../src/tlog/proof.ts'
import { formatSignedNote } from '../../src/tlog/signed-note.ts'
import { formatTilePath } from '../../src/tlog/tile.ts'
import { formatVerifierKey, type VerifierKey, verifierKey } from '../../src/tlog/verifier-key.ts'
import { makeNode, send } from '../unit/http-signature/exchange-of-messages.ts'
import { lacks } from '../support/counterparts.ts'
import { opensslMaterial } from './openssl-material.ts'

const AT = new Date('2026-03-02T09:00:00Z')
const utf8 = new TextEncoder()

/** Real objects of every kind that a stranger may send, as bytes to start from. */
export interface Material {
  readonly ders: readonly Uint8Array[]
  readonly jws: string
  readonly json: readonly Uint8Array[]
  readonly notes: readonly Uint8Array[]
  readonly proofs: readonly Uint8Array[]
  readonly bundles: readonly Uint8Array[]
  readonly tilePaths: readonly Uint8Array[]
  readonly verifierKeys: readonly Uint8Array[]
  readonly policies: readonly Uint8Array[]
  readonly statusLists: readonly Uint8Array[]
  /** Signature-Input and Signature, a line each. */
  readonly signatureFields: readonly Uint8Array[]
}

export async function makeMaterial(): Promise<Material> {
  const pki = await createStatePki({
    state: 'BY',
    organization: 'Министерство',
    bodies: [{ partyId: 'BY.CCI.001', name: 'Палата', code: '001' }],
    now: AT,
    sealAlgorithm: 'ES256',
  })
  const { seal, ca } = pki.bodies[0]!
  const own = [pki.root.certificate, ...seal.x5c, ca.crl, pki.stateCa.crl]
  const example = readFileSync(
    new URL('../../openapi/examples/origin-ct1-tractors.json', import.meta.url),
  )
  const jws = await signJws({
    typ: 'product-certificate+jwt',
    payload: JSON.parse(example.toString()) as object,
    seal: {
      key: await signingKey(seal.pkcs8, 'ES256'),
      x5tS256: 'Nb1Qc6M7v2V5PwdQVPGCzE0TnIaHFU0tu7ajp3Ubz5o',
      path: seal.x5c,
      x5c: seal.x5c.map(encodeBase64),
      environment: 'production',
    },
    signedAt: AT,
  })
  const header = Buffer.from(jws.split('.')[0]!, 'base64url')
  return {
    ders: lacks('openssl') ? own : [...own, ...opensslMaterial()],
    jws,
    json: [example, header, utf8.encode('{"a":{"b":[1,2.5e3,"\\u00e9\\"",null,true]},"a b":""}')],
    ...logMaterial(),
    statusLists: [await statusList()],
    signatureFields: await signatureFields(),
  }
}

function logMaterial(): Pick<
  Material,
  'notes' | 'proofs' | 'bundles' | 'tilePaths' | 'verifierKeys' | 'policies'
> {
  const rootHash = new Uint8Array(32).fill(7)
  const checkpoint = { origin: 'exchange.by/log/1', size: 70_000n, rootHash, extensions: [] }
  const signatures = [
    { name: 'exchange.by/log/1', keyId: 0x01020304, signature: new Uint8Array(64).fill(9) },
    { name: 'свидетель', keyId: 5, signature: new Uint8Array(72).fill(3) },
  ]
  const note = { text: formatCheckpoint(checkpoint), signatures }
  const proof = { index: 5n, path: [rootHash, rootHash], signed: { checkpoint, note } }
  const entries = [utf8.encode('{"kind":"certificate"}'), new Uint8Array(), utf8.encode('x')]
  const key = verifierKey('exchange.by/log/1', 'ed25519', rootHash)
  return {
    notes: [utf8.encode(formatSignedNote(note))],
    proofs: [proof, { ...proof, extra: utf8.encode('extra') }].map((p) =>
      utf8.encode(formatLogProof(p)),
    ),
    bundles: [encodeEntryBundle(entries)],
    tilePaths: [
      { level: 0, index: 1_234_067n, width: 256 },
      { level: 'entries' as const, index: 0n, width: 17 },
    ].map((tile) => utf8.encode(formatTilePath(tile))),
    verifierKeys: [utf8.encode(formatVerifierKey(key))],
    policies: [utf8.encode(policyOf(key))],
  }
}

function policyOf(log: VerifierKey<'ed25519'>): string {
  const keys = [1, 2, 3].map((octet) =>
    formatVerifierKey(verifierKey(`w${octet}`, 'cosignature/v1', new Uint8Array(32).fill(octet))),
  )
  const witnesses = keys.map((key, i) => `witness w${i} ${key} https://w${i}.example/\n`)
  const lines = ['# of a log\n', `log ${formatVerifierKey(log)}\n`, ...witnesses]
  return `${lines.join('')}\ngroup two 2 w0 w1\ngroup all all two w2\nquorum all\n`
}

async function statusList(): Promise<Uint8Array> {
  const entries = [5, 77, 1000].map((idx) => ({ idx, status: 1 as const }))
  const { lst } = await encodeStatusList(packStatusList(4096, entries))
  return Buffer.from(lst, 'base64url')
}

async function signatureFields(): Promise<Uint8Array[]> {
  const nodes = [await makeNode('BY', 'ES256'), await makeNode('UZ', 'Ed25519')]
  const sent = await Promise.all(nodes.map((node) => send(node)))
  return sent.map(({ request: { headers } }) =>
    utf8.encode(`${headers.get('signature-input')}\n${headers.get('signature')}`),
  )
}
