import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodePem } from '../../../src/node/pki/pem.ts'
import { EKU, EXCHANGE_POLICY } from '../../../src/x509/oids.ts'
import { type OcspResponse, parseOcspResponse } from '../../../src/x509/ocsp-response.ts'
import { parsePath, validatePath } from '../../../src/x509/path-validation.ts'
import { crlSource } from '../../../src/x509/crl-source.ts'
import { ocspSource } from '../../../src/x509/ocsp-source.ts'
import { ANY_POLICY_INPUTS } from '../../../src/x509/policy-graph.ts'
import { parseX509Certificate, type X509Certificate } from '../../../src/x509/x509-certificate.ts'
import {
  type Actor,
  aki,
  derName,
  eku,
  extension,
  forge,
  type ForgedPath,
  forgePath,
  keyUsage,
  policies,
  ski,
} from './forgery.ts'
import { forgeOcspResponse, GOOD, revokedSince } from './ocsp-forgery.ts'

const NOCHECK = '1.3.6.1.5.5.7.48.1.5'
const NULL = new Uint8Array([5, 0])
const DIGITAL_SIGNATURE = [7, 0x80]
const DAY_MS = 86_400_000

const dir = mkdtempSync(join(tmpdir(), 'certex-ocsp-'))
afterAll(() => rmSync(dir, { recursive: true }))

let path: ForgedPath
let responder: Actor
let stranger: Actor

beforeAll(async () => {
  path = await forgePath()
  const own = [
    ski('responder'),
    aki('body'),
    keyUsage(DIGITAL_SIGNATURE),
    eku(EKU.ocspSigning),
    policies(EXCHANGE_POLICY),
  ]
  const subject = derName(['C', 'BY'], ['O', 'Forgery'], ['CN', 'Responder'])
  const nocheck = extension(NOCHECK, false, NULL)
  responder = await forge({ subject, issuer: path.bodyCa, extensions: [...own, nocheck] })
  stranger = await forge({ subject, issuer: path.bodyCa, extensions: own })
})

const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })

function pem(name: string, label: string, der: Uint8Array): string {
  const file = join(dir, name)
  writeFileSync(file, encodePem(label, der))
  return file
}

interface Request {
  /** A line of OpenSSL's index: V, or R with time and reason; none: the responder knows nothing. */
  readonly status?: 'V' | `R ${string}`
  readonly signer?: Actor
  /** Days until nextUpdate; 0: none. */
  readonly days?: number
  readonly hash?: string
  readonly extra?: readonly string[]
}

/** What OpenSSL as responder answers about the seal. */
function respond({
  status,
  signer = path.bodyCa,
  days = 1,
  hash = '-sha256',
  extra = [],
}: Request): Uint8Array {
  const ca = pem('ca.pem', 'CERTIFICATE', path.bodyCa.certificate)
  const seal = pem('seal.pem', 'CERTIFICATE', path.seal.certificate)
  const serial = parse(path.seal.certificate).serialNumber.toUpperCase()
  const [flag, ...revocation] = (status ?? '').split(' ')
  const line = [flag, '360101000000Z', revocation.join(' '), serial, 'unknown', '/CN=seal'].join(
    '\t',
  )
  writeFileSync(join(dir, 'index'), status === undefined ? '' : `${line}\n`)
  openssl('ocsp', '-issuer', ca, hash, '-cert', seal, '-no_nonce', '-reqout', 'request')
  const certificate = pem('signer.pem', 'CERTIFICATE', signer.certificate)
  const key = pem('signer.key', 'PRIVATE KEY', signer.pkcs8)
  const period = days > 0 ? ['-ndays', String(days)] : []
  const files = ['-index', 'index', '-CA', ca, '-reqin', 'request', '-respout', 'response']
  openssl('ocsp', ...files, '-rsigner', certificate, '-rkey', key, ...period, ...extra)
  return new Uint8Array(readFileSync(join(dir, 'response')))
}

function parse(der: Uint8Array): X509Certificate {
  const certificate = parseX509Certificate(der)
  if ('malformed' in certificate) throw new Error(certificate.malformed)
  return certificate
}

function read(der: Uint8Array): OcspResponse {
  const response = parseOcspResponse(der)
  if ('malformed' in response) throw new Error(response.malformed)
  return response
}

/** The verdict on the seal alone: lists are silent, the authorities are not asked about. */
async function judge(
  responses: readonly OcspResponse[],
  options: { at?: Date; now?: Date; responders?: readonly X509Certificate[] } = {},
) {
  const parsed = parsePath([path.seal.certificate])
  if (!('path' in parsed)) throw new Error(parsed.code)
  const now = options.now ?? new Date(Date.now() + 1000)
  return validatePath({
    path: parsed.path,
    anchor: parse(path.bodyCa.certificate),
    at: options.at ?? now,
    eku: [EKU.documentSigning],
    policy: ANY_POLICY_INPUTS,
    issuanceRules: true,
    rsaMinBits: 3072,
    revocation: {
      crls: crlSource([]),
      ocsp: { source: ocspSource(responses), responders: options.responders ?? [] },
      crlSigners: [],
      now,
      maxAgeDays: { anchor: 35, intermediate: 35 },
      required: true,
    },
  })
}

describe('OCSP', () => {
  it('by the authority itself says good, without a certificate in the response', async () => {
    const response = read(respond({ status: 'V', extra: ['-resp_no_certs'] }))
    expect(response.certificates).toEqual([])
    expect(await judge([response])).toMatchObject({ result: 'valid' })
  })

  it('by a responder of the authority says good, whether it brings its certificate or not', async () => {
    const brought = read(respond({ status: 'V', signer: responder }))
    expect(brought.certificates).toHaveLength(1)
    expect(await judge([brought])).toMatchObject({ result: 'valid' })
    const alone = read(respond({ status: 'V', signer: responder, extra: ['-resp_no_certs'] }))
    expect(await judge([alone])).toMatchObject({ code: 'ocsp-signature-invalid' })
    const responders = [parse(responder.certificate)]
    expect(await judge([alone], { responders })).toMatchObject({ result: 'valid' })
  })

  it('that names its responder by key hash is taken as well', async () => {
    const response = read(respond({ status: 'V', signer: responder, extra: ['-resp_key_id'] }))
    expect(response.responderName).toBeUndefined()
    expect(await judge([response])).toMatchObject({ result: 'valid' })
  })

  it('revokes, whatever another response says', async () => {
    const good = read(respond({ status: 'V' }))
    const revoked = read(respond({ status: 'R 260201000000Z,superseded' }))
    for (const responses of [[revoked], [good, revoked], [revoked, good]])
      expect(await judge(responses)).toMatchObject({ code: 'revoked', reason: 'superseded' })
  })

  it('leaves valid what was signed before a revocation for another cause than compromise', async () => {
    const at = new Date('2026-01-15T00:00:00Z')
    const superseded = read(respond({ status: 'R 260201000000Z,superseded' }))
    expect(await judge([superseded], { at })).toMatchObject({ result: 'valid' })
    const compromised = read(respond({ status: 'R 260201000000Z,keyCompromise' }))
    expect(await judge([compromised], { at })).toMatchObject({ result: 'valid' })
    const after = new Date('2026-02-01T00:00:00Z')
    expect(await judge([compromised], { at: after })).toMatchObject({ reason: 'keyCompromise' })
  })

  it.each<[string, Request, string]>([
    ['does not know the certificate', {}, 'ocsp-unknown'],
    ['has no nextUpdate', { status: 'V', days: 0 }, 'ocsp-not-supported'],
    ['names the issuer by SHA-1', { status: 'V', hash: '-sha1' }, 'crl-missing'],
  ])('is no answer when it %s', async (_, request, code) => {
    expect(await judge([read(respond(request))])).toMatchObject({ result: 'unknown', code })
  })

  it('decides nothing, neither good nor revoked, with a critical extension that nobody knows', async () => {
    const [certificate, issuer] = [path.seal, path.bodyCa].map((actor) => parse(actor.certificate))
    const about = { certificate: certificate!, issuer: issuer! }
    const stolen = revokedSince('20260201000000Z')
    const unknown = (critical: boolean) => [extension('1.2.3.4', critical, NULL)]
    const judgeWith = async (critical: boolean, where: 'response' | 'single', status = GOOD) => {
      const extensions = unknown(critical)
      const single = { ...about, status, extensions: where === 'single' ? extensions : [] }
      const outside = where === 'response' ? extensions : []
      return judge([read(await forgeOcspResponse(path.bodyCa, [single], outside))])
    }
    for (const where of ['response', 'single'] as const) {
      expect(await judgeWith(false, where)).toMatchObject({ result: 'valid' })
      expect(await judgeWith(false, where, stolen)).toMatchObject({ code: 'revoked' })
      for (const status of [GOOD, stolen])
        expect(await judgeWith(true, where, status)).toMatchObject({
          result: 'unknown',
          code: 'ocsp-not-supported',
        })
    }
  })

  it('is no answer when it is stale, or dated in the future', async () => {
    const response = read(respond({ status: 'V' }))
    const now = new Date(Date.now() + 2 * DAY_MS)
    expect(await judge([response], { now })).toMatchObject({ code: 'ocsp-stale' })
    const past = new Date(Date.now() - DAY_MS)
    expect(await judge([response], { now: past })).toMatchObject({ code: 'ocsp-too-early' })
  })

  it('kept from the time asked about is as good as a current one', async () => {
    const response = read(respond({ status: 'V' }))
    const at = new Date(Date.now() + 60_000)
    const now = new Date(Date.now() + 400 * DAY_MS)
    expect(await judge([response], { at, now })).toMatchObject({ result: 'valid' })
  })

  it('is not believed from a key that the authority did not make a responder', async () => {
    // The seal itself, a responder without nocheck, and one of another authority.
    const other = await forgePath()
    const foreign = await forge({
      subject: responder.name,
      issuer: other.bodyCa,
      extensions: [
        ski('responder'),
        aki('body'),
        keyUsage(DIGITAL_SIGNATURE),
        eku(EKU.ocspSigning),
        policies(EXCHANGE_POLICY),
        extension(NOCHECK, false, NULL),
      ],
    })
    for (const signer of [path.seal, stranger, foreign, other.bodyCa]) {
      const response = read(respond({ status: 'V', signer }))
      expect(await judge([response])).toMatchObject({ code: 'ocsp-signature-invalid' })
    }
  })

  it('about the same serial number of another authority says nothing', async () => {
    const response = read(respond({ status: 'V' }))
    path = await forgePath()
    expect(await judge([response])).toMatchObject({ result: 'unknown', code: 'crl-missing' })
  })

  it('with any byte flipped never says good, and never throws', async () => {
    const der = respond({ status: 'V', extra: ['-resp_no_certs'] })
    const accepted: number[] = []
    for (let i = 0; i < der.length; i++) {
      const flipped = der.with(i, der[i]! ^ 1)
      const response = parseOcspResponse(flipped)
      if ('malformed' in response) continue
      const verdict = await judge([response])
      if (verdict.result === 'valid') accepted.push(i)
    }
    expect(accepted).toEqual([])
  })

  it('that the responder refused, or that is no response, is malformed', () => {
    const tryLater = new Uint8Array([0x30, 3, 0x0a, 1, 3])
    expect(parseOcspResponse(tryLater)).toEqual({
      malformed: 'the responder answers with status 3',
    })
    for (const der of [new Uint8Array(), NULL, new Uint8Array(70_000)])
      expect(parseOcspResponse(der)).toHaveProperty('malformed')
  })
})
