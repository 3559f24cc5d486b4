import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demoStates } from '../../src/cli/demo/states.ts'
import { validatePath } from '../../src/exchange/validation/path-to-root.ts'
import { fetchOcsp } from '../../src/exchange/keep-trust/fetch-ocsp.ts'
import { thumbprint } from '../../src/crypto/suite.ts'
import { prepareDevState, publishDevTrust } from '../../src/node/dev-state.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { ocspRequest } from '../../src/x509/ocsp-request.ts'
import { parseX509Certificate } from '../../src/x509/x509-certificate.ts'
import { contextOf, PARTS } from '../support/audit-parts.ts'
import { certex } from '../support/cli.ts'
import { lacks } from '../support/counterparts.ts'
import { freshCertificate } from '../support/hostile.ts'
import { eventually, freePort, startTestNode, type TestNode } from '../support/two-nodes.ts'

interface Status {
  readonly crls: readonly Record<string, unknown>[]
  readonly ocsp: readonly Record<string, unknown>[]
}

describe('OCSP responses that are signed beforehand and published at a node', () => {
  let folder: string
  let BY: TestNode
  let UZ: TestNode
  let keys: readonly string[]
  let config: readonly string[]

  const run = async (...args: readonly string[]) => {
    const ran = await certex(args)
    expect(ran.stderr).toBe('')
    return ran.stdout
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certex-revocation-'))
    const states = demoStates(folder, { BY: await freePort(), UZ: await freePort() })
    const passphrase = join(states.BY.keys, 'passphrase')
    await mkdir(states.BY.keys, { recursive: true })
    await writeFile(passphrase, 'a long enough passphrase')
    await writeFile(join(folder, 'bodies.json'), JSON.stringify(states.BY.bodies))
    const identity = ['--state', 'BY', '--organization', states.BY.organization]
    const url = `http://127.0.0.1:${states.BY.port}/trust/ocsp`
    const files = ['--bodies', join(folder, 'bodies.json'), '--out', states.BY.keys]
    keys = ['--pki', states.BY.keys, '--passphrase-file', passphrase]
    await run('pki', 'init', ...identity, ...files, ...keys.slice(2), '--ocsp-url', url)
    const prepared = { BY: await prepareDevState(states.BY), UZ: await prepareDevState(states.UZ) }
    await publishDevTrust(prepared.BY, [prepared.UZ])
    await publishDevTrust(prepared.UZ, [prepared.BY])
    config = ['--config', prepared.BY.configFile]

    await run('pki', 'add-responder', ...keys)
    await run('pki', 'sign-ocsp', ...keys)
    await run('trust', 'publish', ...config, '--ocsp', join(states.BY.keys, 'ocsp'))
    BY = await startTestNode(prepared.BY)
    UZ = await startTestNode(prepared.UZ)
  })
  afterAll(async () => {
    await Promise.all([BY.running.stop(), UZ.running.stop()])
    await rm(folder, { recursive: true, force: true })
  })

  const about = (purpose: string) => BY.pki.keys.find((key) => key.purpose === purpose)!

  it.skipIf(lacks('openssl'))('are what OpenSSL asks for and believes', async () => {
    const pem = (purpose: string) => join(BY.keys, about(purpose).certificateFile)
    const asked = ['-issuer', pem('state-ca'), '-sha256', '-cert', pem('node'), '-no_nonce']
    const trusted = ['-CAfile', pem('state-ca'), '-partial_chain']
    const url = `${BY.url}/trust/ocsp`
    const args = ['ocsp', ...asked, '-url', url, ...trusted]
    const { stdout, stderr } = await promisify(execFile)('openssl', args)
    expect(stderr).toContain('Response verify OK')
    expect(stdout).toMatch(/: good/)
  })

  it('are not made up for what was never signed', async () => {
    const ask = (body: Uint8Array<ArrayBuffer>) =>
      fetch(`${BY.url}/trust/ocsp`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/ocsp-request' },
        body,
      })
    const malformed = await ask(new Uint8Array([0x30, 0]))
    expect(malformed.headers.get('content-type')).toBe('application/ocsp-response')
    expect([...new Uint8Array(await malformed.arrayBuffer())]).toEqual([0x30, 3, 0x0a, 1, 1])
    const read = (purpose: string) => {
      const certificate = parseX509Certificate(about(purpose).certificate)
      if ('malformed' in certificate) throw new Error(certificate.malformed)
      return certificate
    }
    // The serial number is known, the issuer is not the one that was asked about.
    const other = await ask(await ocspRequest(read('node'), read('body-ca')))
    expect([...new Uint8Array(await other.arrayBuffer())]).toEqual([0x30, 3, 0x0a, 1, 6])
  })

  it('come to the other node by themselves, and both kinds of evidence stand before its operators', async () => {
    const held = await eventually('the responses of Belarus', async () => {
      const all = await UZ.running.deps.trustStore.heldOcspResponses()
      return all.length >= 5 ? all : undefined
    })
    expect(held.every(({ state, status }) => state === 'BY' && status === 'good')).toBe(true)
    for (const role of ['authority', 'auditor'] as const) {
      const client = await UZ.client(role, 'UZ.STATE')
      const { status, body } = await client.get('/v1/trust/revocation')
      expect(status).toBe(200)
      const { crls, ocsp } = body as Status
      expect(crls).toHaveLength(8)
      expect(new Set(crls.map(({ currency }) => currency))).toEqual(new Set(['fresh']))
      const ofPeer = crls.filter(({ state }) => state === 'BY')
      for (const crl of ofPeer)
        expect(crl).toMatchObject({
          crl: { number: '2', revoked: 0 },
          fetchedFrom: { url: `${BY.url}/trust/crls/${String(crl['ski'])}.crl`, attempts: 0 },
        })
      expect(ocsp).toContainEqual(
        expect.objectContaining({
          key: 'BY Exchange Node',
          currency: 'fresh',
          fetchedFrom: expect.objectContaining({ url: `${BY.url}/trust/ocsp`, attempts: 0 }),
        }),
      )
    }
    const shown = await run('trust', 'revocation', '--config', UZ.configFile)
    expect(shown).toMatch(/BY +BY Exchange Node +fresh +good/)
    expect(await run('status', '--config', UZ.configFile)).toMatch(
      /CRLs: 8 fresh; OCSP responses: \d+ fresh/,
    )
  })

  it('revoke a seal at both nodes though no CRL says so, and who published them is on record', async () => {
    const seal = about('document-seal')
    const file = join(BY.keys, seal.certificateFile)
    const before = await loadPkiDirectory(BY.keys)
    const purpose = 'document-seal'
    const at = new Date()
    const path = async ({ running: { deps } }: TestNode, now = new Date()) =>
      (await validatePath(seal.x5c, { ...deps, trust: await deps.trust(), purpose, at: now, now }))
        .path
    expect(await path(UZ)).toMatchObject({ result: 'valid' })
    await run('pki', 'revoke', ...keys, '--certificate', file, '--reason', 'superseded')
    await run('pki', 'sign-ocsp', ...keys)
    const published = await run('trust', 'publish', ...config, '--ocsp', join(before.dir, 'ocsp'))
    expect(published).toMatch(/OCSP response about BY\.CCI\.001 Seal 001: stored, revoked/)
    expect(await path(BY)).toMatchObject({ code: 'revoked', reason: 'superseded' })
    await eventually('BY has the list of UZ', async () =>
      (await BY.running.deps.trust()).view.list('UZ'),
    )
    const chamber = await BY.client('issuer', 'BY.CCI')
    const refused = await chamber.post('/v1/certificates', {
      certificate: await freshCertificate(),
    })
    expect(refused.status, JSON.stringify(refused.body)).toBe(409)
    const authority = await BY.client('authority', 'BY.STATE')
    const { body } = await authority.get('/v1/admin-acts')
    const { acts } = body as { acts: { act: string; detail?: string }[] }
    expect(acts.map(({ act }) => act)).toContain('ocsp-published')
    expect(acts).toContainEqual(expect.objectContaining({ act: 'key-revoked', detail: 'revoked' }))

    // An hour later the other node asks again, by the calls that it makes itself.
    const later = () => new Date(at.getTime() + 2 * 3600_000)
    await fetchOcsp({ ...UZ.running.deps, now: later })()
    expect(await path(UZ)).toMatchObject({ code: 'revoked', reason: 'superseded' })
  })

  it('are taken from a folder whatever is among them: keys that no list names, that ended, that a stranger signed', async () => {
    const seal = about('document-seal')
    const [first, next] = ['list-1.jws', 'list-2.jws'].map((name) => join(folder, name))
    await writeFile(first!, await (await fetch(`${BY.url}/trust/list`)).text())
    const bodies = ['--bodies', join(folder, 'bodies.json'), '--url', BY.url]
    const removed = ['--remove', await thumbprint(seal.certificate), '--reason', 'superseded']
    const files = ['--previous', first!, '--out', next!]
    await run('trust', 'issue', ...keys, ...bodies, ...files, ...removed)
    await run('trust', 'publish', ...config, next!, '--crls', join(BY.keys, 'crls'))
    await run('pki', 'add-seal', ...keys, '--body', seal.partyId!)
    await run('pki', 'sign-ocsp', ...keys)
    const ocsp = join(BY.keys, 'ocsp')
    const publish = ['trust', 'publish', ...config, '--ocsp', ocsp]
    const published = await run(...publish)
    expect(published).toMatch(/response about BY\.CCI\.001 Seal 001: (stored|not-newer), revoked/)
    expect(published).toMatch(/seal-2\.ocsp: passed over, it is about no key in use/)
    expect(published).toMatch(/response about BY Exchange Node: \S+, good/)

    const database = new SqliteDatabase(join(BY.data, 'node.sqlite'), { readOnly: true })
    const context = await contextOf(database, BY.running.deps.paths)
    const found: string[] = []
    await PARTS.evidence(database, context, (code, where) => found.push(`${code}: ${where}`))
    database.close()
    expect(found).toEqual([])

    // The first of the folder by its name; those after it are taken nevertheless.
    const stranger = await readFile(join(ocsp, (await readdir(ocsp)).sort()[0]!))
    stranger[stranger.length - 1]! ^= 1
    await writeFile(join(ocsp, '0.ocsp'), stranger)
    const ran = await certex(publish)
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringMatching(/0\.ocsp: /) })
    expect(ran.stdout).toMatch(/response about BY Exchange Node: not-newer, good/)
    const alone = ['trust', 'publish', ...config, '--ocsp']
    const wrong = (await readdir(ocsp)).find((name) => name.endsWith('seal-2.ocsp'))!
    expect(await certex([...alone, join(ocsp, wrong)])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('None of these is about a key in use'),
    })
  })

  it('are refused over HTTP when they are not of an authority of the list', async () => {
    const authority = await UZ.client('authority', 'UZ.STATE')
    const { der } = (await BY.running.deps.trustStore.ocspResponses())[0]!
    const bytes = new Uint8Array(Buffer.from(der, 'base64'))
    const foreign = await authority.postBytes(
      '/v1/admin/ocsp-responses',
      'application/ocsp-response',
      bytes,
    )
    expect(foreign).toMatchObject({
      status: 422,
      body: { detail: 'it is about no key in use of the trust list of UZ' },
    })
    const own = await BY.client('authority', 'BY.STATE')
    const again = await own.postBytes(
      '/v1/admin/ocsp-responses',
      'application/ocsp-response',
      bytes,
    )
    expect(again).toMatchObject({ status: 200, body: { outcome: 'not-newer' } })
  })
})
