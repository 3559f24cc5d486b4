import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { receiveMessages } from '../../src/exchange/incoming/receive.ts'
import { reindexSearch } from '../../src/exchange/search/search-reindex.ts'
import { validateCertificate } from '../../src/exchange/validation/validate.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { parseX509Certificate, type X509Certificate } from '../../src/x509/x509-certificate.ts'
import { skiOf } from '../../src/trust/accept-crl.ts'
import { ask, decisionAt, expectLogsToTell, issue, type Issued } from '../support/changes.ts'
import { certex, words } from '../support/cli.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import {
  arrived,
  nextSecond,
  noticesAt,
  provenAt,
  reports,
  shifted,
  suspicion,
  tell,
} from '../support/notices.ts'
import { eventually, startTestNode, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

const HELD = ['held-by-security-notice']

describe('a security notice about a seal', () => {
  let nodes: TwoNodes
  let chamber: ApiClient
  let authority: ApiClient
  let customs: ApiClient
  let atHome: ApiClient
  let before: Issued
  let during: Issued
  let from: string
  let x5tS256: string
  let hold: string

  beforeAll(async () => {
    nodes = await startTwoNodes()
    await connect()
    before = await issue(chamber, 'origin-ct1-tractors')
    await provenAt(nodes.UZ, before.sha256)
    from = await nextSecond()
    during = await issue(chamber, 'origin-ct1-tractors')
    await provenAt(nodes.UZ, during.sha256)
    ;({ x5tS256 } = await sealOf(nodes.BY, 'BY.CCI.001'))
  })
  afterAll(() => nodes.close())

  async function connect() {
    const { BY, UZ } = nodes
    chamber = await BY.client('issuer', 'BY.CCI')
    authority = await BY.client('authority', 'BY.CCI')
    atHome = await BY.client('auditor', 'BY.AUDIT')
    customs = await UZ.client('customs', 'UZ.CUSTOMS')
  }

  /** As an operator does who has no other system at hand. */
  async function tellByCommand(notice: object): Promise<string> {
    const { id, privateJwk } = await nodes.BY.client('authority', 'BY.CCI')
    const [key, body] = [join(nodes.folder, 'authority.jwk'), join(nodes.folder, 'notice.json')]
    await writeFile(key, JSON.stringify(privateJwk))
    await writeFile(body, JSON.stringify(notice))
    const { stdout, stderr } = await certex(
      words`call issueSecurityNotice --body ${body} --node ${nodes.BY.url} --client ${id} --key ${key}`,
    )
    expect(stdout, stderr).toContain('sha256')
    return (JSON.parse(stdout) as { sha256: string }).sha256
  }

  const both = async () => [
    await reports(atHome, [before.document, during.document]),
    await reports(customs, [before.document, during.document]),
  ]
  const expectAnswers = async (...expected: [answer: string, reasons: string[]][]) => {
    const wanted = expected.map(([answer, reasons]) => ({
      answer,
      reasons,
      indication: 'TOTAL-PASSED',
    }))
    expect(await both()).toMatchObject([wanted, wanted])
  }

  it('puts what the seal signed from then on on hold at both nodes, and calls none of it forged', async () => {
    await expectAnswers(['usable', []], ['usable', []])
    const { body } = await ask(customs, '/v1/events')
    const cursor = body['next'] as string
    const told = ask(customs, `/v1/events?after=${cursor}&wait=20`)
    hold = await tell(authority, suspicion({ state: 'BY', x5tS256 }, { from }))
    expect((await told).body['events']).toMatchObject([
      {
        kind: 'security-notice',
        change: 'declare',
        notice: hold,
        subject: { state: 'BY', body: 'BY.CCI.001', x5tS256 },
        measure: 'hold',
        interval: { from },
      },
    ])
    await expectAnswers(['usable', []], ['cannot-tell', HELD])
    const [, report] = await reports(customs, [before.document, during.document])
    expect(report!.checks.filter(({ check }) => check === 'security-notice')).toMatchObject([
      { outcome: 'unknown', code: 'held-by-security-notice', detail: hold },
    ])
  })

  it('is accepted by the peer, and an alarm at both nodes', async () => {
    expect(await decisionAt(nodes.BY, 'UZ', hold)).toEqual({ outcome: 'accepted', findings: [] })
    for (const node of [nodes.BY, nodes.UZ]) {
      const alarms = rowsOf(node, 'alarms').filter(({ kind }) => kind === 'security-notice')
      expect(alarms.map(({ detail }) => detail)).toEqual([expect.stringContaining(hold)])
      expect(node.log.some((line) => line.includes('security-notice') && line.includes(hold))).toBe(
        true,
      )
    }
    const acts = rowsOf(nodes.BY, 'admin_acts').filter(({ subject }) => subject === hold)
    expect(acts).toMatchObject([{ act: 'security-notice-issued' }])
  })

  it('lets the seal sign nothing at home, and the refusal names it', async () => {
    const certificate = await freshCertificate()
    expect(await ask(chamber, '/v1/certificates', { certificate })).toMatchObject({
      status: 409,
      slug: 'seal-on-hold',
      body: { notice: hold },
    })
    const { type, number } = before
    const annul = { change: 'annul', effectiveFrom: '2026-01-01', reason: 'Проверка' }
    const path = `/v1/certificates/BY/${type}/${number}/status-changes`
    expect((await ask(chamber, path, annul)).status).toBe(409)
  })

  it('is told to the issuer whose seal it is, and to no other', async () => {
    const told = async (issuer: ApiClient) => {
      const { body } = await ask(issuer, '/v1/events')
      return (body['events'] as { kind: string }[]).filter(({ kind }) => kind === 'security-notice')
    }
    expect(await told(chamber)).toHaveLength(1)
    expect(await told(await nodes.BY.client('issuer', 'BY.TESTCERT'))).toEqual([])
    expect((await ask(chamber, '/v1/security-notices')).status).toBe(403)
  })

  it('the same words again are the same notice', async () => {
    const again = await ask(
      authority,
      '/v1/security-notices',
      suspicion({ state: 'BY', x5tS256 }, { from }),
    )
    expect(again).toMatchObject({ status: 200, body: { sha256: hold } })
  })

  it('lists what it concerns, with its uses by customs, page by page', async () => {
    await ask(customs, '/v1/validations', {
      context: { officer: 'Test', purpose: 'test' },
      items: [
        {
          document: during.document,
          declaration: {
            number: '00101/20.02.2026/0001234',
            date: '2026-02-20',
            lines: [{ n: 1, hsCode: '8701931000', netKg: 1 }],
          },
        },
      ],
    })
    const path = `/v1/security-notices/${hold}/certificates`
    const { body } = await ask(customs, path)
    expect(body).toMatchObject({ complete: true, certificates: [{ sha256: during.sha256 }] })
    const [{ uses }] = body['certificates'] as [{ uses: { party: string; declaration?: string }[] }]
    expect(uses.at(-1)).toMatchObject({
      party: 'UZ.CUSTOMS',
      declaration: '00101/20.02.2026/0001234',
    })
    const overseer = await nodes.UZ.client('auditor', 'UZ.AUDIT')
    const all = await ask(overseer, `${path}?limit=1`)
    expect(all.body['certificates']).toHaveLength(1)
    expect(all.body).not.toHaveProperty('next')
    const issuer = await nodes.UZ.client('issuer', 'UZ.EXPERTIZA')
    expect((await ask(issuer, path)).status).toBe(403)
  })

  it('concerns certificates of before an update as soon as they are indexed again', async () => {
    const { UZ } = nodes
    const listed = async () => {
      const { body } = await ask(customs, `/v1/security-notices/${hold}/certificates`)
      return [body['complete'], (body['certificates'] as unknown[]).length]
    }
    const database = new SqliteDatabase(join(UZ.data, 'node.sqlite'))
    try {
      database.raw.exec('UPDATE certificates SET seal = NULL, signed_at = NULL, search_version = 1')
      expect(await listed()).toEqual([false, 0])
      await expectAnswers(['usable', []], ['cannot-tell', HELD])
      expect(await differencesFromLog(database, 'UZ')).toEqual([])
      const reindex = reindexSearch(UZ.running.deps)
      while ((await reindex()) > 0);
      expect(await listed()).toEqual([true, 1])
      expect(await differencesFromLog(database, 'UZ')).toEqual([])
    } finally {
      database.close()
    }
  })

  it('holds up a document that arrives signed with the key, and keeps it', async () => {
    const payload = claimsFor(nodes.BY, await freshCertificate())
    const document = await forge(await sealOf(nodes.BY, 'BY.CCI.001'), { payload })
    await receiveMessages(nodes.UZ.running.deps)('BY', [{ seq: 9_001, document }])
    const decision = rowsOf(nodes.UZ, 'decisions').find((d) => d['sha256'] === digest(document))
    expect(decision).toMatchObject({
      outcome: 'accepted-with-findings',
      findings: '["HELD-BY-SECURITY-NOTICE"]',
    })
    expect(await reports(customs, [document])).toMatchObject([
      { answer: 'cannot-tell', reasons: HELD },
    ])
  })

  it('holds up what nothing proves to have existed before, whatever time it claims', async () => {
    const payload = claimsFor(nodes.BY, await freshCertificate())
    const header = { iat: Math.floor(Date.parse(from) / 1000) - 86_400 }
    const document = await forge(await sealOf(nodes.BY, 'BY.CCI.001'), { payload, header })
    const [report] = await reports(customs, [document])
    expect(report).toMatchObject({ answer: 'cannot-tell' })
    expect(report!.reasons).toContain('held-by-security-notice')
  })

  it('only warns where the policy says so', async () => {
    const { deps } = nodes.UZ.running
    const policy = { ...deps.policy, securityHold: 'warn' } as const
    const report = await validateCertificate({ ...deps, policy })({
      subject: { document: during.document },
    })
    expect(report.answer).toBe('usable')
    expect(report.checks).toContainEqual(
      expect.objectContaining({ outcome: 'warning', code: 'named-in-security-notice' }),
    )
  })

  it('holds after both nodes were started again, as their logs tell', async () => {
    await Promise.all([nodes.BY.running.stop(), nodes.UZ.running.stop()])
    const [BY, UZ] = await Promise.all([startTestNode(nodes.BY), startTestNode(nodes.UZ)])
    const { folder } = nodes
    nodes = {
      folder,
      BY,
      UZ,
      async close() {
        await Promise.all([BY.running.stop(), UZ.running.stop()])
        await rm(folder, { recursive: true, force: true })
      },
    }
    await connect()
    await expectAnswers(['usable', []], ['cannot-tell', HELD])
  })

  it('is narrowed by its authority alone, and never widened', async () => {
    const stranger = await nodes.BY.client('authority', 'BY.CUSTOMS')
    const narrow = (client: ApiClient, interval: object) =>
      ask(client, '/v1/security-notices', {
        change: 'narrow',
        notice: hold,
        interval,
        reason: 'Установлено по журналу',
      })
    const end = shifted(from, 3600)
    expect((await narrow(stranger, { from, until: end })).body).toMatchObject({
      reason: 'not-yours',
    })
    expect((await narrow(authority, { from: shifted(from, -1) })).body).toMatchObject({
      reason: 'not-narrower',
    })
    const later = shifted(await provenAt(nodes.UZ, during.sha256), 1)
    const { status, body } = await narrow(authority, { from: later })
    expect(status).toBe(201)
    await arrived(nodes.UZ, body['sha256'] as string)
    await expectAnswers(['usable', []], ['usable', []])
    for (const reader of [atHome, customs])
      expect(await noticesAt(reader)).toMatchObject([
        {
          sha256: hold,
          issuer: 'BY',
          released: false,
          holdsHere: true,
          interval: { from: later },
          documents: [{ change: 'declare' }, { change: 'narrow' }],
        },
      ])
  })

  it('is released, and all is as it was', async () => {
    const second = await tell(authority, suspicion({ state: 'BY', x5tS256 }, { from }))
    const release = (notice: string) =>
      tell(authority, { change: 'release', notice, reason: 'Ключ из рук органа не выходил' })
    await arrived(nodes.UZ, await release(hold))
    // Another notice names the same interval.
    await expectAnswers(['usable', []], ['cannot-tell', HELD])
    const certificate = await freshCertificate()
    expect(await ask(chamber, '/v1/certificates', { certificate })).toMatchObject({
      slug: 'seal-on-hold',
      body: { notice: second },
    })
    await arrived(nodes.UZ, await release(second))
    await expectAnswers(['usable', []], ['usable', []])
    const [, report] = await reports(customs, [before.document, during.document])
    expect(report!.checks).toContainEqual(
      expect.objectContaining({ check: 'security-notice', outcome: 'passed', code: 'ok' }),
    )
    expect((await ask(chamber, '/v1/certificates', { certificate })).status).toBe(201)
    const again = await ask(authority, '/v1/security-notices', {
      change: 'narrow',
      notice: second,
      interval: { from },
      reason: 'Поздно',
    })
    expect(again).toMatchObject({
      slug: 'security-notice-not-permitted',
      body: { reason: 'released' },
    })
    const concerned = await ask(customs, `/v1/security-notices/${second}/certificates`)
    expect(concerned.body['certificates']).not.toEqual([])
    await expectLogsToTell(nodes.BY, nodes.UZ)
  })

  it('holds up nothing before its beginning', async () => {
    const soon = shifted(from, 86_400)
    const sha256 = await tellByCommand(suspicion({ state: 'BY', x5tS256 }, { from: soon }))
    await arrived(nodes.UZ, sha256)
    await expectAnswers(['usable', []], ['usable', []])
    const certificate = await freshCertificate()
    expect((await ask(chamber, '/v1/certificates', { certificate })).status).toBe(201)
    await tell(authority, { change: 'release', notice: sha256, reason: 'Проверка' })
  })

  it('about another state’s seal holds up at home only', async () => {
    const partner = await nodes.UZ.client('authority', 'UZ.CUSTOMS')
    const sha256 = await tell(partner, suspicion({ state: 'BY', x5tS256 }, { from }))
    await arrived(nodes.BY, sha256)
    const [here, there] = await both()
    expect(there![1]).toMatchObject({ answer: 'cannot-tell', reasons: HELD })
    expect(here![1]).toMatchObject({ answer: 'usable' })
    expect(here![1]!.checks).toContainEqual(
      expect.objectContaining({ outcome: 'warning', code: 'named-in-security-notice' }),
    )
    const shown = (await noticesAt(atHome)).find((notice) => notice.sha256 === sha256)
    expect(shown).toMatchObject({ issuer: 'UZ', released: false, holdsHere: false })
    const certificate = await freshCertificate()
    expect((await ask(chamber, '/v1/certificates', { certificate })).status).toBe(201)
    const foreign = await ask(authority, '/v1/security-notices', {
      change: 'release',
      notice: sha256,
      reason: 'Не наше',
    })
    expect(foreign.body).toMatchObject({ reason: 'not-yours' })
    await tell(partner, { change: 'release', notice: sha256, reason: 'Проверка' })
  })

  it('about a CA holds up what every seal below it signed', async () => {
    const { x5c } = await sealOf(nodes.BY, 'BY.CCI.001')
    const certifier = await nodes.BY.client('issuer', 'BY.TESTCERT')
    const other = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    await provenAt(nodes.UZ, other.sha256)
    const [bodyCa, stateCa] = [1, 2].map((i) => {
      const read = parseX509Certificate(new Uint8Array(Buffer.from(x5c[i]!, 'base64')))
      return skiOf(read as X509Certificate)
    })
    const answers = async () =>
      (await reports(customs, [during.document, other.document])).map(({ answer }) => answer)
    const about = async (ski: string) => {
      const sha256 = await tell(authority, suspicion({ state: 'BY', ski }, { from }))
      await arrived(nodes.UZ, sha256)
      return sha256
    }
    const one = await about(bodyCa!)
    expect(await answers()).toEqual(['cannot-tell', 'usable'])
    const all = await about(stateCa!)
    expect(await answers()).toEqual(['cannot-tell', 'cannot-tell'])
    const listed = async (notice: string) => {
      const { body } = await ask(customs, `/v1/security-notices/${notice}/certificates`)
      return (body['certificates'] as { sha256: string }[]).map(({ sha256 }) => sha256)
    }
    expect(await listed(one)).not.toContain(other.sha256)
    expect(await listed(all)).toEqual(expect.arrayContaining([during.sha256, other.sha256]))
    for (const notice of [one, all])
      await tell(authority, { change: 'release', notice, reason: 'Проверка' })
    await eventually('the release arrives', async () =>
      (await noticesAt(customs)).every(({ released }) => released),
    )
    expect(await answers()).toEqual(['usable', 'usable'])
    const unknown = suspicion({ state: 'BY', ski: '00'.repeat(20) }, { from })
    expect((await ask(authority, '/v1/security-notices', unknown)).body).toMatchObject({
      reason: 'subject-unknown',
    })
  })
})
