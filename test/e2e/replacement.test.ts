import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from '../../src/node/api-client.ts'
import {
  ask,
  decisionAt,
  expectLogsToTell,
  issue,
  pathOf,
  registerOf,
  type Report,
  successorOf,
  validated,
} from '../support/changes.ts'
import { today } from '../support/day.ts'
import { freshCertificate, rowsOf } from '../support/hostile.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
let chamber: ApiClient
let customs: ApiClient
beforeAll(async () => {
  nodes = await startTwoNodes()
  chamber = await nodes.BY.client('issuer', 'BY.CCI')
  customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
})
afterAll(() => nodes.close())

const reason = 'Исправлено наименование грузополучателя'
const replacing = (certificate: unknown) => ({
  change: 'replace',
  effectiveFrom: today,
  reason,
  certificate,
})

describe('a replacement', () => {
  it('appends both documents, and both nodes show the chain from either end', async () => {
    const { BY, UZ } = nodes
    const former = await issue(chamber, 'origin-ct1-tractors')
    const certificate = await successorOf(former)
    const path = pathOf(BY, former, '/status-changes')
    const made = await ask(chamber, path, replacing(certificate))
    expect(made.status, JSON.stringify(made.body)).toBe(201)
    const { sha256, document, replacement } = made.body as {
      sha256: string
      document: string
      replacement: { sha256: string; document: string }
    }
    expect(made.body).toMatchObject({ status: 'replaced', replacement: { findings: [] } })

    expect(await decisionAt(BY, 'UZ', replacement.sha256)).toEqual({
      outcome: 'accepted',
      findings: [],
    })
    expect(await decisionAt(BY, 'UZ', sha256)).toEqual({ outcome: 'accepted', findings: [] })

    for (const client of [chamber, customs]) {
      const before = await ask(client, pathOf(BY, former))
      expect(before.body).toMatchObject({
        status: 'replaced',
        current: { status: 'replaced', replacedBy: replacement.sha256, annulledAt: today, reason },
        replacedBy: [
          { sha256: replacement.sha256, held: true, number: certificate.number, status: 'issued' },
        ],
      })
      expect(before.body).not.toHaveProperty('replaces')
      const after = await ask(client, pathOf(BY, certificate))
      expect(after.body).toMatchObject({
        status: 'issued',
        replaces: [
          { sha256: former.sha256, held: true, number: former.number, status: 'replaced' },
        ],
      })
      const found = await ask(client, `/v1/certificates?number=${former.number}`)
      expect(found.body).toMatchObject({
        certificates: [{ replacedBy: [{ number: certificate.number }] }],
      })
    }
    const { body } = await ask(customs, path)
    expect(body).toMatchObject({
      changes: [{ sha256, document, change: 'replace', replacedBy: replacement.sha256 }],
    })
    expect(await validated(customs, BY, certificate)).toMatchObject({
      answer: 'usable',
      findings: [],
      replaces: [{ number: former.number }],
    })
    expect(await validated(customs, BY, former)).toMatchObject({
      answer: 'not-usable',
      reasons: ['replaced'],
      replacedBy: [{ number: certificate.number, held: true, status: 'issued' }],
    })

    const again = await ask(chamber, path, replacing(certificate))
    expect(again.status).toBe(200)
    expect(again.body).toEqual({ ...made.body, replacement: { ...replacement, findings: [] } })
    expect(rowsOf(UZ, 'certificates').find((row) => row['sha256'] === former.sha256)).toMatchObject(
      {
        status: 'replaced',
        replaced_by: replacement.sha256,
      },
    )
  })
})

describe('a successor', () => {
  it('is not issued alone while what it replaces still stands', async () => {
    const former = await issue(chamber, 'origin-ct1-tractors')
    const certificate = await successorOf(former)
    const before = registerOf(nodes.BY)
    for (const path of ['/v1/certificates', '/v1/certificates?check=true']) {
      const answer = await ask(chamber, path, { certificate })
      expect([answer.status, answer.slug]).toEqual([409, 'replacement-required'])
      expect(answer.body['detail']).toBe(former.number)
    }
    expect(registerOf(nodes.BY)).toEqual(before)
  })

  it('of another body is not heard of, and cannot be replaced', async () => {
    const { BY } = nodes
    const former = await issue(chamber, 'origin-ct1-tractors')
    const certificate = await successorOf(former)
    const stranger = await BY.client('issuer', 'BY.TESTCERT')
    const answer = await ask(
      stranger,
      pathOf(BY, former, '/status-changes'),
      replacing(certificate),
    )
    expect([answer.status, answer.slug]).toEqual([404, 'certificate-not-found'])
  })

  it('must be one of the certificate that it is to replace', async () => {
    const { BY } = nodes
    const former = await issue(chamber, 'origin-ct1-tractors')
    const elsewhere = await issue(chamber, 'origin-ct1-tractors')
    const good = await successorOf(former)
    const [remark] = good['remarks'] as object[]
    const uzbek = await freshCertificate('origin-ct1-uz-dried-fruit')
    const conformity = await freshCertificate('conformity-eaeu-certificate')
    const before = registerOf(BY)
    for (const [certificate, status, slug, why] of [
      [{ ...good, remarks: [] }, 422, 'replacement-invalid', 'remark-missing'],
      [await successorOf(elsewhere), 422, 'replacement-invalid', 'remark-names-another'],
      [{ ...good, number: former.number }, 409, 'certificate-exists', former.sha256],
      [{ ...good, number: elsewhere.number }, 409, 'certificate-exists', elsewhere.sha256],
      [uzbek, 422, 'replacement-invalid', 'other-state'],
      [conformity, 422, 'replacement-invalid', 'other-type'],
      [
        { ...good, remarks: [{ ...remark, refDate: '2026-01-15' }] },
        422,
        'rule-violation',
        'ORI-REMARK-TARGET',
      ],
      [{ ...good, forPresentationIn: 'KZ' }, 422, 'invalid-addressee', 'KZ'],
    ] as const) {
      const answer = await ask(
        chamber,
        pathOf(BY, former, '/status-changes'),
        replacing(certificate),
      )
      expect([answer.status, answer.slug]).toEqual([status, slug])
      expect(JSON.stringify(answer.body)).toContain(why)
    }
    expect(registerOf(BY)).toEqual(before)
    // Nothing of that stands in the way of the right one.
    expect(
      (await ask(chamber, pathOf(BY, former, '/status-changes'), replacing(good))).status,
    ).toBe(201)
  })
})

describe('a request to replace', () => {
  it('may be as long as one that issues, and no longer', async () => {
    const former = await issue(chamber, 'origin-ct1-tractors')
    const certificate = await successorOf(former)
    const items = certificate['items'] as { description: string }[]
    const description = 'т'.repeat(2000)
    const many = Array.from({ length: 100 }, (_, n) => ({ ...items[0]!, n: n + 1, description }))
    const path = pathOf(nodes.BY, former, '/status-changes')
    const answer = await ask(chamber, path, replacing({ ...certificate, items: many }))
    expect([answer.status, answer.slug, answer.body['maxBytes']]).toEqual([
      413,
      'body-too-large',
      262_144,
    ])
  })
})

describe('a certificate', () => {
  it('is replaced once: the next successor is refused, and so is annulment', async () => {
    const { BY } = nodes
    const former = await issue(chamber, 'origin-ct1-tractors')
    const path = pathOf(BY, former, '/status-changes')
    expect((await ask(chamber, path, replacing(await successorOf(former)))).status).toBe(201)
    const before = registerOf(BY)
    for (const body of [
      replacing(await successorOf(former)),
      { change: 'annul', effectiveFrom: today, reason },
    ])
      expect(await ask(chamber, path, body)).toMatchObject({
        status: 409,
        slug: 'change-not-permitted',
        body: { reason: 'not-from-this-state', certificateStatus: 'replaced' },
      })
    expect(registerOf(BY)).toEqual(before)
  })

  it('that is annulled is not replaced, nor is its successor issued alone', async () => {
    const { BY } = nodes
    const former = await issue(chamber, 'origin-ct1-tractors')
    const path = pathOf(BY, former, '/status-changes')
    expect(
      (await ask(chamber, path, { change: 'annul', effectiveFrom: today, reason })).status,
    ).toBe(201)
    const certificate = await successorOf(former)
    expect((await ask(chamber, path, replacing(certificate))).body).toMatchObject({
      reason: 'not-from-this-state',
      certificateStatus: 'annulled',
    })
    const alone = await ask(chamber, '/v1/certificates', { certificate })
    expect(alone.slug).toBe('rule-violation')
    expect(JSON.stringify(alone.body['findings'])).toContain('ORI-REMARK-TARGET')
  })

  it('of rivals at the same time, one wins and the others leave nothing behind', async () => {
    const { BY } = nodes
    for (let round = 0; round < 4; round++) {
      const former = await issue(chamber, 'origin-ct1-tractors')
      const path = pathOf(BY, former, '/status-changes')
      const certificates = await Promise.all([1, 2, 3].map(() => successorOf(former)))
      const before = rowsOf(BY, 'certificates').length
      const answers = await Promise.all([
        ...certificates.map((certificate) => ask(chamber, path, replacing(certificate))),
        ask(chamber, path, replacing(certificates[0])),
        ask(chamber, path, { change: 'annul', effectiveFrom: today, reason }),
      ])
      const made = answers.filter(({ status }) => status === 201)
      expect(made).toHaveLength(1)
      for (const { status, slug, body } of answers.filter(({ status }) => status !== 201))
        if (status === 200) expect(body).toEqual(made[0]!.body)
        else expect([status, slug]).toEqual([409, 'change-not-permitted'])
      const replaced = made[0]!.body['status'] === 'replaced'
      expect(rowsOf(BY, 'certificates').length - before).toBe(replaced ? 1 : 0)
    }
  })

  it('and two others of one successor number: one is replaced, the other stands', async () => {
    const { BY } = nodes
    const formers = [
      await issue(chamber, 'origin-ct1-tractors'),
      await issue(chamber, 'origin-ct1-tractors'),
    ]
    const [first, second] = await Promise.all(formers.map(successorOf))
    const answers = await Promise.all([
      ask(chamber, pathOf(BY, formers[0]!, '/status-changes'), replacing(first)),
      ask(
        chamber,
        pathOf(BY, formers[1]!, '/status-changes'),
        replacing({ ...second!, number: first!.number }),
      ),
    ])
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]))
    expect(answers.find(({ status }) => status === 409)?.slug).toBe('certificate-exists')
    const statuses = formers.map(
      ({ sha256 }) =>
        rowsOf(BY, 'certificates').find((row) => row['sha256'] === sha256)?.['status'],
    )
    expect(new Set(statuses)).toEqual(new Set(['issued', 'replaced']))
  })
})

describe('a chain of replacements', () => {
  it('is shown whole from each of its certificates, at both nodes', async () => {
    const { BY, UZ } = nodes
    const first = await issue(chamber, 'origin-ct1-tractors')
    const chain: { number: string; type: string; sha256: string; [member: string]: unknown }[] = [
      first,
    ]
    let last = ''
    for (let n = 0; n < 3; n++) {
      const former = chain.at(-1)!
      const certificate = await successorOf(former)
      const { status, body } = await ask(
        chamber,
        pathOf(BY, former, '/status-changes'),
        replacing(certificate),
      )
      expect(status, JSON.stringify(body)).toBe(201)
      last = body['sha256'] as string
      chain.push({ ...certificate, sha256: (body['replacement'] as { sha256: string }).sha256 })
    }
    await decisionAt(BY, 'UZ', last)
    const numbers = chain.map(({ number }) => number)
    for (const client of [chamber, customs])
      for (const [i, certificate] of chain.entries()) {
        const { body } = await ask(client, pathOf(BY, certificate))
        const shown = (side: string) =>
          ((body[side] ?? []) as { number: string }[]).map(({ number }) => number)
        expect(shown('replaces')).toEqual(numbers.slice(0, i).reverse())
        expect(shown('replacedBy')).toEqual(numbers.slice(i + 1))
        expect(body['status']).toBe(i === 3 ? 'issued' : 'replaced')
      }
    expect(rowsOf(UZ, 'decisions').every(({ outcome }) => outcome === 'accepted')).toBe(true)
  })

  it('shows nobody what is not theirs to see', async () => {
    const { BY } = nodes
    const former = await issue(chamber, 'origin-ct1-tractors')
    const certificate = await successorOf(former)
    const { body } = await ask(
      chamber,
      pathOf(BY, former, '/status-changes'),
      replacing(certificate),
    )
    const stranger = await BY.client('issuer', 'BY.TESTCERT')
    const answer = await ask(stranger, '/v1/validations', {
      context: { officer: 'Test', purpose: 'test' },
      items: [{ document: former.document }],
    })
    const [report] = answer.body['reports'] as Report[]
    expect(report).toMatchObject({ answer: 'not-usable', reasons: ['replaced'] })
    const { sha256 } = body['replacement'] as { sha256: string }
    expect(report!.replacedBy).toEqual([{ sha256, held: false }])
    expect(JSON.stringify(report)).not.toContain(certificate.number)
  })
})

it('everything above follows from the logs of both nodes', async () => {
  await expectLogsToTell(nodes.BY, nodes.UZ)
})
