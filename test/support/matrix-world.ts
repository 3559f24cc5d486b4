import { randomBytes, randomUUID } from 'node:crypto'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import { signRequest } from '../../src/http-signature/sign.ts'
import { tokenDigest } from '../../src/http/routes/oauth.ts'
import { CLIENT_ROLES } from '../../src/http/stores.ts'
import { today } from './day.ts'
import { freshCertificate, stateOf } from './hostile.ts'
import type { Received, Sent } from './matrix.ts'
import type { Peer } from './sign-as.ts'
import { eventually, type TestNode, type TwoNodes } from './two-nodes.ts'

/** Access tokens of a client of every role, and some that admit to nothing. */
export async function issueTokens(node: TestNode): Promise<Map<string, string>> {
  const { tokens: store, clients } = node.running.deps
  const tokens = new Map<string, string>()
  const give = async (name: string, client: string, lifetimeMs: number) => {
    const token = randomBytes(32).toString('base64url')
    const expiresAt = `${new Date(Date.now() + lifetimeMs).toISOString().slice(0, 19)}Z`
    await store.insert(await tokenDigest(token), client, expiresAt)
    tokens.set(name, token)
  }
  const HOUR = 3_600_000
  for (const role of CLIENT_ROLES) {
    const { id } = await node.client(role, role === 'issuer' ? 'BY.CCI' : 'BY.STATE')
    await give(role, id, HOUR)
  }
  await give('other issuer', (await node.client('issuer', 'BY.TESTCERT')).id, HOUR)
  const { id: expired } = await node.client('issuer', 'BY.CCI')
  await give('expired token', expired, -1_000)
  const { id: disabled } = await node.client('authority', 'BY.STATE')
  await give('token of a disabled client', disabled, HOUR)
  await clients.disable(disabled, new Date().toISOString())
  tokens.set('unknown token', randomBytes(32).toString('base64url'))
  tokens.set('garbage token', `"); DROP TABLE clients;--`)
  return tokens
}

/** Headers of a request that a node signed, right in all that is not asked for otherwise. */
export async function signedBy(
  who: Peer,
  recipient: string,
  created: Date,
  request: { method: string; targetUri: string; body: Sent['body']; type: string | undefined },
): Promise<Record<string, string>> {
  const { method, targetUri, body = '', type } = request
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
  const outgoing = {
    method,
    targetUri,
    body: bytes,
    ...(bytes.length > 0 && { contentType: type ?? 'application/json' }),
    sender: who.state,
    recipient,
    messageId: randomBytes(16).toString('base64url'),
  }
  const signer = { key: who.key, keyid: who.keyid, created, nonce: randomBytes(16) }
  const { headers } = await signRequest(outgoing, signer)
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}

/** Something of everything; what routes are called with. */
export async function fill(
  nodes: TwoNodes,
  send: (sent: Sent) => Promise<Received>,
): Promise<Record<string, string[]>> {
  const { BY, UZ } = nodes
  const post = async (path: string, as: string, value: unknown) => {
    const body = JSON.stringify(value)
    const answer = await send({ method: 'POST', path, as, body, type: 'application/json' })
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`)
    return JSON.parse(answer.text) as { sha256: string; reports?: { id: string }[] }
  }
  const own: DemoCertificate = await freshCertificate()
  const { sha256 } = await post('/v1/certificates', 'issuer', { certificate: own })
  const annulled = await freshCertificate()
  await post('/v1/certificates', 'issuer', { certificate: annulled })
  const effectiveFrom = today
  const change = { change: 'annul', effectiveFrom, reason: 'ошибка' }
  const path = `/v1/certificates/BY/origin.ct1/${annulled.number}/status-changes`
  await post(path, 'issuer', change)
  const foreign = await freshCertificate('origin-ct1-uz-dried-fruit')
  const chamber = await UZ.client('issuer', 'UZ.EXPERTIZA')
  const sent = await chamber.post('/v1/certificates', { certificate: foreign })
  const { sha256: arrived } = sent.body as { sha256: string }
  const { reports } = await post('/v1/validations', 'customs', {
    context: { officer: 'Test', purpose: 'test' },
    items: [{ identity: { state: 'BY', type: 'origin.ct1', number: own.number } }],
  })
  await eventually('the nodes are quiet', async () => {
    const waiting = await Promise.all([
      BY.running.deps.outbox.backlog('UZ'),
      UZ.running.deps.outbox.backlog('BY'),
    ])
    const late = await BY.running.deps.outbox.lateReceipts('UZ', 1, 1_000_000)
    const found = await BY.running.deps.certificates.findByDigest(arrived)
    return found && late.length === 0 && waiting.every(({ undecided }) => undecided === 0)
  })
  // From here on nothing changes at this node but by the calls of the matrix.
  await UZ.running.stop()
  // What was under way when the peer stopped is noted a moment after.
  await eventually('nothing changes any more', async () => {
    const before = JSON.stringify(stateOf(BY))
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    return JSON.stringify(stateOf(BY)) === before
  })
  return {
    state: ['BY', 'UZ'],
    peer: ['UZ'],
    type: ['origin.ct1'],
    number: [own.number],
    sha256: [sha256],
    digest: [sha256],
    digests: [sha256],
    id: [reports![0]!.id, '1', randomUUID()],
    version: ['1'],
    ski: ['ab'],
    slug: ['not-found'],
    code: ['revoked'],
    path: ['0/000.p/1'],
    origin: ['exchange.uz/log/1'],
    table: ['accesses', 'admin_acts'],
    index: ['0'],
    after: ['0', sha256],
    upTo: ['1'],
    of: ['sent'],
    limit: ['1'],
    rule: ['ORI-NUM-FORMAT'],
    lang: ['ru'],
    change: ['annul'],
    from: ['2026-01-01'],
    to: ['2030-01-01', 'UZ'],
  }
}
