import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from '../../src/node/api-client.ts'
import { lacks } from '../support/counterparts.ts'
import { today } from '../support/day.ts'
import { claimsFor, freshCertificate, rowsOf } from '../support/hostile.ts'
import { peerOf, postAs } from '../support/sign-as.ts'
import { eventually, startTwoNodes, type TestNode, type TwoNodes } from '../support/two-nodes.ts'

/** What a JWS says of itself, read without the product's code. */
interface Jws {
  readonly header: { alg: string; typ: string; x5c: string[]; 'x5t#S256': string }
  readonly payload: Record<string, unknown>
  readonly signingInput: string
  readonly signature: Buffer
}

function read(jws: string): Jws {
  const [header, payload, signature] = jws.split('.') as [string, string, string]
  const json = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as never
  return {
    header: json(header),
    payload: json(payload),
    signingInput: `${header}.${payload}`,
    signature: Buffer.from(signature, 'base64url'),
  }
}

const pem = (base64: string): string =>
  `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)!.join('\n')}\n-----END CERTIFICATE-----\n`

/** ECDSA's r‖s of a JWS (RFC 7518 §3.4) as the SEQUENCE that OpenSSL reads. */
function derSignature(signature: Buffer): Buffer {
  const integer = (octets: Buffer): Buffer => {
    const trimmed = octets.subarray(octets.findIndex((octet) => octet !== 0))
    const value = trimmed[0]! & 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed
    return Buffer.concat([Buffer.of(0x02, value.length), value])
  }
  const half = signature.length / 2
  const body = Buffer.concat([signature.subarray(0, half), signature.subarray(half)].map(integer))
  return Buffer.concat([Buffer.of(0x30, body.length), body])
}

function joseSignature(der: Buffer, half: number): Buffer {
  const integer = (at: number) => der.subarray(at + 2, at + 2 + der[at + 1]!)
  const r = integer(2)
  const s = integer(4 + r.length)
  const padded = [r, s].map((value) => {
    const octets = value[0] === 0 ? value.subarray(1) : value
    return Buffer.concat([Buffer.alloc(half - octets.length), octets])
  })
  return Buffer.concat(padded)
}

describe.skipIf(lacks('openssl', 'jose'))('other implementations', () => {
  let nodes: TwoNodes
  let BY: TestNode
  let UZ: TestNode
  let folder: string
  let chamber: ApiClient

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'certex-interop-'))
    nodes = await startTwoNodes()
    ;({ BY, UZ } = nodes)
    chamber = await BY.client('issuer', 'BY.CCI')
    const certificate = await freshCertificate()
    const issued = await chamber.post('/v1/certificates', { certificate })
    expect(issued.status).toBe(201)
    const path = `/v1/certificates/BY/origin.ct1/${certificate.number}/status-changes`
    const effectiveFrom = today
    const change = { change: 'annul', effectiveFrom, reason: 'Ошибка в графе 3' }
    expect((await chamber.post(path, change)).status).toBe(201)
    await eventually('both are decided', () =>
      Promise.resolve(
        rowsOf(BY, 'outgoing').length >= 2 &&
          rowsOf(BY, 'outgoing').every(({ outcome }) => outcome !== null),
      ),
    )
  })
  afterAll(async () => {
    await nodes.close()
    rmSync(folder, { recursive: true })
  })

  function file(name: string, content: string | Buffer): string {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }

  function openssl(...args: string[]): Buffer {
    return execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  }

  /** The public key of x5c[0], PEM, as OpenSSL reads it. */
  function publicKey({ header }: { header: { x5c: string[] } }): string {
    const leaf = file('leaf.pem', pem(header.x5c[0]!))
    return file('key.pem', openssl('x509', '-in', leaf, '-pubkey', '-noout'))
  }

  function publicJwk(jws: { header: { x5c: string[] } }): Record<string, string> {
    const spki = openssl('pkey', '-pubin', '-in', publicKey(jws), '-outform', 'DER')
    const point = spki.subarray(-65)
    expect(point[0]).toBe(4)
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((n) => n.toString('base64url'))
    return { kty: 'EC', crv: 'P-256', x: x!, y: y! }
  }

  /** One document of every kind that the two nodes have signed, by `typ`. */
  function signedByNodes(): Map<string, string> {
    const documents = rowsOf(UZ, 'documents').map(({ jws }) => jws as string)
    return new Map(documents.map((jws) => [read(jws).header.typ, jws]))
  }

  const TYPS = ['product-certificate+jwt', 'status-change+jwt', 'receipt+jwt', 'trust-list+jwt']

  it('sign no kind of document that these tests leave out', () => {
    expect([...signedByNodes().keys()].sort()).toEqual(TYPS.toSorted())
  })

  describe.each(TYPS)('of a %s', (typ) => {
    it('jose verifies the signature and reads the same payload', () => {
      const jws = signedByNodes().get(typ)!
      const key = file('key.jwk', JSON.stringify(publicJwk(read(jws))))
      const verify = (text: string) =>
        spawnSync('jose', ['jws', 'ver', '-i', file('document.jws', text), '-k', key, '-O-'])
      const { status, stdout, stderr } = verify(jws)
      expect(status, stderr.toString()).toBe(0)
      expect(stdout.equals(Buffer.from(jws.split('.')[1]!, 'base64url'))).toBe(true)

      const [header, payload, signature] = jws.split('.') as [string, string, string]
      const other = `${payload.slice(0, 40)}${payload[40] === 'A' ? 'B' : 'A'}${payload.slice(41)}`
      expect(verify(`${header}.${other}.${signature}`).status).not.toBe(0)
    })

    it('openssl verifies the signature over the signing input', () => {
      const jws = read(signedByNodes().get(typ)!)
      expect(jws.header.alg).toBe('ES256')
      const key = publicKey(jws)
      const verify = (signingInput: string) =>
        spawnSync('openssl', [
          'dgst',
          '-sha256',
          '-verify',
          key,
          '-signature',
          file('signature.der', derSignature(jws.signature)),
          file('signing-input', signingInput),
        ])
      expect(verify(jws.signingInput).stdout.toString()).toBe('Verified OK\n')
      expect(verify(`${jws.signingInput}x`).status).not.toBe(0)
    })

    it('openssl verifies the path to the pinned root, with every CRL that the node publishes', async () => {
      const jws = read(signedByNodes().get(typ)!)
      const signer = String(jws.payload['iss'] ?? jws.payload['state']).slice(0, 2)
      const node = signer === 'BY' ? BY : UZ
      const list = read(await (await fetch(`${node.url}/trust/list`)).text()).payload as {
        root: string
        cas: string[]
      }
      const fingerprint = createHash('sha256').update(Buffer.from(list.root, 'base64'))
      expect(fingerprint.digest('base64url')).toBe(node.rootSha256)
      const root = file('root.pem', pem(list.root))
      const crls = await Promise.all(
        [list.root, ...list.cas].map(async (ca) => {
          const authority = file('ca.pem', pem(ca))
          const text = openssl('x509', '-in', authority, '-noout', '-ext', 'subjectKeyIdentifier')
          const ski = text.toString().split('\n')[1]!.trim().replaceAll(':', '').toLowerCase()
          const response = await fetch(`${node.url}/trust/crls/${ski}.crl`)
          expect(response.status).toBe(200)
          const der = file(`${ski}.crl`, Buffer.from(await response.arrayBuffer()))
          return openssl('crl', '-inform', 'DER', '-in', der).toString()
        }),
      )
      const [leaf, ...between] = jws.header.x5c
      const verified = openssl(
        'verify',
        '-x509_strict',
        '-crl_check_all',
        '-CRLfile',
        file('crls.pem', crls.join('')),
        '-CAfile',
        root,
        ...(between.length > 0
          ? ['-untrusted', file('untrusted.pem', between.map(pem).join(''))]
          : []),
        file('leaf.pem', pem(leaf!)),
      )
      expect(verified.toString()).toMatch(/leaf\.pem: OK\n$/)
    })
  })

  describe('sign certificates that the product takes:', () => {
    /** Header and seal of the chamber, from the files of its PKI. */
    function chamberSeal() {
      const stored = BY.pki.keys.find(
        ({ purpose, partyId }) => purpose === 'document-seal' && partyId === 'BY.CCI.001',
      )!
      const x5c = stored.chain.map((name) =>
        openssl('x509', '-in', join(BY.keys, name), '-outform', 'DER').toString('base64'),
      )
      const thumbprint = createHash('sha256').update(Buffer.from(x5c[0]!, 'base64'))
      const header = {
        alg: 'ES256',
        typ: 'product-certificate+jwt',
        cty: 'application/json',
        iat: Math.floor(Date.now() / 1000),
        'x5t#S256': thumbprint.digest('base64url'),
        x5c,
      }
      const passphrase = file('passphrase', BY.passphrase)
      const key = file(
        'seal.pem',
        openssl('pkcs8', '-in', join(BY.keys, stored.keyFile!), '-passin', `file:${passphrase}`),
      )
      return { header, key }
    }

    async function expectTaken(jws: string): Promise<void> {
      const customs = await UZ.client('customs', 'UZ.CUSTOMS')
      const context = { officer: 'Каримов А.', purpose: 'interop' }
      const validate = async () => {
        const { body } = await customs.post('/v1/validations', {
          context,
          items: [{ document: jws }],
        })
        return (body as { reports: { indication: string; answer: string }[] }).reports[0]
      }
      expect(await validate()).toMatchObject({ indication: 'TOTAL-PASSED' })
      const sha256 = createHash('sha256').update(jws).digest('base64url')
      const messages = [{ seq: 1, document: jws }]
      const answer = await postAs(await peerOf(BY), UZ, '/exchange/v1/messages', { messages })
      expect(answer.body).toMatchObject({ received: [{ sha256, state: 'decided' }] })
      const [receipt] = (answer.body as { receipts: string[] }).receipts
      expect(read(receipt!).payload['decisions']).toMatchObject([{ sha256, outcome: 'accepted' }])
      expect(await UZ.running.deps.certificates.document(sha256)).toBe(jws)
      expect(await validate()).toMatchObject({ indication: 'TOTAL-PASSED', answer: 'usable' })
    }

    it('openssl', async () => {
      const { header, key } = chamberSeal()
      const payload = claimsFor(BY, await freshCertificate())
      const signingInput = [header, payload]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .join('.')
      const der = openssl('dgst', '-sha256', '-sign', key, file('signing-input', signingInput))
      await expectTaken(`${signingInput}.${joseSignature(der, 32).toString('base64url')}`)
    })

    it('jose, with the members of the header in an order of its own', async () => {
      const { header, key } = chamberSeal()
      // ECPrivateKey (RFC 5915): the 32 octets of the secret follow SEQUENCE, version and a header.
      const secret = openssl('ec', '-in', key, '-outform', 'DER').subarray(7, 39)
      const jwk = { ...publicJwk({ header }), d: secret.toString('base64url') }
      const payload = claimsFor(BY, await freshCertificate())
      const { status, stdout, stderr } = spawnSync('jose', [
        'jws',
        'sig',
        '-I',
        file('payload.json', JSON.stringify(payload)),
        '-s',
        JSON.stringify({ protected: header }),
        '-k',
        file('seal.jwk', JSON.stringify(jwk)),
        '-c',
        '-o-',
      ])
      expect(status, stderr.toString()).toBe(0)
      await expectTaken(stdout.toString().trim())
    })
  })
})
