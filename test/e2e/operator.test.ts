import Sqlite from 'better-sqlite3'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '../../src/exchange/validation/authenticate.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { peerClient } from '../../src/exchange/delivery/peer-client.ts'
import type { Warning } from '../../src/exchange/warnings/warning.ts'
import { currentWarnings } from '../../src/exchange/warnings/warnings.ts'
import { tellWarnings } from '../../src/exchange/warnings/told.ts'
import { MAX_TRUST_LIST_LENGTH } from '../../src/jose/parse.ts'
import { tokenDigest } from '../../src/http/routes/oauth.ts'
import { revokeCertificate } from '../../src/node/pki/revoke.ts'
import { loadPkiDirectory } from '../../src/node/pki/pki-directory.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { parseX509Certificate, type X509Certificate } from '../../src/x509/x509-certificate.ts'
import { certex } from '../support/cli.ts'
import { today } from '../support/day.ts'
import { claimsFor, forge, freshCertificate, sealOf } from '../support/hostile.ts'
import { nextSecond } from '../support/notices.ts'
import { peerOf, postAs } from '../support/sign-as.ts'
import { eventually, startTwoNodes, type TestNode, type TwoNodes } from '../support/two-nodes.ts'

const DAY_MS = 86_400_000

/** Words that a log line must not have: everything that a person wrote into these values. */
function tradeData(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= 5 ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(tradeData)
}

describe('the log of a node', () => {
  let nodes: TwoNodes
  beforeAll(async () => {
    nodes = await startTwoNodes()
  })
  afterAll(() => nodes.close())

  it('has nothing of the documents, of those who ask and of what they ask with', async () => {
    const { BY, UZ } = nodes
    const chamber = await BY.client('issuer', 'BY.CCI')
    const customs = await UZ.client('customs', 'UZ.CUSTOMS')
    const reason = 'Ошибка в графе 3: грузополучатель «Секрет-Трейд» УНП 190000001'
    const context = { officer: 'Каримов Камол', post: 'Яллама-7', purpose: 'document check' }
    const secrets = new Set([reason, ...tradeData(context)])

    // Issue, deliver, annul, and let the node refuse what breaks rules, scopes and schemas.
    const certificate = await freshCertificate()
    const broken = { ...(await freshCertificate()), hsCode: 'не код', more: 'лишний член' }
    const foreign = await freshCertificate('conformity-uz-certificate').catch(() => ({}))
    for (const one of [certificate, broken, foreign])
      for (const word of tradeData(one)) secrets.add(word)
    const { body } = await chamber.post('/v1/certificates', { certificate })
    const { sha256, document } = body as { sha256: string; document: string }
    await chamber.post('/v1/certificates', { certificate: broken })
    await chamber.post('/v1/certificates', { certificate: foreign })
    await eventually('a decision', async () => BY.running.deps.outbox.delivery('UZ', sha256))
    const path = `/v1/certificates/BY/origin.ct1/${certificate.number}/status-changes`
    expect(
      (await chamber.post(path, { change: 'annul', effectiveFrom: today, reason })).status,
    ).toBe(201)

    // Validate, also what is tampered with; search; send what is no JSON; push forgeries and conflicts.
    const tampered = document.replace(/.\./, 'A.')
    const identity = { state: 'BY', type: 'origin.ct1', number: certificate.number }
    const items = [{ document }, { document: tampered }, { identity }]
    const calls = [
      await customs.post('/v1/validations', { context, items }),
      await customs.get(`/v1/certificates/BY/origin.ct1/${certificate.number}`),
      await customs.get(`/v1/certificates?party=${encodeURIComponent('Секрет-Трейд')}`),
      await customs.postBytes('/v1/validations', 'application/json', `{"${reason}":`),
    ]
    expect(calls.map(({ status }) => status)).toEqual([200, 200, 200, 400])
    const peer = await peerOf(BY)
    const conflicting = await forge(await sealOf(BY, 'BY.CCI.001'), {
      payload: claimsFor(BY, { ...certificate, usableUntil: today }),
    })
    const pushed = [conflicting, tampered, reason].map((one, i) => ({
      seq: 7_000_000 + i,
      document: one,
    }))
    expect((await postAs(peer, UZ, '/exchange/v1/messages', { messages: pushed })).status).toBe(200)

    // With a token that this test knows, and a fault that nobody expected: a table is gone.
    const token = randomBytes(32).toString('base64url')
    const inTenMinutes = `${new Date(Date.now() + 600_000).toISOString().slice(0, 19)}Z`
    await UZ.running.deps.tokens.insert(await tokenDigest(token), customs.id, inTenMinutes)
    const database = new Sqlite(join(UZ.data, 'node.sqlite'))
    database.exec('DROP TABLE reports')
    database.close()
    const failed = await fetch(`${UZ.url}/v1/validations`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ context, items: [{ document }, { identity }] }),
    })
    expect(failed.status).toBe(500)

    const log = [...BY.log, ...UZ.log].join('\n')
    expect(log).toContain('"message":"request failed"')
    expect(log).toContain('identity-conflict')
    expect(log).not.toContain(token)
    // No document and no assertion: both begin with an encoded JSON object.
    expect(log).not.toContain('eyJ')
    expect(secrets.size).toBeGreaterThan(25)
    const public_ = new Set(['origin.ct1', BY.url, UZ.url])
    const found = [...secrets].filter((word) => !public_.has(word) && log.includes(word))
    // Days stand in every line, and a type is no trade data.
    expect(found.filter((word) => !/^\d{4}-\d{2}-\d{2}$/.test(word))).toEqual([])
    for (const line of [...BY.log, ...UZ.log])
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) as string })
  })
})

describe('warnings', () => {
  let nodes: TwoNodes
  beforeAll(async () => {
    nodes = await startTwoNodes()
  })
  afterAll(() => nodes.close())

  const kinds = (warnings: readonly Warning[], overdue?: boolean) =>
    [
      ...new Set(
        warnings
          .filter(
            (one) => one.kind !== 'disk-low' && (overdue === undefined || one.overdue === overdue),
          )
          .map(({ kind }) => kind),
      ),
    ].toSorted()

  /** Of a node by whose clock so much time has passed. */
  const after = ({ running: { deps } }: TestNode, days: number) =>
    currentWarnings({ ...deps, now: () => new Date(Date.now() + days * DAY_MS) })()

  it('are none while all is well, and tell in time what ends', async () => {
    const authority = await nodes.BY.client('authority', 'BY.STATE')
    const auditor = await nodes.BY.client('auditor', 'BY.AUDIT')
    for (const client of [authority, auditor]) {
      const { status, body } = await client.get('/v1/warnings')
      expect(status).toBe(200)
      expect(kinds((body as { warnings: Warning[] }).warnings)).toEqual([])
    }
    const silent = ['mirror-behind', 'peer-silent', 'reconciliation-overdue']
    await eventually('the log is witnessed', async () => {
      const { log } = nodes.BY.running.deps
      const size = (await log.cosignedCheckpoint())?.size ?? 0n
      const isMirrored = (await nodes.BY.running.deps.mirror.looks()).length > 0
      return isMirrored && size > 0n && (await log.signedSince(size)) === undefined
    })
    expect(kinds(await after(nodes.BY, 24))).toEqual(['crl-due', ...silent])
    expect(kinds(await after(nodes.BY, 24), true)).toEqual(silent)
    expect(kinds(await after(nodes.BY, 31), true)).toEqual(['crl-due', ...silent])
    expect(kinds(await after(nodes.BY, 77))).toEqual(['crl-due', ...silent, 'trust-list-due'])
    const years = await after(nodes.BY, 3 * 365 - 30)
    expect(kinds(years, false)).toEqual(['key-ends'])
    // Two seals, registry seal, status signer, node key, list signer.
    expect(years.filter(({ kind }) => kind === 'key-ends')).toHaveLength(6)
    expect(kinds(await after(nodes.BY, 10 * 365 - 90), false)).toEqual(['authority-ends'])
    for (const { message } of await after(nodes.BY, 3 * 365)) {
      expect(message.ru).toMatch(/[а-я]/)
      expect(message.en).not.toMatch(/[а-я]/)
    }
  })

  it('tell what the machine lacks, and no more than it can tell', async () => {
    const { deps } = nodes.BY.running
    const told = async (disk: { freeBytes: number; totalBytes: number } | undefined) =>
      (await currentWarnings({ ...deps, hostFacts: async () => ({ disk }) })()).map(
        ({ kind }) => kind,
      )
    const GiB = 1024 ** 3
    expect(await told({ freeBytes: GiB, totalBytes: 100 * GiB })).toEqual(['disk-low'])
    expect(await told({ freeBytes: 0.05 * GiB, totalBytes: GiB })).toEqual(['disk-low'])
    expect(await told({ freeBytes: 3 * GiB, totalBytes: 100 * GiB })).toEqual([])
    expect(await told({ freeBytes: 0.5 * GiB, totalBytes: GiB })).toEqual([])
    expect(await told(undefined)).toEqual([])
    const { disk } = await deps.hostFacts!()
    expect(disk!.totalBytes).toBeGreaterThan(disk!.freeBytes)
  })

  it('tell that the own trust list grows beyond what a list may have, and not that of a peer', async () => {
    const { deps } = nodes.BY.running
    const told = async (state: string, length: number) => {
      const newest = (await deps.trustStore.newest()).map((list) =>
        list.state === state ? { ...list, jws: list.jws.padEnd(length, '.') } : list,
      )
      const trustStore = { ...deps.trustStore, newest: async () => newest }
      const warnings = await currentWarnings({ ...deps, trustStore })()
      return warnings
        .filter(({ kind }) => kind === 'trust-list-long')
        .map(({ message }) => message.en)
    }
    expect(await told('BY', 0.69 * MAX_TRUST_LIST_LENGTH)).toEqual([])
    expect(await told('UZ', 0.9 * MAX_TRUST_LIST_LENGTH)).toEqual([])
    expect(await told('BY', 0.75 * MAX_TRUST_LIST_LENGTH)).toEqual([
      expect.stringContaining('takes 75 % of the length'),
    ])
  })

  it('tell a clock that differs on both sides, before the exchange stops', async () => {
    const { BY, UZ } = nodes
    const { deps } = BY.running
    // Their own words would put right at once what is set wrong here.
    await Promise.all([BY, UZ].map(({ running }) => running.schedule.stop()))
    const ahead = (seconds: number) => {
      const now = () => new Date(Date.now() + seconds * 1000)
      const resolveKey = nodeKeyResolver(deps)
      const send = peerClient({ ...deps, now, node: deps.nodeKey, resolveKey })
      return send('UZ', `${UZ.url}/exchange/v1/messages`, { messages: [] })
    }
    expect(await ahead(35)).toMatchObject({ ok: true })
    const told = async ({ running }: TestNode) =>
      (await currentWarnings(running.deps)()).filter(({ kind }) => kind === 'peer-clock')
    expect(await told(UZ)).toMatchObject([{ subject: 'BY', overdue: false }])
    expect((await told(UZ))[0]!.message.en).toMatch(/3[3-6] s ahead of the one here/)
    expect(await told(BY)).toMatchObject([{ subject: 'UZ', overdue: false }])
    expect((await told(BY))[0]!.message.en).toMatch(/3[3-6] s behind the one here/)

    const refused = await ahead(90)
    expect(refused).toMatchObject({ ok: false })
    expect(refused.ok ? '' : refused.error).toMatch(
      /clock-skew.*its clock is (89|9[01]) s behind ours: check the time/,
    )
    // Right again: as soon as the next message says so.
    expect(await ahead(0)).toMatchObject({ ok: true })
    expect(await told(UZ)).toEqual([])
  })

  it('tell a peer that lags, are logged when they appear and once a day', async () => {
    const { BY, UZ } = nodes
    await UZ.running.stop()
    // Stopped for the clocks.
    BY.running.schedule.start()
    const chamber = await BY.client('issuer', 'BY.CCI')
    const certificate = await freshCertificate()
    expect((await chamber.post('/v1/certificates', { certificate })).status).toBe(201)
    expect(kinds(await currentWarnings(BY.running.deps)())).toEqual([])
    await eventually('what was issued is not witnessed', async () => {
      const { log } = BY.running.deps
      return (await log.signedSince((await log.cosignedCheckpoint())!.size)) !== undefined
    })
    const late = await after(BY, 20 / (24 * 60))
    const told = ['log-not-witnessed', 'mirror-behind', 'peer-lag', 'peer-silent', 'witness-behind']
    expect(kinds(late)).toEqual(told)
    const subjects = {
      'log-not-witnessed': 'BY',
      'mirror-behind': 'UZ',
      'witness-behind': 'UZ',
      'peer-lag': 'UZ',
      'peer-silent': 'UZ',
    }
    expect(Object.fromEntries(late.map(({ kind, subject }) => [kind, subject]))).toMatchObject(
      subjects,
    )
    expect(late.every(({ at }) => at !== undefined)).toBe(true)

    const authority = await BY.client('authority', 'BY.STATE')
    const { body } = await authority.get('/v1/peers')
    expect((body as { peers: object[] }).peers).toMatchObject([
      { state: 'UZ', waiting: 1, waitingSince: expect.any(String) as string },
    ])

    let now = 0
    let current = late
    const lines: string[] = []
    const tell = tellWarnings(
      { now: () => new Date(now), warnings: async () => current },
      ({ kind }) => lines.push(kind),
    )
    await tell()
    await tell()
    expect(lines.toSorted()).toEqual(told)
    now = DAY_MS
    await tell()
    expect(lines).toHaveLength(2 * told.length)
    current = []
    await tell()
    current = late
    await tell()
    expect(lines).toHaveLength(3 * told.length)
  })

  it('stand on one screen with everything else, at three in the morning', async () => {
    const { BY } = nodes
    await BY.running.deps.alarms.raise({
      at: '2026-03-02T03:00:00Z',
      kind: 'identity-conflict',
      peer: 'UZ',
      detail: 'one and another',
    })
    const ask = (...more: string[]) => certex(['status', '--config', BY.configFile, ...more])
    const shown = JSON.parse((await ask('--json', '--seen', '--as', 'nadia')).stdout) as {
      alarms: object[]
    }
    expect(shown).toMatchObject({
      state: 'BY',
      environment: 'production',
      logSize: expect.any(Number) as number,
      peers: [{ state: 'UZ', waiting: 1 }],
    })
    expect(shown.alarms).toMatchObject([{ kind: 'identity-conflict' }])
    const again = await ask()
    expect(again.stdout).toContain('BY (production)')
    expect(again.stdout).toContain('No alarms that nobody has seen')
    expect(again.stdout).toMatch(/UZ +1 /)
    expect(again.code).toBe(0)
  })
})

describe('changes of the node', () => {
  let nodes: TwoNodes
  beforeAll(async () => {
    nodes = await startTwoNodes()
  })
  afterAll(() => nodes.close())

  it('are recorded with who made them, at the command line and over HTTP', async () => {
    const { BY } = nodes
    const config = ['--config', BY.configFile]
    const jwk = join(nodes.folder, 'public.jwk')
    const key = await certex(['client', 'generate-key', '--out', join(nodes.folder, 'private.jwk')])
    await writeFile(jwk, key.stdout)
    const client = ['--id', 'chamber', '--role', 'issuer', '--party', 'BY.CCI', '--jwk', jwk]
    const added = await certex(['client', 'add', ...config, ...client, '--as', 'Анна К.'])
    expect(added.stderr).toBe('')
    await certex(['client', 'add', ...config, ...client, '--as', 'somebody else'])
    await certex(['client', 'disable', ...config, '--id', 'chamber'])

    const authority = await BY.client('authority', 'BY.STATE')
    const pki = await loadPkiDirectory(BY.keys)
    const published = await (await fetch(`${BY.url}/trust/list`)).text()
    const previous = {
      list: TrustList.parse(payloadOf(published)),
      sha256: await digestOf(published),
    }
    const sealKey = pki.keys.find(
      ({ partyId, purpose }) => partyId === 'BY.CCI.001' && purpose === 'document-seal',
    )!
    const x5tS256 = previous.list.keys.find(
      ({ body, usage }) => body === 'BY.CCI.001' && usage === 'seal',
    )!.x5tS256
    const list = await makeTrustList({
      pki,
      bodies: BY.bodies,
      url: BY.url,
      now: new Date(),
      validDays: 90,
      previous,
      remove: [{ x5tS256, reason: 'superseded' }],
    })
    const jws = await signTrustList(list, pki, BY.passphrase)
    for (const status of [201, 200])
      expect(
        await authority.postBytes('/v1/admin/trust-lists', 'application/jose', jws),
      ).toMatchObject({ status })
    await nextSecond()
    const revoked = await revokeCertificate(
      pki,
      parseX509Certificate(sealKey.certificate) as X509Certificate,
      BY.passphrase,
      { reason: 'superseded', invalidityDate: undefined, now: new Date() },
    )
    const { crl } = revoked as { crl: Uint8Array<ArrayBuffer> }
    expect(await authority.postBytes('/v1/admin/crls', 'application/pkix-crl', crl)).toMatchObject({
      status: 200,
      body: { outcome: 'stored' },
    })

    const auditor = await BY.client('auditor', 'BY.AUDIT')
    const { body } = await auditor.get('/v1/admin-acts')
    const { acts } = body as {
      acts: { n: number; act: string; actor: string; subject: string; detail?: string }[]
    }
    const login = acts[0]!.actor
    expect(login).toMatch(/^user:./)
    const told = acts.map(({ act, actor, subject }) => `${act} ${actor} ${subject}`)
    expect(told.filter((one) => one.startsWith('migrated'))).not.toEqual([])
    const by = `client:${authority.id}`
    const last = told.slice(told.indexOf('client-added user:Анна К. chamber'))
    expect(last).toEqual([
      'client-added user:Анна К. chamber',
      `client-disabled ${login} chamber`,
      `trust-list-published ${by} BY`,
      `key-removed ${by} ${x5tS256}`,
      'additions-delayed node BY',
      expect.stringMatching(new RegExp(`^crl-published ${by} BY [0-9a-f]+$`)),
      expect.stringMatching(new RegExp(`^key-revoked ${by} BY [0-9a-f]+ [0-9a-f]+$`)),
    ])
    const before = told.slice(0, told.length - last.length)
    expect(before).toContain(`node-created ${login} BY`)
    for (const state of ['BY', 'UZ']) {
      expect(before).toContain(`root-proposed development:one ${state}`)
      expect(before).toContain(`root-pinned development:two ${state}`)
    }
    expect(before.filter((one) => one.startsWith(`key-added ${login}`))).toHaveLength(5)

    const page = await auditor.get(`/v1/admin-acts?after=${acts.at(-2)!.n}`)
    expect((page.body as { acts: object[] }).acts).toEqual([acts.at(-1)])
    const listed = await certex(['admin-acts', ...config, '--json'])
    expect(JSON.parse(listed.stdout)).toEqual({ acts })
    const chamber = await BY.client('issuer', 'BY.CCI')
    expect((await chamber.get('/v1/admin-acts')).status).toBe(403)
    expect((await chamber.get('/v1/warnings')).status).toBe(403)
  })
})

describe('certex config', () => {
  it('tells what is in force without secrets, or everything that is wrong', async () => {
    const env = {
      CERTEX_STATE: 'BY',
      CERTEX_PUBLIC_URL: 'https://by.example',
      CERTEX_LISTEN_PORT: '8112',
      CERTEX_DATABASE: 'node.sqlite',
      CERTEX_PKI: 'keys',
      CERTEX_PASSPHRASE: 'the-secret-word',
    }
    const good = await certex(['config', 'check', '--json'], { env })
    expect(good.code).toBe(0)
    expect(JSON.parse(good.stdout)).toMatchObject({
      state: 'BY',
      listen: { port: 8112 },
      policy: {},
    })
    expect(good.stdout + good.stderr).not.toContain('the-secret-word')

    const bad = await certex(['config', 'check'], {
      env: { ...env, CERTEX_LISTEN_PORT: 'x', CERTEX_STAET: 'BY', CERTEX_PUBLIC_URL: 'by' },
    })
    expect(bad.code).toBe(1)
    for (const name of ['CERTEX_LISTEN_PORT', 'CERTEX_STAET', 'CERTEX_PUBLIC_URL'])
      expect(bad.stderr).toContain(name)
    expect(bad.stderr).not.toContain('the-secret-word')

    const table = await certex(['config', 'table'])
    expect(table.stdout).toMatch(/peerCaFile +CERTEX_PEER_CA_FILE/)
  })
})
