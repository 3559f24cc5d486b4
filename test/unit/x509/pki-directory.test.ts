import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { signingKey, verifyJwsSignature } from '../../../src/crypto/suite.ts'
import { KeyFileError, readKeyFile, writeKeyFile } from '../../../src/node/pki/key-file.ts'
import { loadIssuer, loadKey, loadPkiDirectory } from '../../../src/node/pki/pki-directory.ts'
import {
  storeBody,
  storeCrl,
  storeSeal,
  writePkiDirectory,
} from '../../../src/node/pki/pki-store.ts'
import { renewCrl } from '../../../src/node/pki/renew-crl.ts'
import {
  DEFAULT_VALIDITY_DAYS,
  createBodyPki,
  createSeal,
  createStatePki,
} from '../../../src/node/pki/state-pki.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import { parseCrl } from '../../../src/x509/crl.ts'
import { validateSealPath } from '../../../src/x509/profile.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'

const now = new Date('2027-06-01T00:00:00Z')
const passphrase = 'correct horse battery staple'
const body = { partyId: 'BY.CCI.001', name: 'Chamber', code: '001' }
const pki = await createStatePki({
  state: 'BY',
  organization: 'Registry',
  bodies: [body],
  now,
  sealAlgorithm: 'ES256',
})
const issuance = {
  state: 'BY',
  now,
  sealAlgorithm: 'ES256',
  validity: DEFAULT_VALIDITY_DAYS,
} as const

let dir: string
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'certex-pki-')), 'keys')
  await writePkiDirectory(dir, pki, passphrase)
})
afterEach(() => rm(join(dir, '..'), { recursive: true }))

function serialOf(der: Uint8Array): string {
  const certificate = parseX509Certificate(der)
  if ('malformed' in certificate) throw new Error(certificate.malformed)
  return certificate.serialNumber
}

/** Validates every seal of the directory with the directory's own lists. */
async function sealVerdicts(): Promise<string[]> {
  const { keys, crls } = await loadPkiDirectory(dir)
  const lists = crls.map((der) => parseCrl(der)).flatMap((crl) => ('malformed' in crl ? [] : [crl]))
  const root = keys.find(({ purpose }) => purpose === 'root')!
  const seals = keys.filter(({ purpose }) => purpose === 'document-seal')
  const results = seals.map(({ x5c }) =>
    validateSealPath({
      x5c,
      anchor: root.certificate,
      at: now,
      purpose: 'document-seal',
      crls: crlSource(lists),
      revocationRequired: true,
    }),
  )
  return (await Promise.all(results)).map((r) => (r.result === 'valid' ? 'valid' : r.code))
}

describe('a PKI directory', () => {
  it('holds every key encrypted and readable by its owner only', async () => {
    const names = await readdir(dir, { recursive: true })
    const keyFiles = names.filter((name) => name.endsWith('.key.pem'))
    expect(keyFiles).toHaveLength(10)
    for (const name of keyFiles) {
      expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600)
      expect(await readFile(join(dir, name), 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY/)
    }
  })

  it('keeps what the node does not need in the offline folder', async () => {
    expect((await readdir(join(dir, 'offline'))).sort()).toEqual([
      'BY.CCI.001.ca.key.pem',
      'root.key.pem',
      'state-ca.key.pem',
      'trust-list-signer.key.pem',
    ])
    await rename(join(dir, 'offline'), join(dir, '..', 'vault'))
    expect(await sealVerdicts()).toEqual(['valid'])
  })

  it('gives back keys that belong to their certificates', async () => {
    const directory = await loadPkiDirectory(dir)
    const data = new TextEncoder().encode('data')
    for (const purpose of ['registry-seal', 'node', 'status-signer'] as const) {
      const key = directory.keys.find((candidate) => candidate.purpose === purpose)!
      const signer = await signingKey(await loadKey(directory, key, passphrase), 'ES256')
      const path = await validateSealPath({
        x5c: key.x5c,
        anchor: pki.root.certificate,
        at: now,
        purpose,
        crls: crlSource([]),
        revocationRequired: false,
      })
      if (path.result !== 'valid') throw new Error(path.detail)
      expect(await verifyJwsSignature('ES256', path.key, await signer.sign(data), data)).toBe(true)
    }
  })

  it('takes a new body, a new seal and a new list', async () => {
    let directory = await loadPkiDirectory(dir)
    const find = (purpose: string) => directory.keys.find((key) => key.purpose === purpose)!
    const stateCa = await loadIssuer(directory, find('state-ca'), passphrase)
    const customs = { partyId: 'BY.CUSTOMS', name: 'Customs', code: '112' }
    await storeBody(directory, await createBodyPki(customs, stateCa, issuance), passphrase)
    directory = await loadPkiDirectory(dir)
    const bodyCa = await loadIssuer(directory, find('body-ca'), passphrase)
    const seal = await createSeal(body, bodyCa, issuance)
    await storeSeal(directory, body.partyId, seal, passphrase)
    expect(await sealVerdicts()).toEqual(['valid', 'valid', 'valid'])

    directory = await loadPkiDirectory(dir)
    const previous = await readFile(join(dir, find('body-ca').crlFile!))
    const first = find('document-seal')
    const serialNumber = serialOf(first.certificate)
    const renewed = await renewCrl({
      ca: bodyCa,
      previous,
      revoke: [{ serialNumber, revokedAt: now, reason: 'keyCompromise' }],
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + 86_400_000),
    })
    await storeCrl(directory, find('body-ca'), renewed)
    expect(await sealVerdicts()).toEqual(['revoked', 'valid', 'valid'])
  })

  it('refuses a manifest that lists a file outside', async () => {
    const file = join(dir, 'manifest.json')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('"node.key.pem"', '"../node.key.pem"'))
    await expect(loadPkiDirectory(dir)).rejects.toThrow()
  })
})

describe('a key file', () => {
  it('opens in openssl with its passphrase', async () => {
    const file = join(dir, 'node.key.pem')
    const run = promisify(execFile)
    const { stdout } = await run('openssl', ['pkey', '-in', file, '-passin', `pass:${passphrase}`])
    expect(stdout).toMatch(/^-----BEGIN PRIVATE KEY-----/)
  })

  it('is never overwritten', async () => {
    const file = join(dir, 'node.key.pem')
    const before = await readFile(file)
    await expect(writeKeyFile(file, pki.node.pkcs8, passphrase)).rejects.toMatchObject({
      code: 'exists',
    })
    expect(await readFile(file)).toEqual(before)
  })

  it('says why it cannot be used', async () => {
    const file = join(dir, 'node.key.pem')
    await expect(readKeyFile(file, 'wrong')).rejects.toMatchObject({ code: 'wrong-passphrase' })
    await expect(readKeyFile(`${file}.no`, passphrase)).rejects.toMatchObject({
      code: 'not-readable',
    })
    await chmod(file, 0o600)
    await writeFile(file, '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n')
    const refusal = readKeyFile(file, passphrase)
    await expect(refusal).rejects.toBeInstanceOf(KeyFileError)
    await expect(refusal).rejects.toMatchObject({ code: 'not-encrypted' })
  })
})
