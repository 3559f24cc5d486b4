import { join } from 'node:path'
import { expect } from 'vitest'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import { digestOf } from '../../src/exchange/validation/authenticate.ts'
import { backgroundWork } from '../../src/exchange/background-work.ts'
import { renewReceipt } from '../../src/exchange/delivery/renew-receipt.ts'
import { publishOfficials } from '../../src/exchange/keep-trust/officials.ts'
import { publishOcsp } from '../../src/exchange/keep-trust/publish-ocsp.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import type { Seal } from '../../src/jose/sign.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { loadKey } from '../../src/node/pki/pki-directory.ts'
import { makeTrustList, signByListSigner, signTrustList } from '../../src/node/trust-list-maker.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { today } from './day.ts'
import { claimsFor, digest, forge, freshCertificate, rowsOf, sealOf } from './hostile.ts'
import { ocspAbout } from './ocsp-about.ts'
import { emptyReconciliation, sendReconciliation } from './reconciling.ts'
import { peerOf, postAs } from './sign-as.ts'
import { attestationBy, startStatesWithServices } from './trust-service.ts'
import { eventually, type TestNode } from './two-nodes.ts'

async function issue(
  client: ApiClient,
  name: string,
  to?: string[],
): Promise<DemoCertificate & { sha256: string }> {
  const certificate = await freshCertificate(name)
  const { status, body } = await client.post('/v1/certificates', { certificate, to })
  expect(status, JSON.stringify(body)).toBe(201)
  return { ...certificate, sha256: (body as { sha256: string }).sha256 }
}

async function annul(client: ApiClient, state: string, { type, number }: DemoCertificate) {
  const path = `/v1/certificates/${state}/${type}/${encodeURIComponent(number)}/status-changes`
  const change = { change: 'annul', effectiveFrom: today, reason: 'Ошибка в графе 3' }
  const { status, body } = await client.post(path, change)
  expect(status, JSON.stringify(body)).toBe(201)
}

/** What one node says of a day on which there was nothing yet, and the other compares. */
async function reconciledDay(BY: TestNode, UZ: TestNode): Promise<void> {
  const jws = await emptyReconciliation(BY, { recipient: 'UZ', until: '2026-01-02T00:00:00Z' })
  const sha256 = await sendReconciliation(BY, jws)
  await eventually('the day was compared', async () => {
    await backgroundWork(UZ.running.deps, []).reconcile('BY')
    return UZ.running.deps.reconciliations.lastVerdict(sha256, 'sent')
  })
}

/** Issues and annulments in both directions while trust data is there, and while it is not. */
async function ordinaryDays(BY: TestNode, UZ: TestNode): Promise<void> {
  const chamber = await BY.client('issuer', 'BY.CCI')
  const certifier = await BY.client('issuer', 'BY.TESTCERT')
  const expert = await UZ.client('issuer', 'UZ.EXPERTIZA')
  const issued = await Promise.all([1, 2, 3, 4, 5].map(() => issue(chamber, 'origin-ct1-tractors')))
  await Promise.all([
    issue(certifier, 'conformity-eaeu-certificate', ['UZ']),
    issue(certifier, 'conformity-eaeu-declaration', ['UZ']),
    annul(chamber, 'BY', issued[0]!),
    annul(chamber, 'BY', issued[1]!),
  ])
  const fruit = await Promise.all([1, 2].map(() => issue(expert, 'origin-ct1-uz-dried-fruit')))
  await annul(expert, 'UZ', fruit[0]!)
  await settled(BY, UZ)

  const database = new SqliteDatabase(join(UZ.data, 'node.sqlite'))
  database.raw.exec(
    "DELETE FROM crls WHERE state = 'BY'; UPDATE node SET trust_revision = trust_revision + 1",
  )
  database.close()
  const late = await issue(chamber, 'origin-ct1-tractors')
  await annul(chamber, 'BY', late)
  await settled(BY, UZ)
  expect(rowsOf(UZ, 'late_receipts')).not.toEqual([])
}

/** What a peer with its real keys may send besides: findings, a conflict, a version nobody knows. */
async function strangeDays(BY: TestNode, UZ: TestNode): Promise<void> {
  const seal = await sealOf(BY, 'BY.CCI.001')
  const peer = await peerOf(BY)
  const first = await freshCertificate()
  const [item] = first['items'] as { netKg: number; grossKg: number }[]
  const lighter = { ...item, grossKg: item!.netKg - 1 }
  const claims = [
    claimsFor(BY, await freshCertificate()),
    claimsFor(BY, first),
    claimsFor(BY, { ...first, issuedOn: first['issuedOn'] }),
    claimsFor(BY, { ...(await freshCertificate()), items: [lighter] }),
    claimsFor(BY, await freshCertificate(), { schema: 'origin.ct1/9' }),
  ]
  const documents = await Promise.all(claims.map((payload) => forge(seal, { payload })))
  const messages = documents.map((document, i) => ({ seq: 1000 + i, document }))
  const answer = await postAs(peer, UZ, '/exchange/v1/messages', { messages })
  expect(answer.status, answer.text).toBe(200)

  const [sent] = rowsOf(BY, 'outgoing') as { sha256: string }[]
  const at = '2026-01-01T00:00:00Z'
  const contradiction = await forge(await sealOf(UZ, 'registry-seal'), {
    typ: 'receipt+jwt',
    payload: {
      schema: 'receipt/1',
      iss: 'UZ.REGISTRY',
      aud: ['BY'],
      decisions: [{ sha256: sent!.sha256, outcome: 'refused', findings: ['CONFLICT'], at }],
    },
  })
  const receipts = { receipts: [contradiction] }
  const taken = await postAs(await peerOf(UZ), BY, '/exchange/v1/receipts', receipts)
  expect(taken.body).toEqual({ taken: [digest(contradiction)] })
}

/** A notice about a seal and what amends it; then one about a CA that stands. */
async function suspicion(BY: TestNode): Promise<void> {
  const authority = await BY.client('authority', 'BY.CCI')
  const { x5tS256 } = await sealOf(BY, 'BY.TESTCERT')
  const from = '2020-01-01T00:00:00Z'
  const tell = async (body: object) => {
    const answer = await authority.post('/v1/security-notices', { reason: 'Проверка', ...body })
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    return (answer.body as { notice: string }).notice
  }
  const declared = { change: 'declare', severity: 'suspected', advice: 'Проверьте' }
  const subject = { state: 'BY', x5tS256 }
  const notice = await tell({ ...declared, subject, measure: 'hold', interval: { from } })
  const interval = { from, until: '2021-01-01T00:00:00Z' }
  await tell({ change: 'narrow', notice, interval })
  await tell({ change: 'release', notice })
  await tell({ ...declared, subject, measure: 'inform', interval })
}

/** A register of officials, for the peer alone. */
async function register(node: TestNode): Promise<void> {
  const list = {
    schema: 'officials-register/1',
    state: node.state,
    version: 1,
    previous: null,
    issuedAt: `${new Date().toISOString().slice(0, 19)}Z`,
    officials: [],
    deputies: [],
  }
  const typ = 'officials-register+jwt'
  const signed = await signByListSigner(typ, list, node.pki, node.passphrase)
  const published = await publishOfficials(node.running.deps)(signed, 'user:test')
  expect(published).toMatchObject({ outcome: 'published' })
  node.running.deps.outgoing()
}

/** A national signature that a service attests. */
async function secondSignatures(BY: TestNode, service: Seal): Promise<void> {
  const chamber = await BY.client('issuer', 'BY.CCI')
  const authority = await BY.client('authority', 'BY.GOSSTANDART')
  const { type, number } = await issue(chamber, 'origin-ct1-tractors')
  const value = 'MIICEXAMPLEA'
  const signature = { over: 'document', container: '1.2.840.113549.1.7.2', value }
  const path = `/v1/certificates/BY/${type}/${encodeURIComponent(number)}/second-signatures`
  const added = await chamber.post(path, signature)
  const { sha256: target } = added.body as { sha256: string }
  const document = await attestationBy(service, { iss: 'BY.NCES', target, value })
  const attested = await authority.post('/v1/attestations', { document })
  expect([added.status, attested.status]).toEqual([201, 201])
}

async function newTrustList(UZ: TestNode): Promise<void> {
  const authority = await UZ.client('authority', 'UZ.EXPERTIZA')
  const { jws } = (await UZ.running.deps.trustStore.newest()).find(({ state }) => state === 'UZ')!
  const list = await makeTrustList({
    pki: UZ.pki,
    bodies: UZ.bodies,
    url: UZ.url,
    now: new Date(),
    validDays: 60,
    previous: { list: TrustList.parse(payloadOf(jws)), sha256: await digestOf(jws) },
  })
  const signed = await signTrustList(list, UZ.pki, UZ.passphrase)
  const { status } = await authority.postBytes('/v1/admin/trust-lists', 'application/jose', signed)
  expect(status).toBe(201)
}

/** What authorities themselves say of keys below them, before anybody asks. */
async function ocspResponses({ running, state, pki, passphrase }: TestNode): Promise<void> {
  const publish = publishOcsp(running.deps)
  const listed = pki.keys.filter(({ purpose }) => purpose === 'document-seal' || purpose === 'node')
  for (const key of listed) {
    const ca = pki.keys.find(({ certificateFile }) => certificateFile === key.chain[1])!
    const pkcs8 = await loadKey(pki, ca, passphrase)
    const by = { certificate: ca.certificate, pkcs8 }
    const { der } = await ocspAbout(key.certificate, by, { at: new Date() })
    expect(await publish(der, state, 'user:test')).toMatchObject({ outcome: 'stored' })
  }
}

async function settled(BY: TestNode, UZ: TestNode): Promise<void> {
  await eventually('everything is delivered and decided', async () =>
    [BY, UZ].every(
      (node) =>
        rowsOf(node, 'outgoing').every(
          ({ received_at: r, outcome }) => r !== null && outcome !== null,
        ) &&
        rowsOf(node, 'late_receipts').every(({ delivered_at: at }) => at !== null) &&
        rowsOf(node, 'inbox').every(({ waits_for: waits }) => waits === null),
    ),
  )
}

/** As if the seal of receipts had ended that the peer never took. */
async function furtherReceipts(node: TestNode): Promise<void> {
  const { deps } = node.running
  const seals = { ...deps.seals, registryFault: () => Promise.resolve('ended') }
  const renew = renewReceipt({ ...deps, seals })
  const receipts = new Set(rowsOf(node, 'decisions').map(({ receipt }) => String(receipt)))
  for (const sha256 of [...receipts].slice(0, 2)) {
    const jws = (await deps.certificates.document(sha256))!
    expect(await renew({ sha256, jws }, 'with-answer')).toBe('renewed')
  }
}

/** Two nodes whose logs hold documents of every kind, decided in every way. */
export async function startFullHistory(): ReturnType<typeof startStatesWithServices> {
  const nodes = await startStatesWithServices()
  const { BY, UZ } = nodes
  await ordinaryDays(BY, UZ)
  await reconciledDay(BY, UZ)
  await strangeDays(BY, UZ)
  await suspicion(BY)
  await secondSignatures(BY, nodes.services.BY)
  await newTrustList(UZ)
  await ocspResponses(BY)
  for (const node of [BY, UZ]) await register(node)
  await settled(BY, UZ)
  for (const node of [BY, UZ]) await furtherReceipts(node)
  return nodes
}
