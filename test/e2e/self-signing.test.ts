import { generateKeyPairSync } from 'node:crypto'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lacks } from '../support/counterparts.ts'
import { parseCertificateId } from '../../src/certificate/certificate-id.ts'
import { documentTypeNamed } from '../../src/certificate/document-types.ts'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import { generateKeyPair, signingKey, thumbprint } from '../../src/crypto/suite.ts'
import { encodeBase64 } from '../../src/encoding/base64url.ts'
import { issueSigned } from '../../src/exchange/issuing/issue-signed.ts'
import { prepareCertificate } from '../../src/exchange/issuing/prepare.ts'
import type { ApiAnswer, ApiClient } from '../../src/node/api-client.ts'
import { publishDevTrust } from '../../src/node/dev-state.ts'
import { loadIssuer } from '../../src/node/pki/pki-directory.ts'
import { storeSeal } from '../../src/node/pki/pki-store.ts'
import { certifySeal, DEFAULT_VALIDITY_DAYS } from '../../src/node/pki/state-pki.ts'
import type { Seal } from '../../src/jose/sign.ts'
import { certex, words } from '../support/cli.ts'
import { digest, forge, freshCertificate, sealOf, stateOf } from '../support/hostile.ts'
import {
  certifyBody,
  openssl,
  prepareSelfSigningStates,
  reread,
  type SelfSigningBody,
} from '../support/self-signing.ts'
import { suspicion, tell } from '../support/notices.ts'
import { eventually, startTestNode, type TestNode } from '../support/two-nodes.ts'

const run = promisify(execFile)
const JOSE = 'application/jose'
const EXAMPLES = fileURLToPath(new URL('../../docs/examples/', import.meta.url))

let folder: string
let BY: TestNode
let UZ: TestNode
let first: SelfSigningBody
let second: SelfSigningBody
/** A seal of the first body whose X.509 certificate has run out. */
let expired: Seal
let chamber: ApiClient
let branch: ApiClient

type Claims = Record<string, unknown> & {
  status: { status_list: { uri: string; idx: number } }
  certificate: DemoCertificate
}

async function prepare(certificate: unknown, client = chamber): Promise<Claims> {
  const answer = await client.post('/v1/certificates/prepare', { certificate })
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 })
  return (answer.body as { claims: Claims }).claims
}

const submit = (document: string, client = chamber, query = '') =>
  client.postBytes(`/v1/certificates${query}`, JOSE, document)

const signed = (payload: unknown, forgery: object = {}, seal = first.seal) =>
  forge(seal, { payload, ...forgery })

/** Well formed, and against a rule. */
function heavierNetThanGross(certificate: DemoCertificate): DemoCertificate {
  const [item, ...others] = certificate['items'] as { grossKg: number }[]
  return { ...certificate, items: [{ ...item!, netKg: item!.grossKg + 1 }, ...others] }
}

/** What a refusal is called, at HTTP. */
function refusalOf({ status, body }: ApiAnswer): Record<string, unknown> {
  const { type, ...rest } = body as { type: string }
  return { ...rest, status, slug: type.split('/').at(-1) }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certex-self-signing-'))
  const prepared = await prepareSelfSigningStates(folder)
  first = await certifyBody(prepared.BY, folder, 'BY.CCI.001')
  second = await certifyBody(prepared.BY, folder, 'BY.CCI.002')
  expired = await expiredSeal(await reread(prepared.BY))
  const states = { BY: await reread(prepared.BY), UZ: prepared.UZ }
  await publishDevTrust(states.BY, [states.UZ])
  await publishDevTrust(states.UZ, [states.BY])
  BY = await startTestNode(states.BY)
  UZ = await startTestNode(states.UZ)
  await eventually('BY knows UZ', async () => (await BY.running.deps.trust()).view.list('UZ'))
  chamber = await BY.client('issuer', 'BY.CCI')
  branch = await BY.client('issuer', 'BY.CCI.002')
})

afterAll(async () => {
  await Promise.all([BY?.running.stop(), UZ?.running.stop()])
  await rm(folder, { recursive: true, force: true })
})

async function expiredSeal(state: Parameters<typeof sealOf>[0]): Promise<Seal> {
  const ca = state.pki.keys.find(
    ({ purpose, partyId }) => purpose === 'body-ca' && partyId === 'BY.CCI.001',
  )!
  const { pkcs8, spki } = await generateKeyPair('ES256')
  const made = await certifySeal(
    { partyId: 'BY.CCI.001', name: 'Sample', code: '001' },
    await loadIssuer(state.pki, ca, state.passphrase),
    spki,
    {
      state: 'BY',
      now: new Date(Date.now() - 10 * 86_400_000),
      sealAlgorithm: 'ES256',
      validity: { ...DEFAULT_VALIDITY_DAYS, leaf: 1 },
    },
  )
  await storeSeal(state.pki, 'BY.CCI.001', made, state.passphrase)
  return {
    key: await signingKey(pkcs8, 'ES256'),
    x5tS256: await thumbprint(made.certificate),
    path: made.x5c,
    x5c: made.x5c.map(encodeBase64),
    environment: 'production',
  }
}

describe('the key of a body that signs itself', () => {
  it('never reaches the node: the folder of keys holds its X.509 certificate alone', async () => {
    const files = await readdir(BY.keys)
    expect(files).toContain('BY.CCI.001.seal-1.pem')
    expect(files.filter((file) => /BY\.CCI\.00[12].*key/.test(file))).toEqual([])
    const shown = await certex(words`pki show --pki ${BY.keys} --json`)
    const { keys } = JSON.parse(shown.stdout) as {
      keys: { party?: string; purpose: string; privateKey: string }[]
    }
    expect(
      keys.find(({ party, purpose }) => party === first.id && purpose === 'document-seal'),
    ).toMatchObject({ privateKey: 'with its body' })
  })

  const request = async (name: string, ...args: string[]) => {
    const file = join(folder, `${name}.csr`)
    await openssl(
      ...words`req -new -nodes -subj /CN=any -keyout ${join(folder, `${name}.pem`)} -out ${file}
        ${args}`,
    )
    return file
  }
  const addSeal = (csr: string) =>
    certex(
      words`pki add-seal --pki ${BY.keys} --body BY.CCI.002 --csr ${csr}
        --passphrase-file ${join(BY.keys, 'passphrase')}`,
    )

  it.each([
    ['of another curve', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1']],
    ['of RSA that is too short', ['-newkey', 'rsa:2048']],
  ])('is not certified if it is %s', async (name, args) => {
    const refused = await addSeal(await request(name.replaceAll(' ', '-'), ...args))
    expect(refused.code).toBe(1)
  })

  it('is not certified for a request whose signature does not hold', async () => {
    const file = await request('damaged', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256')
    const der = join(folder, 'damaged.der')
    await openssl('req', '-in', file, '-outform', 'DER', '-out', der)
    const bytes = await readFile(der)
    bytes[bytes.indexOf(Buffer.from('any'))] = 0x42
    await writeFile(der, bytes)
    const refused = await addSeal(der)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('not signed with the key')
  })

  it('is not certified twice, and a private key is not taken at all', async () => {
    const again = await addSeal(join(folder, 'BY.CCI.001.csr'))
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('BY.CCI.001.seal-1.pem')
    const secret = await addSeal(first.keyFile)
    expect(secret.code).toBe(1)
    expect(secret.stderr).toContain('private key')
  })
})

describe('a body that comes later', () => {
  it('gets an authority without a seal, and stands in the next trust list with the key it made', async () => {
    const { bodies } = BY
    const bodiesFile = join(folder, 'bodies.json')
    const added = { ...bodies[0]!, id: 'BY.CCI.009', code: '009' }
    await writeFile(bodiesFile, JSON.stringify([...bodies, added]))
    const pki = words`--pki ${BY.keys} --bodies ${bodiesFile}
      --passphrase-file ${join(BY.keys, 'passphrase')}`
    const made = await certex(words`pki add-body ${pki}`)
    expect(made).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/BY\.CCI\.009 .*--csr/) as string,
    })
    expect((await readdir(BY.keys)).filter((file) => file.startsWith('BY.CCI.009'))).toEqual([
      'BY.CCI.009.ca.pem',
    ])
    const { seal } = await certifyBody(BY, folder, 'BY.CCI.009')
    const list = join(folder, 'list.jws')
    const signedList = await certex(words`trust issue ${pki} --url ${BY.url} --out ${list}`)
    expect(signedList).toMatchObject({ code: 0 })
    const [, payload] = (await readFile(list, 'utf8')).split('.')
    const { keys } = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as {
      keys: { body: string; x5tS256: string }[]
    }
    expect(keys.filter(({ body }) => body === 'BY.CCI.009')).toMatchObject([
      { x5tS256: seal.x5tS256, usage: 'seal' },
    ])
  })
})

describe('the examples of the documentation', () => {
  const issues = async (program: string, script: string) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const clientKey = join(folder, `${script}.pem`)
    await writeFile(clientKey, privateKey.export({ format: 'pem', type: 'pkcs8' }))
    const jwk = publicKey.export({ format: 'jwk' }) as Record<string, unknown>
    const client = { id: script, role: 'issuer', party: 'BY.CCI', jwk } as const
    await BY.running.deps.clients.register(client, new Date().toISOString())
    const certificate = await freshCertificate()
    const file = join(folder, `${script}.json`)
    await writeFile(file, JSON.stringify(certificate))
    const { PATH = '' } = process.env
    const env = {
      PATH,
      NODE_URL: BY.url,
      CLIENT_ID: script,
      CLIENT_KEY: clientKey,
      SEAL_KEY: first.keyFile,
      SEAL_PATH: first.pathFile,
    }
    const issue = async () => (await run(program, [join(EXAMPLES, script), file], { env })).stdout
    const document = (await issue()).trim()

    const arrived = await eventually('UZ has the certificate', () =>
      UZ.running.deps.certificates.findByDigest(digest(document)),
    )
    expect(arrived).toMatchObject({ issuer: 'BY.CCI.001', number: certificate.number })
    const accepted = await eventually('UZ has accepted it', async () => {
      const [delivery] = await BY.running.deps.outbox.deliveries(digest(document))
      return delivery?.decision?.outcome
    })
    expect(accepted).toBe('accepted')

    // The whole again, as after a lost answer: the first document comes back.
    expect((await issue()).trim()).toBe(document)

    await writeFile(file, JSON.stringify({ ...certificate, number: 'BY1' }))
    await expect(issue()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/rule-violation|invalid-body/) as string,
    })
  }

  it('issue with jose alone, up to acceptance by the peer', () =>
    issues(process.execPath, 'self-signing.mjs'))

  it.skipIf(lacks('openssl', 'curl', 'jq'))(
    'issue with openssl and a shell alone, up to acceptance by the peer',
    () => issues('bash', 'self-signing.sh'),
  )
})

describe('the page of the documentation', () => {
  it.each(['self-signing.mjs', 'self-signing.sh'])('shows %s as it is run here', async (script) => {
    const page = await readFile(join(EXAMPLES, '../self-signing.md'), 'utf8')
    expect(page).toContain(`\n${await readFile(join(EXAMPLES, script), 'utf8')}\`\`\`\n`)
  })
})

describe('preparing', () => {
  it('gives the claims of the wire: schema, issuer, addressees, a place in the status list', async () => {
    const certificate = await freshCertificate()
    const answer = await chamber.post('/v1/certificates/prepare', { certificate })
    expect(answer.body).toEqual({
      claims: {
        schema: 'origin.ct1/1',
        iss: 'BY.CCI.001',
        aud: ['UZ'],
        status: {
          status_list: {
            uri: expect.stringContaining(`${BY.url}/status/`),
            idx: expect.any(Number),
          },
        },
        certificate,
      },
      typ: 'product-certificate+jwt',
      reservedUntil: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      findings: [],
    })
    expect(await chamber.post('/v1/certificates/prepare', { certificate })).toEqual(answer)
  })

  it('keeps the place of a number whose content changes, and of no other', async () => {
    const certificate = await freshCertificate()
    const before = await prepare(certificate)
    const after = await prepare({ ...certificate, transportRoute: 'Гродно - Навои' })
    expect(after).toEqual({
      ...before,
      certificate: { ...certificate, transportRoute: 'Гродно - Навои' },
    })
    expect((await prepare(await freshCertificate())).status).not.toEqual(before.status)
    const late = await submit(await signed(before))
    expect(refusalOf(late)).toMatchObject({
      slug: 'claims-differ',
      differences: ['/certificate/transportRoute'],
    })
  })

  it('gives one and the same claims to those who ask at once', async () => {
    const certificate = await freshCertificate()
    const answers = await Promise.all(Array.from({ length: 12 }, () => prepare(certificate)))
    expect(new Set(answers.map((claims) => JSON.stringify(claims))).size).toBe(1)
  })

  it('is refused where issuing would be, and reserves nothing', async () => {
    const certificate = await freshCertificate()
    const before = stateOf(BY)
    const unsound = heavierNetThanGross(certificate)
    const refusals = await Promise.all([
      chamber.post('/v1/certificates/prepare', { certificate: unsound }),
      branch.post('/v1/certificates/prepare', { certificate }),
      chamber.post('/v1/certificates/prepare', { certificate, to: [] }),
      chamber.post('/v1/certificates/prepare', {}),
    ])
    expect(refusals.map((answer) => refusalOf(answer)['slug'])).toEqual([
      'rule-violation',
      'not-your-certificate',
      'invalid-body',
      'invalid-body',
    ])
    expect(stateOf(BY)).toEqual(before)
  })

  it('is refused to a body whose seal the node keeps, as is a document signed with that seal', async () => {
    const certifier = await BY.client('issuer', 'BY.TESTCERT')
    const certificate = await freshCertificate('conformity-eaeu-certificate')
    const body = { certificate, to: ['UZ'] }
    const refused = await certifier.post('/v1/certificates/prepare', body)
    expect(refusalOf(refused)).toMatchObject({ status: 409, slug: 'seal-held-by-node' })
    const type = documentTypeNamed(certificate.type)!
    const claims = {
      schema: type.schemaId,
      iss: 'BY.TESTCERT',
      aud: ['UZ'],
      status: { status_list: { uri: `${BY.url}/status/1`, idx: 1 } },
      certificate,
    }
    const own = await signed(claims, {}, await sealOf(BY, 'BY.TESTCERT'))
    expect(refusalOf(await submit(own, certifier))['slug']).toBe('seal-held-by-node')
    expect(await certifier.post('/v1/certificates', body)).toMatchObject({ status: 201 })
    const after = await certifier.post('/v1/certificates/prepare', body)
    expect(refusalOf(after)['slug']).toBe('seal-held-by-node')
  })
})

describe('issuing what a body has signed', () => {
  it('stores these exact bytes, and answers the same to the same document', async () => {
    const document = await signed(await prepare(await freshCertificate()))
    const judged = await submit(document, chamber, '?check=true')
    expect(judged).toMatchObject({ status: 200, body: { issuer: 'BY.CCI.001', issuable: true } })
    const issued = await submit(document)
    expect(issued).toEqual({
      status: 201,
      body: { sha256: digest(document), document, findings: [] },
    })
    expect(await submit(document)).toEqual({ ...issued, status: 200 })
  })

  it('issues one of several signatures over the same claims, whoever comes first', async () => {
    const certificate = await freshCertificate()
    const claims = await prepare(certificate)
    const documents = await Promise.all(Array.from({ length: 8 }, () => signed(claims)))
    const answers = await Promise.all(documents.map((document) => submit(document)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(7)
    const [won] = answers
    for (const { body } of answers) expect(body).toEqual(won!.body)
    const prepared = await chamber.post('/v1/certificates/prepare', { certificate })
    const { sha256 } = won!.body as { sha256: string }
    expect(prepared.body).toMatchObject({ claims, issued: sha256 })
    const moved = { ...claims, status: { status_list: { ...claims.status.status_list, idx: 5 } } }
    expect(refusalOf(await submit(await signed(moved)))).toMatchObject({
      slug: 'claims-differ',
      differences: ['/status/status_list/idx'],
    })
  })

  it('judges the rules again, whatever was prepared', async () => {
    const certificate = await freshCertificate()
    const claims = await prepare(certificate)
    const unsound = { ...claims, certificate: heavierNetThanGross(certificate) }
    const id = parseCertificateId({ state: 'BY', ...certificate })!
    const { reservations } = BY.running.deps
    const held = (await reservations.find(id))!
    expect(await reservations.hold({ ...held, claims: unsound as never }, '')).toBe('held')
    expect(refusalOf(await submit(await signed(unsound)))['slug']).toBe('rule-violation')
  })

  it('is not done by the seal of the node, in words that say what to do', async () => {
    const certificate = await freshCertificate()
    const refused = await chamber.post('/v1/certificates', { certificate })
    expect(refusalOf(refused)).toMatchObject({ status: 409, slug: 'body-signs-itself' })
    const judged = await chamber.post('/v1/certificates?check=true', { certificate })
    expect(judged).toMatchObject({ status: 200, body: { issuable: true } })
  })
})

describe('a number that another body has reserved', () => {
  /** The node at another time, with numbers that do not say whose they are. */
  const later = (hours: number) => {
    const { policy } = BY.running.deps
    const numberFormats = policy.numberFormats.map((format) =>
      format.type === 'origin.ct1' ? { ...format, pattern: '^BYUZ[0-9]{10}$' } : format,
    )
    return {
      ...BY.running.deps,
      now: () => new Date(Date.now() + hours * 3_600_000),
      policy: { ...policy, numberFormats },
    }
  }
  /** The same content, of a body of another code. */
  const draftOf = (certificate: DemoCertificate, code: string) => ({
    type: documentTypeNamed(certificate.type)!,
    certificate: { ...certificate, issuer: { ...(certificate['issuer'] as object), code } },
    actor: 'BY.CCI',
  })

  it('is taken for a day, by whatever way it is asked for, and nothing is disclosed', async () => {
    const certificate = await freshCertificate()
    await prepare(certificate)
    const other = draftOf(certificate, '002').certificate
    for (const path of ['/prepare', '', '?check=true']) {
      const refused = await chamber.post(`/v1/certificates${path}`, { certificate: other })
      expect(refusalOf(refused), path).toMatchObject({ status: 409, slug: 'certificate-exists' })
      expect(refused.body, path).not.toHaveProperty('existing')
    }
  })

  it('is free for it after a day, at a place of its own, and lost for the first', async () => {
    const certificate = await freshCertificate()
    const mine = await prepare(certificate)
    const draft = draftOf(certificate, '002')
    expect(await prepareCertificate(later(23))(draft)).toMatchObject({ outcome: 'content-differs' })
    const theirs = await prepareCertificate(later(25))(draft)
    if (theirs.outcome !== 'prepared') throw new Error(JSON.stringify(theirs))
    expect(theirs.claims.iss).toBe('BY.CCI.002')
    expect(theirs.claims.status).not.toEqual(mine.status)
    expect(refusalOf(await submit(await signed(mine)))['slug']).toBe('certificate-exists')

    const iat = Math.floor(later(25).now().getTime() / 1000)
    const jws = await signed(theirs.claims, { header: { iat } }, second.seal)
    const input = { jws, actor: 'BY.CCI', checkOnly: false }
    expect(await issueSigned(later(25))(input)).toMatchObject({ outcome: 'issued', jws })
    expect(refusalOf(await submit(await signed(mine)))['slug']).toBe('certificate-exists')
  })

  it('is prepared again by its own body after a day, at the same place, and signed again', async () => {
    const certificate = await freshCertificate()
    const claims = await prepare(certificate)
    const again = await prepareCertificate(later(25))(draftOf(certificate, '001'))
    expect(again).toMatchObject({ outcome: 'prepared', claims })
    // What was signed before is older than what is held now.
    const old = await submit(await signed(claims))
    expect(refusalOf(old)).toMatchObject({ status: 422, slug: 'signing-time-wrong' })
  })
})

describe('at another time or place', () => {
  const at = (changes: object) => ({ ...BY.running.deps, ...changes })

  it('nothing is decided while nobody can tell whether the seal was revoked', async () => {
    const jws = await signed(await prepare(await freshCertificate()))
    // Longer than any list of revoked seals counts.
    const now = () => new Date(Date.now() + 40 * 86_400_000)
    const outcome = await issueSigned(at({ now }))({ jws, actor: 'BY.CCI', checkOnly: false })
    expect(outcome).toMatchObject({ outcome: 'document-undecided', check: { check: 'revocation' } })
    expect((await submit(jws)).status).toBe(201)
  })

  it('the claims of a training environment say that they are', async () => {
    const certificate = await freshCertificate()
    const draft = { type: documentTypeNamed(certificate.type)!, certificate, actor: 'BY.CCI' }
    const training = await prepareCertificate(at({ environment: 'training' }))(draft)
    expect(training).toMatchObject({ outcome: 'prepared', claims: { env: 'training' } })
    expect(await prepare(certificate)).not.toHaveProperty('env')
  })

  it('a document of training is none of production', async () => {
    const claims = await prepare(await freshCertificate())
    const refused = await submit(await signed({ ...claims, env: 'training' }))
    expect(refusalOf(refused)).toMatchObject({ slug: 'document-invalid', check: 'form' })
  })
})

describe('a document that does not deserve it', () => {
  const seconds = () => Math.floor(Date.now() / 1000)
  /** A document, and what it is refused with. */
  type Hostile = (claims: Claims) => Promise<{ document: string; client?: ApiClient }>
  const cases: [string, Hostile, Record<string, unknown>][] = [
    [
      'signed with the key of another body',
      async (claims) => ({ document: await signed(claims, {}, second.seal) }),
      { status: 422, slug: 'document-invalid', check: 'binding', code: 'issuer-differs' },
    ],
    [
      'of another body that names itself in the envelope',
      async (claims) => ({
        document: await signed({ ...claims, iss: 'BY.CCI.002' }, {}, second.seal),
      }),
      { status: 422, slug: 'document-invalid', check: 'binding', code: 'body-differs' },
    ],
    [
      'with altered content',
      async (claims) => ({
        document: await signed({
          ...claims,
          certificate: { ...claims.certificate, transportRoute: 'Гродно - Навои' },
        }),
      }),
      { status: 409, slug: 'claims-differ', differences: ['/certificate/transportRoute'] },
    ],
    [
      'at an altered place in the status list',
      async (claims) => {
        const place = { ...claims.status.status_list, idx: claims.status.status_list.idx + 1 }
        return { document: await signed({ ...claims, status: { status_list: place } }) }
      },
      { status: 409, slug: 'claims-differ', differences: ['/status/status_list/idx'] },
    ],
    [
      'that was never prepared',
      async (claims) => ({
        document: await signed({ ...claims, certificate: await freshCertificate() }),
      }),
      { status: 409, slug: 'not-prepared' },
    ],
    [
      'of a key whose X.509 certificate has run out',
      async (claims) => ({ document: await signed(claims, {}, expired) }),
      { status: 422, slug: 'document-invalid', check: 'certification-path', code: 'expired' },
    ],
    [
      'signed in the future',
      async (claims) => ({ document: await signed(claims, { header: { iat: seconds() + 120 } }) }),
      { status: 422, slug: 'signing-time-wrong' },
    ],
    [
      'signed before it was prepared',
      async (claims) => ({ document: await signed(claims, { header: { iat: seconds() - 120 } }) }),
      { status: 422, slug: 'signing-time-wrong' },
    ],
    [
      'of another kind',
      async (claims) => ({ document: await signed(claims, { typ: 'status-change+jwt' }) }),
      { status: 422, slug: 'document-invalid', check: 'form', code: 'typ-not-expected' },
    ],
    [
      'signed by RS256',
      async (claims) => ({ document: await signed(claims, { header: { alg: 'RS256' } }) }),
      { status: 422, slug: 'document-invalid', check: 'form', code: 'algorithm-not-permitted' },
    ],
    [
      'with a signature over other bytes',
      async (claims) => {
        const [header, , signature] = (await signed(claims)).split('.')
        const payload = Buffer.from(JSON.stringify(claims, undefined, 1)).toString('base64url')
        return { document: [header, payload, signature].join('.') }
      },
      { status: 422, slug: 'document-invalid', check: 'signature', code: 'signature-wrong' },
    ],
    [
      'with a line feed behind it',
      async (claims) => ({ document: `${await signed(claims)}\n` }),
      { status: 422, slug: 'document-invalid', check: 'form', code: 'malformed' },
    ],
    [
      'with a member more',
      async (claims) => ({ document: await signed({ ...claims, exp: 1 }) }),
      { status: 422, slug: 'document-invalid', check: 'schema', code: 'schema-broken' },
    ],
    [
      'for a state that it was not prepared for',
      async (claims) => ({ document: await signed({ ...claims, aud: ['KZ'] }) }),
      { status: 422, slug: 'document-invalid', check: 'schema', code: 'schema-broken' },
    ],
    [
      'brought by somebody else',
      async (claims) => ({ document: await signed(claims), client: branch }),
      { status: 403, slug: 'not-your-certificate' },
    ],
    [
      'of a body of the peer',
      async (claims) => ({
        document: await signed(claims, {}, await sealOf(UZ, 'UZ.EXPERTIZA.001')),
      }),
      { status: 422, slug: 'document-invalid', check: 'binding', code: 'issuer-differs' },
    ],
    [
      'that is no document',
      async () => ({ document: 'Привет' }),
      { status: 422, slug: 'document-invalid', check: 'form', code: 'malformed' },
    ],
  ]

  it.each(cases)('is refused if it is %s, and nothing changes', async (_, make, expected) => {
    const claims = await prepare(await freshCertificate())
    const { document, client } = await make(claims)
    const before = stateOf(BY)
    expect(refusalOf(await submit(document, client))).toMatchObject(expected)
    expect(stateOf(BY)).toEqual(before)
  })

  it('is refused to who brings the issued document of another body', async () => {
    const document = await signed(await prepare(await freshCertificate()))
    expect((await submit(document)).status).toBe(201)
    expect(refusalOf(await submit(document, branch))['slug']).toBe('not-your-certificate')
  })

  it('is refused while a security notice puts its seal on hold, and not a moment longer', async () => {
    const authority = await BY.client('authority', 'BY.CCI')
    const document = await signed(await prepare(await freshCertificate()))
    const { x5tS256 } = first.seal
    const from = '2026-01-01T00:00:00Z'
    const notice = await tell(authority, suspicion({ state: 'BY', x5tS256 }, { from }))
    expect(refusalOf(await submit(document))).toMatchObject({ slug: 'seal-on-hold', notice })
    await tell(authority, { change: 'release', notice, reason: 'Проверка' })
    expect((await submit(document)).status).toBe(201)
  })
})
