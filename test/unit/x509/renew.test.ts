import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renewCrls } from '../../../src/node/pki/next-crl.ts'
import { currentKey, loadPkiDirectory } from '../../../src/node/pki/pki-directory.ts'
import { writePkiDirectory } from '../../../src/node/pki/pki-store.ts'
import { type Renewal, renewKey } from '../../../src/node/pki/renew.ts'
import { createStatePki } from '../../../src/node/pki/state-pki.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'

const NOW = new Date('2027-01-01T00:00:00Z')
const day = (days: number) => new Date(NOW.getTime() + days * 86_400_000)
const PASSPHRASE = 'a long passphrase'
const BODY = 'BY.CCI.001'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'certex-renew-'))
  const pki = await createStatePki({
    state: 'BY',
    organization: 'Registry',
    bodies: [{ partyId: BODY, name: 'Chamber', code: '001' }],
    now: NOW,
    sealAlgorithm: 'ES256',
    validity: { ca: 300, leaf: 100 },
  })
  await writePkiDirectory(dir, pki, PASSPHRASE)
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const renew = async (renewal: Partial<Renewal> & Pick<Renewal, 'purpose'>) =>
  renewKey(
    await loadPkiDirectory(dir),
    { now: NOW, sealAlgorithm: 'ES256', ...renewal },
    PASSPHRASE,
  )

function read(der: Uint8Array): X509Certificate {
  const certificate = parseX509Certificate(der)
  if ('malformed' in certificate) throw new Error(certificate.malformed)
  return certificate
}

describe('the key that follows another', () => {
  it('is public 30 days before it signs, and the one before goes on for 30 more', async () => {
    const renewed = await renew({ purpose: 'document-seal', partyId: BODY })
    expect(renewed).toMatchObject({
      from: '2027-01-31T00:00:00Z',
      formerUntil: '2027-03-02T00:00:00Z',
      file: `${BODY}.seal-2.pem`,
    })
    const { manifest } = await loadPkiDirectory(dir)
    const [old, young] = manifest.keys.filter(({ purpose }) => purpose === 'document-seal')
    expect(old).toMatchObject({ until: '2027-03-02T00:00:00Z', keyFile: expect.any(String) })
    expect(young!.until).toBeUndefined()
  })

  it('begins at once when the one before ends sooner than that', async () => {
    expect(await renew({ purpose: 'node', now: day(80) })).toMatchObject({
      from: '2027-03-22T00:00:00Z',
      formerUntil: '2027-04-11T00:00:00Z',
    })
  })

  it('is not made to begin when nothing signs any more, or below what has ended by then', async () => {
    expect(await renew({ purpose: 'status-signer', from: day(101) })).toEqual({
      obstacle: 'starts-too-late',
    })
    const late = { now: day(290), from: day(299) }
    expect(await renew({ purpose: 'registry-seal', now: day(301) })).toEqual({
      obstacle: 'authority-ends',
    })
    expect(await renew({ purpose: 'document-seal', partyId: 'BY.NOBODY', ...late })).toEqual({
      obstacle: 'unknown-body',
    })
    expect(await renew({ purpose: 'root', now: day(30 * 365) })).toEqual({
      obstacle: 'former-ended',
    })
  })

  it('does not outlive the authority that certified it', async () => {
    await renew({ purpose: 'registry-seal', now: day(250), from: day(250) })
    const pki = await loadPkiDirectory(dir)
    const [seal, ca] = [currentKey(pki, 'registry-seal')!, currentKey(pki, 'state-ca')!]
    expect(read(seal.certificate).notAfter).toEqual(read(ca.certificate).notAfter)
  })

  it('has a name of its own if it is an authority; CRLs are signed by all that live', async () => {
    await renew({ purpose: 'state-ca', now: day(200) })
    await renew({ purpose: 'body-ca', partyId: BODY, now: day(200) })
    const pki = await loadPkiDirectory(dir)
    const names = pki.keys
      .filter(({ crlFile }) => crlFile !== undefined)
      .map(({ certificate }) => read(certificate).subject.attributes.at(-1)!.value)
    expect(names).toEqual([
      'BY Root CA',
      'BY State CA',
      `${BODY} CA`,
      'BY State CA 2',
      `${BODY} CA 2`,
    ])
    expect(await renewCrls(pki, PASSPHRASE, day(299))).toHaveLength(5)
    expect(await renewCrls(pki, PASSPHRASE, day(301))).toHaveLength(3)
  })
})
