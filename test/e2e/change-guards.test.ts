import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCertificateId } from '../../src/certificate/certificate-id.ts'
import { addDays, addMonths, dayAt } from '../../src/certificate/day.ts'
import { documentTypeNamed } from '../../src/certificate/document-types.ts'
import { type DemoCertificate, demoCertificate } from '../../src/cli/demo/documents.ts'
import { changeSigned } from '../../src/exchange/issuing/change-signed.ts'
import { changeStatus, MAX_CHANGES } from '../../src/exchange/issuing/change-status.ts'
import { replaceCertificate } from '../../src/exchange/issuing/replace.ts'
import type { Seal } from '../../src/jose/sign.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import {
  ask,
  decisionAt,
  issue,
  type Issued,
  pathOf,
  successorOf,
  validated,
} from '../support/changes.ts'
import { startChangingStates } from '../support/changing-states.ts'
import { today } from '../support/day.ts'
import { digest, forge, freshCertificate, sealOf } from '../support/hostile.ts'
import { eventually, type TestNode } from '../support/two-nodes.ts'

let nodes: Awaited<ReturnType<typeof startChangingStates>>
let chamber: ApiClient
let certifier: ApiClient
let authority: ApiClient
let own: ApiClient
let customs: ApiClient
beforeAll(async () => {
  nodes = await startChangingStates()
  chamber = await nodes.BY.client('issuer', 'BY.CCI')
  certifier = await nodes.BY.client('issuer', 'BY.GOSSTANDART.TESTCERT')
  authority = await nodes.BY.client('authority', 'BY.GOSSTANDART')
  own = await nodes.BY.client('issuer', 'BY.CCI.002')
  customs = await nodes.UZ.client('customs', 'UZ.CUSTOMS')
})
afterAll(() => nodes.close())

const words = { effectiveFrom: today, reason: 'Решение органа' }
const CERTIFIER = { role: 'issuer', party: 'BY.GOSSTANDART.TESTCERT' } as const

function change(client: ApiClient, certificate: Issued, body: object, from: TestNode = nodes.BY) {
  return ask(client, pathOf(from, certificate, '/status-changes'), { ...words, ...body })
}

async function changed(client: ApiClient, certificate: Issued, body: object) {
  const answer = await change(client, certificate, body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body as { sha256: string; document: string; status: string }
}

function idOf({ type, number }: { type: string; number: string }) {
  return parseCertificateId({ state: 'BY', type, number })!
}

/** The issuing node some days later. */
function later(days: number) {
  return { ...nodes.BY.running.deps, now: () => new Date(Date.now() + days * 86_400_000) }
}

/** A certificate of the body that keeps its own seal. */
function ofOwn<C extends DemoCertificate>(certificate: C): C {
  const issuer = { ...(certificate['issuer'] as object), code: '002' }
  return { ...certificate, number: certificate.number.replace(/^(.{5})001/, '$1002'), issuer }
}

/** The seal, with one signature for the same bytes, as Ed25519 has. */
function deterministic(seal: Seal): Seal {
  const signatures = new Map<string, Uint8Array<ArrayBuffer>>()
  const sign = async (bytes: Uint8Array<ArrayBuffer>) => {
    const key = Buffer.from(bytes).toString('latin1')
    const signature = signatures.get(key) ?? (await seal.key.sign(bytes))
    signatures.set(key, signature)
    return signature
  }
  return { ...seal, key: { ...seal.key, sign } }
}

describe('what takes reliance away has effect from whatever day it names', () => {
  it('an annulment dated the day before certification ends the certificate at both nodes', async () => {
    const certificate = await issue(chamber, 'origin-ct1-tractors')
    const made = await changed(chamber, certificate, {
      change: 'annul',
      effectiveFrom: addDays(today, -1),
    })
    expect(await decisionAt(nodes.BY, 'UZ', made.sha256)).toEqual({
      outcome: 'accepted',
      findings: [],
    })
    expect(await validated(customs, nodes.BY, certificate)).toMatchObject({
      answer: 'not-usable',
      reasons: ['annulled'],
      status: { annulledAt: addDays(today, -1) },
    })
  })

  it.each(['suspend', 'terminate', 'archive'])(
    'so does "%s" of a certificate of conformity',
    async (kind) => {
      const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
      const effectiveFrom = addDays(today, -1)
      const made = await changed(certifier, certificate, { change: kind, effectiveFrom })
      expect(await decisionAt(nodes.BY, 'UZ', made.sha256)).toMatchObject({ outcome: 'accepted' })
      expect(await validated(customs, nodes.BY, certificate)).toMatchObject({
        answer: 'not-usable',
        reasons: [made.status],
      })
    },
  )
})

describe('an expired certificate', () => {
  async function ending(lastDay: string): Promise<Issued> {
    const certificate = {
      ...(await freshCertificate('conformity-eaeu-certificate')),
      validUntil: lastDay,
    }
    const { status, body } = await ask(certifier, '/v1/certificates', { certificate, to: ['UZ'] })
    expect(status, JSON.stringify(body)).toBe(201)
    return {
      ...certificate,
      sha256: body['sha256'] as string,
      document: body['document'] as string,
    }
  }

  it('is not extended, suspended or terminated by an earlier date, and may be annulled', async () => {
    const certificate = await ending(today)
    const tomorrow = changeStatus(later(1))
    for (const request of [
      { ...words, change: 'extend', validUntil: addMonths(today, 12) },
      { ...words, change: 'suspend' },
      { ...words, change: 'terminate' },
    ] as const)
      expect(await tomorrow(idOf(certificate), CERTIFIER, request)).toEqual({
        outcome: 'not-permitted',
        reason: 'not-from-this-state',
        status: 'expired',
      })
    expect(
      await tomorrow(idOf(certificate), CERTIFIER, { ...words, change: 'annul' }),
    ).toMatchObject({ outcome: 'changed', status: 'annulled' })
  })

  it('is extended on its last day', async () => {
    const lastDay = dayAt(new Date(), 180)
    const certificate = await ending(lastDay)
    const validUntil = addMonths(lastDay, 12)
    await changed(certifier, certificate, { change: 'extend', validUntil })
  })

  it('is not replaced by an earlier date', async () => {
    const former = await issue(chamber, 'origin-ct1-tractors')
    const outcome = await replaceCertificate(later(400))(
      idOf(former),
      { role: 'issuer', party: 'BY.CCI' },
      {
        ...words,
        type: documentTypeNamed('origin.ct1')!,
        certificate: await successorOf(former),
      },
    )
    expect(outcome).toEqual({
      outcome: 'not-permitted',
      reason: 'not-from-this-state',
      status: 'expired',
    })
  })

  it('is not replaced by an earlier date in a document of the body itself either', async () => {
    // Twelve months end on no 29 February.
    const tomorrow = addDays(today, 1)
    const lastDay = tomorrow.endsWith('-02-29') ? addDays(tomorrow, 1) : tomorrow
    const old = await demoCertificate('origin-ct1-tractors', addMonths(lastDay, -12), 490_001)
    const certificate = ofOwn({ ...old, usableUntil: lastDay })
    const prepared = await ask(own, '/v1/certificates/prepare', { certificate })
    expect(prepared.status, JSON.stringify(prepared.body)).toBe(200)
    const document = await forge(nodes.own.seal, { payload: prepared.body['claims'] })
    const issued = await own.postBytes('/v1/certificates', 'application/jose', document)
    expect(issued.status, JSON.stringify(issued.body)).toBe(201)
    const replacing = await forge(nodes.own.seal, {
      typ: 'status-change+jwt',
      payload: {
        schema: 'status-change/1',
        iss: 'BY.CCI.002',
        aud: ['UZ'],
        target: digest(document),
        change: 'replace',
        replacedBy: digest('the successor'),
        ...words,
      },
    })
    const asked = (days: number) =>
      changeSigned(later(days))(
        idOf(certificate),
        { role: 'issuer', party: 'BY.CCI.002' },
        { document: replacing },
      )
    expect(await asked(0)).toMatchObject({ reason: 'certificate-missing' })
    expect(await asked(3)).toEqual({
      outcome: 'not-permitted',
      reason: 'not-from-this-state',
      status: 'expired',
    })
  })
})

describe('a suspension', () => {
  it('of the authority is not lifted by the body, here or abroad', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const suspended = await changed(authority, certificate, { change: 'suspend' })
    expect(await change(certifier, certificate, { change: 'resume' })).toMatchObject({
      status: 409,
      slug: 'change-not-permitted',
      body: { reason: 'suspended-by-another', certificateStatus: 'suspended' },
    })
    await decisionAt(nodes.BY, 'UZ', suspended.sha256)
    const jws = await forge(await sealOf(nodes.BY, 'BY.GOSSTANDART.TESTCERT'), {
      typ: 'status-change+jwt',
      payload: {
        schema: 'status-change/1',
        iss: 'BY.GOSSTANDART.TESTCERT',
        aud: ['UZ'],
        target: certificate.sha256,
        change: 'resume',
        ...words,
      },
    })
    const { append, outgoing } = nodes.BY.running.deps
    const sha256 = digest(jws)
    await append({ entries: [{ kind: 'unknown', sha256, jws, to: ['UZ'], effects: [] }] })
    outgoing()
    expect(await decisionAt(nodes.BY, 'UZ', sha256)).toEqual({
      outcome: 'refused',
      findings: ['CHANGE-RESERVED-TO-SUSPENDER'],
    })
    expect(await validated(customs, nodes.BY, certificate)).toMatchObject({
      answer: 'not-usable',
      reasons: ['suspended'],
    })
    // What ends it is still the body's.
    expect(await changed(certifier, certificate, { change: 'terminate' })).toMatchObject({
      status: 'terminated',
    })
  })

  it('of the body is lifted by the body, or by the authority above it', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    for (const lifting of [certifier, authority]) {
      await changed(certifier, certificate, { change: 'suspend' })
      const resumed = await changed(lifting, certificate, { change: 'resume' })
      expect(await decisionAt(nodes.BY, 'UZ', resumed.sha256)).toMatchObject({
        outcome: 'accepted',
      })
    }
  })

  it('asked for again in the same words after it was lifted suspends again', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const first = await changed(certifier, certificate, { change: 'suspend' })
    await changed(certifier, certificate, { change: 'resume' })
    const second = await changed(certifier, certificate, { change: 'suspend' })
    expect(second.status).toBe('suspended')
    expect(second.sha256).not.toBe(first.sha256)
    expect(await decisionAt(nodes.BY, 'UZ', second.sha256)).toMatchObject({ outcome: 'accepted' })
  })

  it('does so within the same second, with a seal whose signatures have no randomness', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const { seals } = nodes.BY.running.deps
    const now = new Date()
    const make = changeStatus({
      ...nodes.BY.running.deps,
      now: () => now,
      seals: { ...seals, bodies: seals.bodies.map(deterministic) },
    })
    const made = new Set<string>()
    for (const kind of ['suspend', 'resume', 'suspend', 'resume', 'suspend'] as const) {
      const outcome = await make(idOf(certificate), CERTIFIER, { ...words, change: kind })
      if (outcome.outcome !== 'changed') throw new Error(JSON.stringify(outcome))
      made.add(outcome.sha256)
    }
    expect(made.size).toBe(5)
    for (const sha256 of made)
      expect(await decisionAt(nodes.BY, 'UZ', sha256)).toMatchObject({ outcome: 'accepted' })
  })
})

describe('a successor', () => {
  const replacing = (certificate: unknown) => ({ change: 'replace', certificate })

  it('that names a second replaced certificate is refused, and both stand', async () => {
    const former = await issue(chamber, 'origin-ct1-tractors')
    const second = await issue(chamber, 'origin-ct1-tractors')
    const successor = await successorOf(former)
    const remarks = [successor, await successorOf(second)].flatMap(
      (named) => named['remarks'] as object[],
    )
    const certificate = { ...successor, remarks }
    const answer = await change(chamber, former, replacing(certificate))
    expect([answer.status, answer.slug]).toEqual([422, 'rule-violation'])
    expect(answer.body['findings']).toMatchObject([
      { rule: 'ORI-REMARK-TARGET', path: '/remarks/1' },
    ])
    for (const { number } of [former, second])
      expect((await ask(chamber, `/v1/certificates?number=${number}`)).body).toMatchObject({
        certificates: [{ status: 'issued' }],
      })
  })

  it('of another body of the same organisation is refused', async () => {
    const former = await issue(chamber, 'origin-ct1-tractors')
    const answer = await change(chamber, former, replacing(ofOwn(await successorOf(former))))
    expect([answer.status, answer.slug, answer.body['reason']]).toEqual([
      422,
      'replacement-invalid',
      'other-issuer',
    ])
  })
})

describe('a draft that names certificates of other bodies', () => {
  /** What a body is told of its draft, with the numbers that it gave left out. */
  async function judged(certificate: DemoCertificate, ...numbers: string[]) {
    const { status, body } = await ask(own, '/v1/certificates?check=true', { certificate })
    expect(status, JSON.stringify(body)).toBe(200)
    return numbers.reduce((text, number) => text.replaceAll(number, '…'), JSON.stringify(body))
  }

  it('is judged as if there were none: neither date nor parties are told', async () => {
    const theirs = await issue(chamber, 'origin-ct1-tractors')
    const draft = ofOwn(await freshCertificate('origin-ct1-tractors'))
    const absent = theirs.number.replace(/....$/, '9999')
    const duplicateOf = (refNumber: string) => ({
      ...draft,
      remarks: [{ kind: 'DUPLICATE', text: 'Дубликат', refNumber, refDate: addDays(today, -3) }],
    })
    const seriesWith = (...others: string[]) => ({
      ...draft,
      continuation: { series: [...others, draft.number] },
    })
    for (const naming of [duplicateOf, seriesWith])
      expect(await judged(naming(theirs.number), theirs.number)).toBe(
        await judged(naming(absent), absent),
      )
    // Whoever may see it is told.
    const remarks = duplicateOf(theirs.number).remarks
    const certificate = { ...(await freshCertificate('origin-ct1-tractors')), remarks }
    const { body } = await ask(chamber, '/v1/certificates?check=true', { certificate })
    expect(body['findings']).toContainEqual(
      expect.objectContaining({ rule: 'ORI-REMARK-TARGET', path: '/remarks/0/refDate' }),
    )
  })

  it('is told that the certificate of another state on whose basis it stands is annulled', async () => {
    const expertiza = await nodes.UZ.client('issuer', 'UZ.EXPERTIZA')
    const source = await issue(expertiza, 'origin-ct1-uz-dried-fruit')
    const annulled = await change(expertiza, source, { change: 'annul' }, nodes.UZ)
    expect(annulled.status, JSON.stringify(annulled.body)).toBe(201)
    await eventually('the annulment has arrived', async () => {
      const stored = await nodes.BY.running.deps.certificates.findByDigest(source.sha256)
      return stored?.status === 'annulled'
    })
    const remark = {
      kind: 'ISSUED_ON_BASIS_OF',
      text: 'Сертификат выдан на основании сертификата формы СТ-1',
      refNumber: source.number,
      refDate: today,
    }
    const certificate = { ...(await freshCertificate('origin-ct1-tractors')), remarks: [remark] }
    const { body } = await ask(chamber, '/v1/certificates?check=true', { certificate })
    expect(body['findings']).toContainEqual(
      expect.objectContaining({ rule: 'ORI-REMARK-TARGET', path: '/remarks/0' }),
    )
  })
})

describe('many changes of one certificate', () => {
  it('that others make at the same moment are no fault, however many come first', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const { deps } = nodes.BY.running
    const extended = (days: number) =>
      ({
        ...words,
        change: 'extend',
        validUntil: addDays(addMonths(today, 24), days),
      }) as const
    let rivals = 0
    const raced = changeStatus({
      ...deps,
      append: async (step) => {
        if (rivals < 20) await changeStatus(deps)(idOf(certificate), CERTIFIER, extended(++rivals))
        return deps.append(step)
      },
    })
    expect(await raced(idOf(certificate), CERTIFIER, extended(100))).toMatchObject({
      outcome: 'changed',
      status: 'extended',
    })
    expect(rivals).toBe(20)
  })

  it('have an end for each party, but never for what ends the certificate', async () => {
    const certificate = await issue(certifier, 'conformity-eaeu-certificate', ['UZ'])
    const make = changeStatus(nodes.BY.running.deps)
    for (let n = 0; n < MAX_CHANGES; n++)
      expect(
        await make(idOf(certificate), CERTIFIER, {
          ...words,
          change: n % 2 === 0 ? 'suspend' : 'resume',
        }),
      ).toMatchObject({ outcome: 'changed' })
    expect(await change(certifier, certificate, { change: 'suspend' })).toMatchObject({
      status: 409,
      body: { reason: 'too-many-changes', certificateStatus: 'resumed' },
    })
    // The authority's allowance is its own.
    await changed(authority, certificate, { change: 'suspend' })
    await changed(certifier, certificate, { change: 'terminate' })
    await changed(certifier, certificate, { change: 'annul' })
  })
})
