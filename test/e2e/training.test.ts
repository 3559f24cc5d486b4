import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeBase64url } from '../../src/encoding/base64url.ts'
import { documentTypeNamed } from '../../src/certificate/document-types.ts'
import { signedCertificate } from '../../src/exchange/issuing/issue-signed.ts'
import { prepareCertificate } from '../../src/exchange/issuing/prepare.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { readStatusLists } from '../../src/exchange/status-lists/source.ts'
import { backUp, restoreBackup } from '../../src/node/backup.ts'
import { readConfig } from '../../src/node/config.ts'
import { jsonLogger } from '../../src/node/logger.ts'
import { serveNode } from '../../src/node/serve.ts'
import { trustView } from '../../src/trust/trust-view.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'
import { certex, words } from '../support/cli.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { type Peer, peerOf, postAs } from '../support/sign-as.ts'
import { eventually, startTwoNodes, type TestNode, type TwoNodes } from '../support/two-nodes.ts'

let training: TwoNodes
let production: TwoNodes
/** A document of each environment, issued, delivered and accepted there. */
let ofTraining: string
let ofProduction: string

beforeAll(async () => {
  training = await startTwoNodes({ environment: 'training' })
  production = await startTwoNodes()
  ofTraining = await exchanged(training)
  ofProduction = await exchanged(production)
})
afterAll(() => Promise.all([training.close(), production.close()]))

/** Issues at Belarus; the document, once Uzbekistan has accepted it. */
async function exchanged({ BY }: TwoNodes): Promise<string> {
  const chamber = await BY.client('issuer', 'BY.CCI')
  const certificate = await freshCertificate()
  const { status, body } = await chamber.post('/v1/certificates', { certificate })
  expect(status, JSON.stringify(body)).toBe(201)
  const { sha256, document } = body as { sha256: string; document: string }
  const decided = await eventually('a decision', async () => {
    const delivery = await BY.running.deps.outbox.delivery('UZ', sha256)
    return delivery?.decision
  })
  expect(decided.outcome).toBe('accepted')
  return document
}

function payloadOf(jws: string): { env?: unknown } {
  const bytes = decodeBase64url(jws.split('.')[1]!)!
  return JSON.parse(new TextDecoder().decode(bytes)) as { env?: unknown }
}

async function push(from: Peer, to: TestNode, document: string) {
  const { status, body } = await postAs(from, to, '/exchange/v1/messages', {
    messages: [{ seq: 9_000_001, document }],
  })
  expect(status, JSON.stringify(body)).toBe(200)
  const { receipts } = body as { receipts: string[] }
  const decisions = receipts.flatMap(
    (receipt) => (payloadOf(receipt) as { decisions: object[] }).decisions,
  )
  return decisions
}

async function validate(node: TestNode, document: string) {
  const customs = await node.client('customs', `${node.state}.CUSTOMS`)
  const { body } = await customs.post('/v1/validations', {
    context: { officer: 'Test', purpose: 'test' },
    items: [{ document }],
  })
  return (body as { reports: { checks: { sentence: { ru: string; en: string } }[] }[] }).reports[0]!
}

describe('a training environment', () => {
  it('marks every document, status list and name of a key, and nothing is marked in production', async () => {
    for (const [nodes, env] of [
      [training, 'training'],
      [production, undefined],
    ] as const)
      for (const node of [nodes.BY, nodes.UZ]) {
        const documents = rowsOf(node, 'documents').map(({ jws }) => jws as string)
        expect(documents.length).toBeGreaterThanOrEqual(4)
        const status = await (await fetch(`${nodes.BY.url}/status/1`)).text()
        for (const jws of [...documents, status]) expect(payloadOf(jws).env).toBe(env)
        for (const { certificate } of node.pki.keys) {
          const x509 = parseX509Certificate(certificate)
          const name = 'malformed' in x509 ? '' : x509.subject.attributes.at(-1)!.value
          expect(name.endsWith(' (TRAINING)'), name).toBe(env === 'training')
        }
      }
  })

  it('says so in every answer, in its health and in its description', async () => {
    for (const path of ['/health', '/v1/certificates', '/no-such-thing', '/exchange/v1/messages']) {
      const [there, here] = await Promise.all(
        [training, production].map(({ UZ }) => fetch(`${UZ.url}${path}`)),
      )
      expect(there!.headers.get('certex-environment'), path).toBe('training')
      expect(here!.headers.get('certex-environment'), path).toBe(null)
    }
    const read = async ({ UZ }: TwoNodes, path: string) => (await fetch(UZ.url + path)).json()
    expect(await read(training, '/health')).toMatchObject({ environment: 'training' })
    expect(await read(production, '/health')).toMatchObject({ environment: 'production' })
    expect(await read(training, '/openapi.json')).toMatchObject({
      info: { title: expect.stringContaining('TRAINING') as string },
    })
  })
})

describe('a body that signs itself in a training environment', () => {
  it('is given the mark to sign, and nothing else of it is taken', async () => {
    const { BY } = training
    const current = await BY.running.deps.trust()
    const lists = current.view.states().map((state) => current.view.list(state)!)
    const ownKeys = lists.map((list) => ({
      ...list,
      bodies: list.bodies.map((body) => ({ ...body, custody: 'body' as const })),
    }))
    const trust = { ...current, view: trustView(ownKeys) }
    const deps = { ...BY.running.deps, trust: async () => trust }
    const draft = {
      type: documentTypeNamed('origin.ct1')!,
      certificate: await freshCertificate(),
      actor: 'BY.CCI',
    }
    const prepared = await prepareCertificate(deps)(draft)
    expect(prepared).toMatchObject({ outcome: 'prepared', claims: { env: 'training' } })
    const { env: _mark, ...unmarked } = (prepared as { claims: { env?: unknown } }).claims
    const seal = await sealOf(BY, 'BY.CCI.001')
    const judge = async (payload: object) =>
      signedCertificate(deps, await forge(seal, { payload }), {
        trust,
        now: new Date(),
        actor: 'BY.CCI',
      })
    expect(await judge(unmarked)).toMatchObject({
      outcome: 'document-invalid',
      check: { code: 'production-document' },
    })
    expect(await judge({ ...unmarked, env: 'training' })).toMatchObject({ outcome: 'signed' })
  })
})

describe('a production node', () => {
  it('refuses a training document that a peer pushes, and stores no certificate of it', async () => {
    const { UZ, BY } = production
    const peer = await peerOf(BY)
    const marked = await forge(await sealOf(BY, 'BY.CCI.001'), {
      payload: { ...claimsFor(BY, await freshCertificate()), env: 'training' },
    })
    for (const document of [ofTraining, marked]) {
      expect(await push(peer, UZ, document)).toMatchObject([
        { sha256: digest(document), outcome: 'refused', findings: ['TRAINING-DOCUMENT'] },
      ])
      expect(await UZ.running.deps.certificates.findByDigest(digest(document))).toBe(undefined)
    }
    const misspelt = await forge(await sealOf(BY, 'BY.CCI.001'), {
      payload: { ...claimsFor(BY, await freshCertificate()), env: 'Training' },
    })
    expect(await push(peer, UZ, misspelt)).toMatchObject([
      { outcome: 'refused', findings: ['SCHEMA-BROKEN'] },
    ])
  })

  it('tells customs that it has no legal force', async () => {
    const report = await validate(production.UZ, ofTraining)
    expect(report).toMatchObject({
      answer: 'not-usable',
      indication: 'INDETERMINATE',
      reasons: ['training-document'],
      checks: [{ check: 'form', outcome: 'failed', code: 'training-document' }],
    })
    expect(report.checks[0]!.sentence.ru).toContain('учебный документ')
    expect(report.checks[0]!.sentence.en).toContain('no legal force')
    expect(await validate(production.UZ, ofProduction)).toMatchObject({ answer: 'usable' })
  })

  it('refuses the trust list and the status list of a training node by their own reason', async () => {
    const { UZ, BY } = production
    const { deps } = UZ.running
    const alarmsBefore = (await deps.alarms.list(0, 1000)).length
    // By a fetch that may go anywhere: the one of the node calls nobody whom its operator has not named.
    const poll = pollTrust({ ...deps, fetch })
    for (let n = 0; n < 2; n++)
      expect(await poll('BY', training.BY.url)).toEqual({
        error: expect.stringMatching(/^environment-differs/) as string,
      })
    const alarms = await deps.alarms.list(0, 1000)
    expect(alarms.length).toBe(alarmsBefore + 1)
    expect(alarms.at(-1)).toMatchObject({ kind: 'trust-list-refused', peer: 'BY' })

    const authority = await BY.client('authority', 'BY.STATE')
    const list = await (await fetch(`${training.BY.url}/trust/list`)).text()
    const answer = await authority.postBytes('/v1/admin/trust-lists', 'application/jose', list)
    expect(answer).toMatchObject({ status: 422, body: { reason: 'environment-differs' } })

    const token = await (await fetch(`${training.BY.url}/status/1`)).text()
    const { refused } = await readStatusLists([token], await deps.trust(), deps.paths, new Date())
    expect(refused).toMatchObject([{ refused: 'training-document' }])
  })

  it('is not started with keys or over a database of training', async () => {
    const quiet = jsonLogger(() => undefined)
    const there = readConfig(training.BY.configFile, {})
    const here = readConfig(production.BY.configFile, {})
    const start = (config: object) =>
      serveNode({ ...there, listen: { host: '127.0.0.1', port: 0 }, ...config }, quiet)
    await expect(start({ environment: 'production' })).rejects.toThrow(/keys are of training/)
    const { pki, passphrase } = here
    await expect(start({ environment: 'production', pki, passphrase })).rejects.toThrow(
      /database is one of training/,
    )
    const backup = join(training.folder, 'backup.sqlite')
    await backUp(there.database, backup)
    const target = { database: join(training.folder, 'restored.sqlite'), from: backup }
    expect(
      await restoreBackup({ ...target, state: 'BY', replace: false, now: new Date() }),
    ).toEqual({ outcome: 'foreign-environment', environment: 'training' })
    expect(
      await restoreBackup({
        ...target,
        state: 'BY',
        replace: false,
        now: new Date(),
        environment: 'training',
      }),
    ).toMatchObject({ outcome: 'restored' })
  })
})

describe('a training node', () => {
  it('refuses documents of production likewise', async () => {
    const { UZ, BY } = training
    expect(await push(await peerOf(BY), UZ, ofProduction)).toMatchObject([
      { outcome: 'refused', findings: ['PRODUCTION-DOCUMENT'] },
    ])
    expect(await UZ.running.deps.certificates.findByDigest(digest(ofProduction))).toBe(undefined)
    const report = await validate(UZ, ofProduction)
    expect(report).toMatchObject({ answer: 'not-usable', reasons: ['production-document'] })
    expect(report.checks[0]!.sentence.ru).toContain('учебная среда')
    expect(await pollTrust({ ...UZ.running.deps, fetch })('BY', production.BY.url)).toEqual({
      error: expect.stringMatching(/^environment-differs/) as string,
    })
  })
})

describe('certex', () => {
  it('validates offline in the environment of the trust list at hand', async () => {
    const keep = async (name: string, text: string) => {
      const file = join(production.folder, name)
      await writeFile(file, text)
      return file
    }
    const [one, other] = [
      await keep('training.jws', ofTraining),
      await keep('real.jws', ofProduction),
    ]
    const ask = async ({ BY }: TwoNodes, file: string, language: string) => {
      const list = await (await fetch(`${BY.url}/trust/list`)).text()
      const listFile = await keep('list.jws', list)
      const crls = join(BY.keys, 'crls')
      return certex(
        words`validate ${file} --trust-list ${listFile} --crl ${crls} --in UZ
          --anchor ${`BY=${BY.rootSha256}`} --language ${language}`,
      )
    }
    const refused = await ask(production, one, 'ru')
    expect(refused.stdout).toContain('не имеет юридической силы')
    expect(refused.code).toBe(1)
    const reverse = await ask(training, other, 'en')
    expect(reverse.stdout).toContain('a document of the real exchange')
    expect(reverse.code).toBe(1)
    const own = await ask(training, one, 'en')
    expect(own.stdout).toContain('TOTAL-PASSED')
    expect(own.stdout).toContain('TRAINING DOCUMENT, NO LEGAL FORCE')
    expect(own.stdout).toContain('УЧЕБНЫЙ ДОКУМЕНТ, НЕ ИМЕЕТ ЮРИДИЧЕСКОЙ СИЛЫ')
    expect(own.code).toBe(3)
    const real = await ask(production, other, 'en')
    expect(real.stdout).toContain('TOTAL-PASSED')
    expect(real.stdout).not.toContain('TRAINING')
  })

  it('takes no trust lists of both environments at once, in whatever order', async () => {
    const document = join(production.folder, 'either.jws')
    await writeFile(document, ofTraining)
    const lists = await Promise.all(
      [training, production].map(async ({ BY }, n) => {
        const file = join(production.folder, `list-${n}.jws`)
        await writeFile(file, await (await fetch(`${BY.url}/trust/list`)).text())
        return file
      }),
    )
    for (const [one, other] of [lists, lists.toReversed()]) {
      const { code, stderr, stdout } = await certex(
        words`validate ${document} --trust-list ${one!} ${other!}
          --anchor ${`BY=${training.BY.rootSha256}`} --anchor ${`BY=${production.BY.rootSha256}`}`,
      )
      expect(stderr).toContain('give those of one environment')
      expect(stdout).toBe('')
      expect(code).toBe(2)
    }
  })

  it('makes the keys of a training environment, which say what they are', async () => {
    const keys = join(training.folder, 'made')
    const bodies = join(training.folder, 'bodies.json')
    await writeFile(bodies, JSON.stringify(training.BY.bodies))
    const env = { CERTEX_PASSPHRASE: 'a passphrase for training' }
    const made = await certex(
      words`pki init --training --state BY --organization Operator --bodies ${bodies} --out ${keys}`,
      { env },
    )
    expect(made.stdout).toContain('(training)')
    expect(made.code).toBe(0)
    const shown = await certex(['pki', 'show', '--pki', keys, '--json'])
    expect(JSON.parse(shown.stdout)).toMatchObject({ environment: 'training' })
  })
})
