import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { renewCrl } from '../../../src/node/pki/renew-crl.ts'
import { encodePem } from '../../../src/node/pki/pem.ts'
import { createStatePki } from '../../../src/node/pki/state-pki.ts'
import type { StatePki } from '../../../src/node/pki/state-pki.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import { parseCrl } from '../../../src/x509/crl.ts'
import { validateSealPath } from '../../../src/x509/profile.ts'
import type { KeyPurpose } from '../../../src/x509/profile.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'

const run = promisify(execFile)
const dir = await mkdtemp(join(tmpdir(), 'certex-openssl-'))
afterAll(() => rm(dir, { recursive: true }))

const now = new Date()
now.setUTCMilliseconds(0)
const bodies = [
  { partyId: 'BY.CCI.001', name: 'Торгово-промышленная палата «Минск», "первая"', code: '001' },
  { partyId: 'BY.CUSTOMS', name: '#1 Customs, Main \\ Office', code: '112' },
]

function leavesOf(pki: StatePki): [KeyPurpose, readonly Uint8Array[]][] {
  return [
    ...pki.bodies.map(({ seal }): [KeyPurpose, readonly Uint8Array[]] => [
      'document-seal',
      seal.x5c,
    ]),
    ['registry-seal', pki.registrySeal.x5c],
    ['status-signer', pki.statusSigner.x5c],
    ['node', pki.node.x5c],
    ['trust-list-signer', pki.trustListSigner.x5c],
  ]
}

function crlsOf(pki: StatePki): readonly Uint8Array[] {
  return [pki.root.crl, pki.stateCa.crl, ...pki.bodies.map(({ ca }) => ca.crl)]
}

async function pemFile(name: string, label: string, ders: readonly Uint8Array[]): Promise<string> {
  const file = join(dir, name)
  await writeFile(file, ders.map((der) => encodePem(label, der)).join(''))
  return file
}

/** What `openssl verify` says about a path, in its own words. */
async function opensslVerify(
  pki: StatePki,
  x5c: readonly Uint8Array[],
  crls: readonly Uint8Array[],
): Promise<string> {
  const [leaf, ...above] = x5c
  const args = [
    ['-x509_strict', '-no-CApath', '-no-CAstore', '-auth_level', '2', '-purpose', 'any'],
    ['-crl_check_all', '-policy_check', '-explicit_policy', '-policy', '1.3.6.1.4.1.99999.2.1'],
    ['-CAfile', await pemFile('root.pem', 'CERTIFICATE', [pki.root.certificate])],
    ['-CRLfile', await pemFile('lists.pem', 'X509 CRL', crls)],
    above.length > 0 ? ['-untrusted', await pemFile('above.pem', 'CERTIFICATE', above)] : [],
    [await pemFile('leaf.pem', 'CERTIFICATE', [leaf!])],
  ].flat()
  try {
    const { stdout } = await run('openssl', ['verify', ...args])
    return stdout.trim().replace(/^.*: /, '')
  } catch (error) {
    return (error as { stderr: string }).stderr
  }
}

function ourVerdict(
  pki: StatePki,
  purpose: KeyPurpose,
  x5c: readonly Uint8Array[],
  crls: readonly Uint8Array[],
) {
  const parsed = crls.map((der) => parseCrl(der))
  return validateSealPath({
    x5c,
    anchor: pki.root.certificate,
    at: new Date(),
    purpose,
    crls: crlSource(parsed.flatMap((crl) => ('malformed' in crl ? [] : [crl]))),
    revocationRequired: true,
  })
}

describe.each(['ES256', 'Ed25519'] as const)('a state PKI with %s seals', async (sealAlgorithm) => {
  const pki = await createStatePki({
    state: 'BY',
    organization: 'Министерство',
    bodies,
    now,
    sealAlgorithm,
  })

  it.each(leavesOf(pki))('openssl and we accept the %s', async (purpose, x5c) => {
    expect(await opensslVerify(pki, x5c, crlsOf(pki))).toBe('OK')
    expect(await ourVerdict(pki, purpose, x5c, crlsOf(pki))).toMatchObject({ result: 'valid' })
  })

  it('openssl and we refuse a seal that its authority revoked', async () => {
    const { seal, ca } = pki.bodies[0]!
    const certificate = parseX509Certificate(seal.certificate)
    if ('malformed' in certificate) throw new Error(certificate.malformed)
    const renewed = await renewCrl({
      ca,
      previous: ca.crl,
      revoke: [
        {
          serialNumber: certificate.serialNumber,
          revokedAt: now,
          reason: 'keyCompromise',
          invalidityDate: now,
        },
      ],
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + 86_400_000),
    })
    const crls = [...crlsOf(pki).filter((crl) => crl !== ca.crl), renewed]
    expect(await opensslVerify(pki, seal.x5c, crls)).toContain('certificate revoked')
    expect(await ourVerdict(pki, 'document-seal', seal.x5c, crls)).toMatchObject({
      code: 'revoked',
      reason: 'keyCompromise',
    })
  })

  it('openssl and we refuse a path whose list is missing', async () => {
    const { seal } = pki.bodies[0]!
    const crls = [pki.root.crl, pki.stateCa.crl]
    expect(await opensslVerify(pki, seal.x5c, crls)).toContain('unable to get certificate CRL')
    expect(await ourVerdict(pki, 'document-seal', seal.x5c, crls)).toMatchObject({
      code: 'crl-missing',
    })
  })

  it('names, serial numbers and dates read the same in openssl', async () => {
    const { seal } = pki.bodies[0]!
    const certificate = parseX509Certificate(seal.certificate)
    if ('malformed' in certificate) throw new Error(certificate.malformed)
    const file = await pemFile('seal.pem', 'CERTIFICATE', [seal.certificate])
    const args = [
      ['x509', '-in', file, '-noout', '-serial', '-enddate', '-subject'],
      ['-nameopt', 'utf8,sep_multiline', '-dateopt', 'iso_8601'],
    ].flat()
    const { stdout } = await run('openssl', args)
    expect(stdout).toContain(`serial=${certificate.serialNumber.toUpperCase()}`)
    expect(stdout).toContain(bodies[0]!.name)
    const end = /notAfter=(.*)/.exec(stdout)![1]!.replace(' ', 'T')
    expect(new Date(end)).toEqual(certificate.notAfter)
    expect(await readFile(file, 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/)
  })
})
