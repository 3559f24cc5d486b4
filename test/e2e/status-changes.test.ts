import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays, addMonths } from '../../src/certificate/day.ts'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { StatusListClaims } from '../../src/status-list/claims.ts'
import { decodeStatusList, statusAt } from '../../src/status-list/status-list.ts'
import {
  ask,
  decisionAt,
  expectLogsToTell,
  issue,
  type Issued,
  pathOf,
  registerOf,
  successorOf,
  validated,
} from '../support/changes.ts'
import { startChangingStates } from '../support/changing-states.ts'
import { today } from '../support/day.ts'
import { digest, forge, freshCertificate, sealOf } from '../support/hostile.ts'
import { suspicion, tell } from '../support/notices.ts'
import { eventually, type TestNode } from '../support/two-nodes.ts'

let nodes: Awaited<ReturnType<typeof startChangingStates>>
let chamber: ApiClient
let certifier: ApiClient
let sinov: ApiClient
let authority: ApiClient
beforeAll(async () => {
  nodes = await startChangingStates()
  chamber = await nodes.BY.client('issuer', 'BY.CCI')
  certifier = await nodes.BY.client('issuer', 'BY.GOSSTANDART.TESTCERT')
  authority = await nodes.BY.client('authority', 'BY.GOSSTANDART')
  sinov = await nodes.UZ.client('issuer', 'UZ.SINOV')
})
afterAll(() => nodes.close())

const words = { effectiveFrom: today, reason: 'Решение органа по сертификации' }

function change(client: ApiClient, from: TestNode, certificate: Issued, body: object) {
  return ask(client, pathOf(from, certificate, '/status-changes'), { ...words, ...body })
}

async function changed(client: ApiClient, from: TestNode, certificate: Issued, body: object) {
  const answer = await change(client, from, certificate, body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body as { sha256: string; document: string; status: string }
}

async function listedStatus(certificate: Issued): Promise<number | undefined> {
  const { status } = payloadOf(certificate.document) as {
    status: { status_list: { uri: string; idx: number } }
  }
  const token = await (await fetch(status.status_list.uri)).text()
  const list = await decodeStatusList(StatusListClaims.parse(payloadOf(token)).status_list)
  if ('malformed' in list) throw new Error(list.malformed)
  return statusAt(list, status.status_list.idx)
}

const lists = { suspend: 2, resume: 0, extend: 0, terminate: 1, archive: 1, annul: 1 } as const

describe.each(['BY', 'UZ'] as const)('a conformity certificate of %s', (state) => {
  const name = state === 'BY' ? 'conformity-eaeu-certificate' : 'conformity-uz-certificate'
  const other = state === 'BY' ? 'UZ' : 'BY'

  async function fresh() {
    const client = state === 'BY' ? certifier : sinov
    return { from: nodes[state], client, certificate: await issue(client, name, [other]) }
  }

  it('is suspended, resumed, extended, terminated and archived, at once and at both nodes', async () => {
    const { from, client, certificate } = await fresh()
    const customs = await nodes[other].client('customs', `${other}.CUSTOMS`)
    const later = addMonths(today, 30)
    const life = [
      ['suspend', 'suspended', 'not-usable'],
      ['resume', 'resumed', 'usable'],
      ['extend', 'extended', 'usable'],
      ['suspend', 'suspended', 'not-usable'],
      ['resume', 'resumed', 'usable'],
      ['terminate', 'terminated', 'not-usable'],
      ['archive', 'archived', 'not-usable'],
    ] as const
    for (const [n, [kind, status, answer]] of life.entries()) {
      const basis = { number: `${n}`, date: today, kind: 'приказ' }
      const validUntil = kind === 'extend' ? { validUntil: later } : {}
      const body = { change: kind, basis, ...validUntil }
      const made = await changed(client, from, certificate, body)
      expect(made.status).toBe(status)
      expect(payloadOf(made.document)).toMatchObject({ ...words, ...body, aud: [other] })
      expect(await listedStatus(certificate)).toBe(lists[kind])
      expect(await decisionAt(from, other, made.sha256)).toEqual({
        outcome: 'accepted',
        findings: [],
      })
      for (const reader of [client, customs])
        expect((await ask(reader, pathOf(from, certificate))).body).toMatchObject({
          status,
          current: { status, reason: words.reason, basis },
        })
      expect(await validated(customs, from, certificate), kind).toMatchObject({
        answer,
        status: { status },
        reasons: answer === 'usable' ? [] : [status],
      })
      if (status === 'resumed' && n > 2) {
        // The extension holds through the suspension.
        expect(await validated(customs, from, certificate, later)).toMatchObject({
          status: { extendedUntil: later },
        })
        expect((await validated(customs, from, certificate, later)).reasons).not.toContain(
          'expired-document',
        )
        expect((await validated(customs, from, certificate, addDays(later, 1))).reasons).toContain(
          'expired-document',
        )
      }
    }
    const { body } = await ask(customs, pathOf(from, certificate, '/status-changes'))
    expect((body['changes'] as { change: string }[]).map((made) => made.change)).toEqual(
      life.map(([kind]) => kind),
    )
  })

  it('that is extended without an end leaves customs in doubt after its own', async () => {
    const { from, client, certificate } = await fresh()
    const customs = await nodes[other].client('customs', `${other}.CUSTOMS`)
    const made = await changed(client, from, certificate, { change: 'extend' })
    await decisionAt(from, other, made.sha256)
    expect(await validated(customs, from, certificate)).toMatchObject({ answer: 'usable' })
    const after = addDays(certificate['validUntil'] as string, 1)
    const report = await validated(customs, from, certificate, after)
    expect(report.checks).toContainEqual(
      expect.objectContaining({ outcome: 'unknown', code: 'extended-without-end' }),
    )
    expect(report.status).toMatchObject({ status: 'extended', extendedUntil: null })
  })

  it('is annulled from every state but an archived one', async () => {
    const annul = { change: 'annul' }
    const { from, client, certificate } = await fresh()
    await changed(client, from, certificate, { change: 'suspend' })
    const made = await changed(client, from, certificate, annul)
    expect(made.status).toBe('annulled')
    expect(await listedStatus(certificate)).toBe(1)
    await decisionAt(from, other, made.sha256)
    const customs = await nodes[other].client('customs', `${other}.CUSTOMS`)
    expect(await validated(customs, from, certificate)).toMatchObject({
      answer: 'not-usable',
      reasons: ['annulled'],
    })
    const archived = await fresh()
    await changed(archived.client, from, archived.certificate, { change: 'archive' })
    expect(await change(archived.client, from, archived.certificate, annul)).toMatchObject({
      status: 409,
      body: { reason: 'not-from-this-state', certificateStatus: 'archived' },
    })
  })
})

describe('the same change again', () => {
  it('gives the same document as long as nothing followed it', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const suspend = { change: 'suspend' }
    const first = await changed(certifier, nodes.BY, certificate, suspend)
    const again = await change(certifier, nodes.BY, certificate, suspend)
    expect(again).toMatchObject({ status: 200, body: first })
    await changed(certifier, nodes.BY, certificate, { change: 'resume' })
    // Other words are another change: here the basis alone differs.
    const basis = { number: '2', date: today }
    const second = await changed(certifier, nodes.BY, certificate, { ...suspend, basis })
    expect(second.sha256).not.toBe(first.sha256)
  })

  it('of two at once is made once', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const answers = await Promise.all(
      [1, 2, 3].map(() => change(certifier, nodes.BY, certificate, { change: 'suspend' })),
    )
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 200, 201])
    expect(new Set(answers.map(({ body }) => body['document'])).size).toBe(1)
  })
})

describe('a change is refused', () => {
  const refusal = async (certificate: Issued, body: object, client = certifier) => {
    const before = await ask(certifier, pathOf(nodes.BY, certificate))
    const { status, slug, body: problem } = await change(client, nodes.BY, certificate, body)
    expect((await ask(certifier, pathOf(nodes.BY, certificate))).body).toEqual(before.body)
    return `${status} ${slug} ${String(problem['reason'] ?? '')}`.trim()
  }
  const NOT_PERMITTED = '409 change-not-permitted'

  it('for a reason that its state or the change itself gives', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const refusedFor = async (reason: string, ...bodies: object[]) => {
      for (const body of bodies)
        expect([body, await refusal(certificate, body)]).toEqual([
          body,
          `${NOT_PERMITTED} ${reason}`,
        ])
    }
    await refusedFor('not-from-this-state', { change: 'resume' })
    await refusedFor(
      'not-longer',
      { change: 'extend', validUntil: certificate['validUntil'] },
      { change: 'extend', validUntil: today },
    )
    // Before its certificate began.
    await refusedFor('before-last-change', {
      change: 'extend',
      effectiveFrom: '2020-01-01',
      validUntil: addMonths(today, 60),
    })
    await refusedFor(
      'in-the-future',
      ...['suspend', 'extend', 'terminate', 'archive', 'annul'].map((kind) => ({
        change: kind,
        effectiveFrom: addDays(today, 2),
      })),
    )
    await changed(certifier, nodes.BY, certificate, { change: 'suspend' })
    await refusedFor('before-last-change', { change: 'resume', effectiveFrom: '2020-01-01' })
    await refusedFor(
      'not-from-this-state',
      { change: 'suspend', reason: 'Ещё раз' },
      { change: 'extend' },
    )
    await changed(certifier, nodes.BY, certificate, { change: 'terminate' })
    await refusedFor(
      'not-from-this-state',
      ...['suspend', 'resume', 'extend', 'terminate'].map((kind) => ({
        change: kind,
        reason: 'После прекращения',
      })),
    )
    await changed(certifier, nodes.BY, certificate, { change: 'archive' })
    await refusedFor(
      'not-from-this-state',
      ...['archive', 'annul', 'terminate'].map((kind) => ({ change: kind, reason: 'В архиве' })),
    )
  })

  it('where the type of the certificate does not know it', async () => {
    const origin = await issue(chamber, 'origin-ct1-tractors')
    for (const kind of ['suspend', 'resume', 'extend', 'terminate', 'archive']) {
      const answer = await change(chamber, nodes.BY, origin, { change: kind })
      expect([kind, answer.status, answer.body['reason']]).toEqual([kind, 409, 'not-for-this-type'])
    }
    const conformity = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const certificate = await freshCertificate('conformity-eaeu-certificate')
    expect(await refusal(conformity, { change: 'replace', certificate, to: ['UZ'] })).toBe(
      `${NOT_PERMITTED} not-for-this-type`,
    )
  })

  it('with members that belong to another change', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const successor = await freshCertificate('conformity-eaeu-certificate')
    for (const body of [
      { change: 'suspend', validUntil: addMonths(today, 40) },
      { change: 'annul', replacedBy: certificate.sha256 },
      { change: 'terminate', certificate: successor },
      { change: 'extend', to: ['UZ'] },
      { change: 'replace' },
      { change: 'revoke' },
      { change: 'suspend', document: certificate.document },
      { change: 'suspend', basis: { number: '1' } },
      { change: 'suspend', reason: '' },
    ])
      expect([body, await refusal(certificate, body)]).toEqual([body, '422 invalid-body'])
  })

  it('to everybody whose certificate it is not, as if there were none', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const suspend = { change: 'suspend' }
    expect(await refusal(certificate, suspend, chamber)).toBe('404 certificate-not-found')
    const signed = { document: certificate.document }
    expect(
      (await ask(chamber, pathOf(nodes.BY, certificate, '/status-changes'), signed)).slug,
    ).toBe('certificate-not-found')
    // At the other node it is there, and still nobody's to change.
    for (const client of [sinov, await nodes.UZ.client('issuer', 'BY.GOSSTANDART.TESTCERT')])
      await eventually('the certificate has arrived', async () => {
        const answer = await change(client, nodes.BY, certificate, suspend)
        expect([answer.status, answer.slug]).toEqual([404, 'certificate-not-found'])
        return nodes.UZ.running.deps.certificates.findByDigest(certificate.sha256)
      })
  })
})

describe('a body that signs itself', () => {
  let own: ApiClient
  beforeAll(async () => {
    own = await nodes.BY.client('issuer', 'BY.CCI.002')
  })

  const NUMBER_OF_BODY = /^(.{5})001/
  /** A certificate of the body that keeps its own seal. */
  function ofOwn<C extends DemoCertificate>(certificate: C): C {
    const issuer = { ...(certificate['issuer'] as object), code: '002' }
    return { ...certificate, number: certificate.number.replace(NUMBER_OF_BODY, '$1002'), issuer }
  }
  const sign = (typ: string, payload: unknown) => forge(nodes.own.seal, { typ, payload })

  async function signedCertificate(certificate: DemoCertificate): Promise<string> {
    const { status, body } = await ask(own, '/v1/certificates/prepare', { certificate })
    expect(status, JSON.stringify(body)).toBe(200)
    return sign('product-certificate+jwt', body['claims'])
  }

  async function issueOwn(): Promise<Issued> {
    const certificate = ofOwn(await freshCertificate('origin-ct1-tractors'))
    const document = await signedCertificate(certificate)
    const answer = await own.postBytes('/v1/certificates', 'application/jose', document)
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    return { ...certificate, sha256: digest(document), document }
  }

  const claimsOf = (certificate: Issued, overrides: object = {}) => ({
    schema: 'status-change/1',
    iss: 'BY.CCI.002',
    aud: ['UZ'],
    target: certificate.sha256,
    change: 'annul',
    ...words,
    ...overrides,
  })
  const submit = (certificate: Issued, body: object) =>
    ask(own, pathOf(nodes.BY, certificate, '/status-changes'), body)

  it('annuls by its own document, whose bytes stay as they are', async () => {
    const certificate = await issueOwn()
    const asked = await change(own, nodes.BY, certificate, { change: 'annul' })
    expect([asked.status, asked.slug]).toEqual([409, 'body-signs-itself'])
    const document = await sign('status-change+jwt', claimsOf(certificate))
    const made = await submit(certificate, { document })
    expect(made).toMatchObject({
      status: 201,
      body: { sha256: digest(document), document, status: 'annulled' },
    })
    expect(await decisionAt(nodes.BY, 'UZ', digest(document))).toMatchObject({
      outcome: 'accepted',
    })
    expect(await submit(certificate, { document })).toMatchObject({ status: 200, body: made.body })
    // Signed anew it is another document, and the certificate has ended.
    const again = await sign('status-change+jwt', claimsOf(certificate))
    expect(await submit(certificate, { document: again })).toMatchObject({
      status: 409,
      body: { reason: 'not-from-this-state' },
    })
  })

  it('annuls one that takes no effect here for another of its number, if its document names it', async () => {
    const certificate = await issueOwn()
    const iat = Math.floor(Date.now() / 1000) - 30
    const payload = payloadOf(certificate.document)
    const jws = await forge(nodes.own.seal, { payload, header: { iat } })
    const displaced = { ...certificate, sha256: digest(jws), document: jws }
    const annulment = await sign('status-change+jwt', claimsOf(displaced))
    const differs = { status: 409, slug: 'claims-differ', body: { differences: ['/target'] } }
    expect(await submit(certificate, { document: annulment })).toMatchObject(differs)
    await displace(displaced)
    const suspension = await sign('status-change+jwt', claimsOf(displaced, { change: 'suspend' }))
    expect(await submit(certificate, { document: suspension })).toMatchObject(differs)
    const made = await submit(certificate, { document: annulment })
    expect(made).toMatchObject({ status: 201, body: { document: annulment, status: 'annulled' } })
    const again = await submit(certificate, { document: annulment })
    expect(again).toMatchObject({ status: 200, body: made.body })
    const { certificates } = nodes.BY.running.deps
    expect(await certificates.findByDigest(certificate.sha256)).toMatchObject({ status: 'issued' })
  })

  /** The node as it is when a restore had lost a certificate and it came back too late. */
  async function displace({ sha256, document: jws }: Issued): Promise<void> {
    const entry = { kind: 'certificate', sha256, jws, to: ['UZ'], effects: [] } as const
    await nodes.BY.running.deps.append({ entries: [entry] })
    const database = new SqliteDatabase(join(nodes.BY.data, 'node.sqlite'))
    database.raw
      .prepare(
        "INSERT INTO lost_documents SELECT sha256, idx, kind, 'x' FROM entries WHERE sha256 = ?",
      )
      .run(sha256)
    database.raw.prepare("INSERT INTO late_documents VALUES (?, 'taken')").run(sha256)
    database.close()
  }

  it('replaces by two documents of its own, both or neither', async () => {
    const former = await issueOwn()
    const certificate = ofOwn(await successorOf(former))
    const replacement = await signedCertificate(certificate)
    const alone = await own.postBytes('/v1/certificates', 'application/jose', replacement)
    expect(alone).toMatchObject({ status: 409, body: { detail: former.number } })
    const claims = claimsOf(former, { change: 'replace', replacedBy: digest(replacement) })
    const document = await sign('status-change+jwt', claims)
    const stranger = await signedCertificate(ofOwn(await freshCertificate('origin-ct1-tractors')))
    const other = await sign(
      'status-change+jwt',
      claimsOf(former, { change: 'replace', replacedBy: digest(stranger) }),
    )
    const annulment = await sign('status-change+jwt', claimsOf(former))
    const before = registerOf(nodes.BY)
    for (const [body, expected] of [
      [{ document }, 'replacement-invalid certificate-missing'],
      [{ document: annulment, replacement }, 'replacement-invalid certificate-not-expected'],
      [{ document, replacement: stranger }, 'claims-differ /replacedBy'],
      [{ document: other, replacement: stranger }, 'replacement-invalid remark-missing'],
      [{ document, replacement: document }, 'document-invalid typ-not-expected'],
    ] as const) {
      const answer = await submit(former, body)
      const { reason, differences, code } = answer.body
      expect(`${answer.slug} ${String(reason ?? differences ?? code)}`).toBe(expected)
    }
    expect(registerOf(nodes.BY)).toEqual(before)

    const made = await submit(former, { document, replacement })
    expect(made).toMatchObject({
      status: 201,
      body: { document, status: 'replaced', replacement: { document: replacement } },
    })
    const again = await submit(former, { document, replacement })
    expect(again).toMatchObject({ status: 200, body: made.body })
    for (const jws of [replacement, document])
      expect(await decisionAt(nodes.BY, 'UZ', digest(jws))).toEqual({
        outcome: 'accepted',
        findings: [],
      })
  })

  it('hears nothing of a certificate of another body that it would replace', async () => {
    const former = await issue(chamber, 'origin-ct1-tractors')
    const certificate = ofOwn(await successorOf(former))
    const { slug, body } = await ask(own, '/v1/certificates/prepare', { certificate })
    expect(slug).toBe('rule-violation')
    expect(body['findings']).toMatchObject([
      { rule: 'ORI-REMARK-TARGET', path: '/remarks/0/refNumber' },
    ])
  })

  it('adds no national signature while its seal is on hold', async () => {
    const certificate = await issueOwn()
    const { x5tS256 } = nodes.own.seal
    const from = formatInstant(new Date())
    const notice = await tell(authority, suspicion({ state: 'BY', x5tS256 }, { from }))
    const document = await sign('second-signature+jwt', {
      schema: 'second-signature/1',
      iss: 'BY.CCI.002',
      aud: ['UZ'],
      target: certificate.sha256,
      over: 'document',
      container: '1.2.840.113549.1.7.2',
      value: 'AAAA',
    })
    const path = pathOf(nodes.BY, certificate, '/second-signatures')
    expect(await ask(own, path, { document })).toMatchObject({
      slug: 'seal-on-hold',
      body: { notice },
    })
    await tell(authority, { change: 'release', notice, reason: 'Проверка' })
    expect((await ask(own, path, { document })).status).toBe(201)
  })

  it('is refused what is not its own document on this certificate', async () => {
    const certificate = await issueOwn()
    const another = await issueOwn()
    const nodeSeal = await sealOf(nodes.BY, 'BY.CCI.001')
    const ahead = { iat: Math.floor(Date.now() / 1000) + 600 }
    const cases: [string, string][] = [
      [await sign('product-certificate+jwt', claimsOf(certificate)), 'document-invalid'],
      [await sign('status-change+jwt', claimsOf(another)), 'claims-differ'],
      [
        await sign('status-change+jwt', claimsOf(certificate, { aud: ['UZ', 'KZ'] })),
        'claims-differ',
      ],
      [await sign('status-change+jwt', claimsOf(certificate, { iss: 'BY.CCI' })), 'claims-differ'],
      [await sign('status-change+jwt', claimsOf(certificate, { extra: 1 })), 'document-invalid'],
      [
        await sign('status-change+jwt', claimsOf(certificate, { change: 'suspend' })),
        'change-not-permitted',
      ],
      [
        await sign(
          'status-change+jwt',
          claimsOf(certificate, { effectiveFrom: addDays(today, 2) }),
        ),
        'change-not-permitted',
      ],
      [
        await forge(nodeSeal, {
          typ: 'status-change+jwt',
          payload: claimsOf(certificate, { iss: 'BY.CCI.001' }),
        }),
        'seal-held-by-node',
      ],
      [
        await forge(nodes.own.seal, {
          typ: 'status-change+jwt',
          payload: claimsOf(certificate),
          header: ahead,
        }),
        'signing-time-wrong',
      ],
      ['a.b.c', 'document-invalid'],
    ]
    const before = registerOf(nodes.BY)
    for (const [document, slug] of cases)
      expect((await submit(certificate, { document })).slug).toBe(slug)
    expect(registerOf(nodes.BY)).toEqual(before)
  })
})

describe('the authority above a body', () => {
  it('suspends and resumes in its own name, and customs is told so', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const suspended = await changed(authority, nodes.BY, certificate, { change: 'suspend' })
    expect(payloadOf(suspended.document)).toMatchObject({ iss: 'BY.GOSSTANDART' })
    expect(await decisionAt(nodes.BY, 'UZ', suspended.sha256)).toMatchObject({
      outcome: 'accepted',
    })
    const customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
    expect(await validated(customs, nodes.BY, certificate)).toMatchObject({
      answer: 'not-usable',
      reasons: ['suspended'],
    })
    const { body } = await ask(customs, pathOf(nodes.BY, certificate, '/status-changes'))
    expect(body).toMatchObject({ changes: [{ change: 'suspend', signer: 'BY.GOSSTANDART' }] })
    // The same words of the body are another change, and the state refuses it.
    const own = await change(certifier, nodes.BY, certificate, { change: 'suspend' })
    expect(own.body).toMatchObject({ reason: 'not-from-this-state' })
    const resumed = await changed(authority, nodes.BY, certificate, { change: 'resume' })
    await decisionAt(nodes.BY, 'UZ', resumed.sha256)
    expect(await validated(customs, nodes.BY, certificate)).toMatchObject({ answer: 'usable' })
  })

  it('does nothing else, and nothing to certificates of other bodies or types', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const origin = await issue(chamber, 'origin-ct1-tractors')
    const reason = async (client: ApiClient, of: Issued, body: object) => {
      const answer = await ask(client, pathOf(nodes.BY, of, '/status-changes'), {
        ...words,
        ...body,
      })
      return `${answer.slug} ${String(answer.body['reason'] ?? answer.body['detail'] ?? '')}`
    }
    for (const kind of ['annul', 'terminate', 'archive', 'extend'])
      expect(await reason(authority, certificate, { change: kind })).toBe(
        'change-not-permitted reserved-to-issuer',
      )
    const successor = await successorOf(origin)
    expect(await reason(authority, origin, { change: 'replace', certificate: successor })).toBe(
      'change-not-permitted reserved-to-issuer',
    )
    expect(await reason(authority, origin, { change: 'suspend' })).toBe(
      'change-not-permitted not-above-issuer',
    )
    // The body itself is not above itself, and a branch is not above its headquarters.
    for (const party of ['BY.GOSSTANDART.TESTCERT', 'BY.GOSSTANDART.TESTCERT.001', 'BY.GOSS']) {
      const client = await nodes.BY.client('authority', party)
      expect(await reason(client, certificate, { change: 'suspend' })).toBe(
        'change-not-permitted not-above-issuer',
      )
    }
    const above = await nodes.BY.client('authority', 'BY.CCI')
    expect(await reason(above, origin, { change: 'suspend' })).toBe(
      'change-not-permitted not-for-this-type',
    )
    const received = await nodes.UZ.client('authority', 'BY.GOSSTANDART')
    await eventually('the certificate has arrived', () =>
      nodes.UZ.running.deps.certificates.findByDigest(certificate.sha256),
    )
    expect(await reason(received, certificate, { change: 'suspend' })).toBe(
      'change-not-permitted not-issued-here',
    )
  })

  it('has no more effect abroad: an annulment in its name is refused there', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const seal = await sealOf(nodes.BY, 'BY.GOSSTANDART')
    const jws = await forge(seal, {
      typ: 'status-change+jwt',
      payload: {
        schema: 'status-change/1',
        iss: 'BY.GOSSTANDART',
        aud: ['UZ'],
        target: certificate.sha256,
        change: 'annul',
        ...words,
      },
    })
    const { append, outgoing } = nodes.BY.running.deps
    const sha256 = digest(jws)
    await append({ entries: [{ kind: 'unknown', sha256, jws, to: ['UZ'], effects: [] }] })
    outgoing()
    expect(await decisionAt(nodes.BY, 'UZ', sha256)).toEqual({
      outcome: 'refused',
      findings: ['CHANGE-RESERVED-TO-ISSUER'],
    })
  })
})

it('everything above follows from the logs of both nodes', async () => {
  await expectLogsToTell(nodes.BY, nodes.UZ)
})
