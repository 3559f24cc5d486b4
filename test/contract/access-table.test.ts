import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import type { Caller } from '../../src/http/caller.ts'
import { ROLES } from '../../src/http/caller.ts'
import { PROBLEM_MEDIA_TYPE } from '../../src/http/problem.ts'
import { PROBLEMS } from '../../src/http/problem-registry.ts'
import type { RouteDeclaration } from '../../src/http/route.ts'
import type { RoutedApp } from '../../src/http/routed-app.ts'
import { CLIENT_ROLES } from '../../src/http/stores.ts'
import { tokenDigest } from '../../src/http/routes/oauth.ts'
import { type Peer, peerOf, signedHeaders } from '../support/sign-as.ts'
import { startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

/** What only asks, with a body. */
const ASKED_BY_POST: readonly string[] = ['/v1/validations', '/trust/ocsp']

/** What the signature of a listed log opens, under the checkpoint itself (C2SP tlog-witness). */
const OPENED_BY_CONTENT: readonly string[] = ['/witness/add-checkpoint']

const FEWEST_ROUTES = 25

/** Values for path parameters; what is not here becomes `x`, which is malformed nearly everywhere. */
const SAMPLES: Readonly<Record<string, string>> = {
  state: 'BY',
  type: 'origin.ct1',
  number: 'BYUZ6001999999',
  id: randomUUID(),
  version: '1',
  ski: 'ab',
}

let nodes: TwoNodes
let app: RoutedApp<Caller>
let routes: readonly RouteDeclaration[]
let peer: Peer
const tokens = new Map<string, string>()

beforeAll(async () => {
  // Every wrong credential at every route comes from one address.
  nodes = await startTwoNodes({ limits: { rates: 'off' } })
  const { deps } = nodes.UZ.running
  app = createApp(deps)
  routes = app.routes.map(({ route }) => route)
  peer = await peerOf(nodes.BY)
  const tokenFor = async (client: string, lifetimeMs: number) => {
    const token = randomBytes(32).toString('base64url')
    const expiresAt = `${new Date(Date.now() + lifetimeMs).toISOString().slice(0, 19)}Z`
    await deps.tokens.insert(await tokenDigest(token), client, expiresAt)
    return token
  }
  for (const role of CLIENT_ROLES) {
    const { id } = await nodes.UZ.client(role, role === 'issuer' ? 'UZ.EXPERTIZA' : 'UZ.STATE')
    tokens.set(role, await tokenFor(id, 600_000))
    tokens.set(`expired ${role}`, await tokenFor(id, -1_000))
    const { id: disabled } = await nodes.UZ.client(role, 'UZ.EXPERTIZA')
    tokens.set(`disabled ${role}`, await tokenFor(disabled, 600_000))
    await deps.clients.disable(disabled, new Date().toISOString())
  }
  tokens.set('unknown token', randomBytes(32).toString('base64url'))
  tokens.set('malformed token', 'Robert"); DROP TABLE clients;--')
})
afterAll(() => nodes.close())

const CREDENTIALS = [
  ...ROLES,
  ...CLIENT_ROLES.flatMap((role) => [`expired ${role}`, `disabled ${role}`]),
  'unknown token',
  'malformed token',
  'signature of an unknown key',
] as const

describe('access', () => {
  it(`is decided for at least ${FEWEST_ROUTES} routes`, () => {
    expect(routes.length).toBeGreaterThanOrEqual(FEWEST_ROUTES)
  })

  it('is given to the callers that a route names, and to nobody else', async () => {
    const wrong: string[] = []
    for (const route of routes)
      for (const credential of CREDENTIALS) {
        const { status, slug } = await ask(route, credential)
        const expected = expectation(route, credential)
        const got = status === 401 || status === 403 ? `${status} ${slug}` : 'in'
        if (got !== expected || status >= 500)
          wrong.push(`${name(route)} by ${credential}: ${status} ${slug}, expected ${expected}`)
      }
    expect(wrong).toEqual([])
  })

  it('keeps the powers apart, whatever the routes declare', () => {
    const writes = routes.filter(
      ({ method, path }) => method !== 'get' && !ASKED_BY_POST.includes(path),
    )
    for (const { callers, path } of writes) {
      const roles: readonly string[] = callers
      expect(roles.includes('issuer') && roles.includes('customs'), path).toBe(false)
      expect(roles.includes('auditor'), `an auditor writes at ${path}`).toBe(false)
      if (!path.startsWith('/oauth/') && !OPENED_BY_CONTENT.includes(path))
        expect(roles, path).not.toContain('public')
    }
    for (const { callers, path, method } of routes) {
      const roles: readonly string[] = callers
      const isOfLog = path.startsWith('/log/')
      expect(roles.includes('peer'), path).toBe(path.startsWith('/exchange/') || isOfLog)
      if (roles.includes('peer') && !isOfLog) expect(roles, path).toEqual(['peer'])
      if (isOfLog) expect(method, path).toBe('get')
      if (path.startsWith('/v1/admin/')) expect(roles, path).toEqual(['authority'])
    }
  })

  it('stands in this table, so that a change of it is seen in review', async () => {
    const table: string[] = []
    for (const route of routes) {
      const cells: string[] = []
      for (const role of ROLES) {
        const { status } = await ask(route, role)
        cells.push((status === 401 || status === 403 ? String(status) : 'yes').padEnd(9))
      }
      table.push(`${cells.join(' ')} ${name(route)}`)
    }
    const head = ROLES.map((role) => role.padEnd(9)).join(' ')
    expect(`\n${[head, ...table.toSorted(byPath)].join('\n')}\n`).toMatchInlineSnapshot(`
      "
      issuer    customs   authority auditor   peer      public   
      yes       yes       yes       yes       yes       yes       GET /docs
      403       403       403       403       yes       401       GET /exchange/v1/feed
      403       403       403       403       yes       401       POST /exchange/v1/messages
      403       403       403       403       yes       401       GET /exchange/v1/own-log
      403       403       403       403       yes       401       GET /exchange/v1/own-log/documents
      403       403       403       403       yes       401       GET /exchange/v1/own-log/leaves
      403       403       403       403       yes       401       POST /exchange/v1/receipts
      403       403       403       403       yes       401       GET /exchange/v1/reconciliation
      yes       yes       yes       yes       yes       yes       GET /health
      403       403       yes       yes       yes       401       GET /log/checkpoint
      403       403       yes       yes       yes       401       GET /log/proof/{digest}
      403       403       yes       yes       yes       401       GET /log/tile/{path*}
      yes       yes       yes       yes       yes       yes       POST /oauth/token
      yes       yes       yes       yes       yes       yes       GET /openapi.json
      yes       yes       yes       yes       yes       yes       GET /problems
      yes       yes       yes       yes       yes       yes       GET /problems/{slug}
      yes       yes       yes       yes       yes       yes       GET /ready
      yes       yes       yes       yes       yes       yes       GET /reasons
      yes       yes       yes       yes       yes       yes       GET /reasons/{code}
      yes       yes       yes       yes       yes       yes       GET /rules
      yes       yes       yes       yes       yes       yes       GET /rules/{rule}
      yes       yes       yes       yes       yes       yes       GET /status/{id}
      yes       yes       yes       yes       yes       yes       GET /trust/crls/{ski}.crl
      yes       yes       yes       yes       yes       yes       GET /trust/list
      yes       yes       yes       yes       yes       yes       GET /trust/list/{version}
      yes       yes       yes       yes       yes       yes       POST /trust/ocsp
      403       403       yes       yes       401       401       GET /v1/accesses
      403       403       yes       yes       401       401       GET /v1/admin-acts
      403       403       yes       403       401       401       POST /v1/admin/crls
      403       403       yes       403       401       401       POST /v1/admin/ocsp-responses
      403       403       yes       403       401       401       POST /v1/admin/trust-approvals
      403       403       yes       403       401       401       POST /v1/admin/trust-lists
      403       403       yes       403       401       401       POST /v1/admin/trust-proposals
      403       403       yes       yes       401       401       GET /v1/alarms
      403       403       yes       403       401       401       POST /v1/attestations
      403       403       yes       yes       401       401       GET /v1/audit/checkpoints
      403       403       yes       yes       401       401       GET /v1/audit/coverings
      403       403       yes       yes       401       401       GET /v1/audit/documents
      403       403       yes       yes       401       401       GET /v1/audit/rows/{table}
      403       403       yes       yes       401       401       GET /v1/audit/statuses
      403       403       yes       yes       401       401       GET /v1/audit/trust
      yes       403       403       403       401       401       POST /v1/certificates
      yes       yes       yes       yes       401       401       GET /v1/certificates
      yes       403       403       403       401       401       POST /v1/certificates/batch
      yes       yes       yes       yes       401       401       GET /v1/certificates/by-number
      403       403       yes       yes       401       401       GET /v1/certificates/by-number/accesses
      yes       403       yes       yes       401       401       GET /v1/certificates/by-number/delivery
      yes       yes       yes       yes       401       401       GET /v1/certificates/by-number/document
      yes       yes       yes       yes       401       401       GET /v1/certificates/by-number/evidence
      yes       403       403       403       401       401       POST /v1/certificates/by-number/second-signatures
      yes       yes       yes       yes       401       401       GET /v1/certificates/by-number/second-signatures
      yes       403       yes       403       401       401       POST /v1/certificates/by-number/status-changes
      yes       yes       yes       yes       401       401       GET /v1/certificates/by-number/status-changes
      yes       403       403       403       401       401       POST /v1/certificates/prepare
      yes       yes       yes       yes       401       401       GET /v1/certificates/{state}/{type}/{number}
      403       403       yes       yes       401       401       GET /v1/certificates/{state}/{type}/{number}/accesses
      yes       403       yes       yes       401       401       GET /v1/certificates/{state}/{type}/{number}/delivery
      yes       yes       yes       yes       401       401       GET /v1/certificates/{state}/{type}/{number}/document
      yes       yes       yes       yes       401       401       GET /v1/certificates/{state}/{type}/{number}/evidence
      yes       403       403       403       401       401       POST /v1/certificates/{state}/{type}/{number}/second-signatures
      yes       yes       yes       yes       401       401       GET /v1/certificates/{state}/{type}/{number}/second-signatures
      yes       403       yes       403       401       401       POST /v1/certificates/{state}/{type}/{number}/status-changes
      yes       yes       yes       yes       401       401       GET /v1/certificates/{state}/{type}/{number}/status-changes
      yes       yes       yes       yes       401       401       GET /v1/events
      403       403       yes       yes       401       401       GET /v1/log-forks
      403       403       yes       yes       401       401       GET /v1/lost-documents
      403       yes       yes       403       401       401       GET /v1/officials
      403       403       yes       yes       401       401       GET /v1/peers
      403       403       yes       yes       401       401       GET /v1/peers/{peer}/arrivals/{digest}
      403       403       yes       yes       401       401       GET /v1/peers/{peer}/completeness
      403       403       yes       yes       401       401       GET /v1/peers/{peer}/log-proof
      403       403       yes       yes       401       401       GET /v1/peers/{peer}/reconciliations
      yes       yes       yes       yes       yes       yes       GET /v1/rules
      403       403       yes       403       401       401       POST /v1/security-notices
      403       yes       yes       yes       401       401       GET /v1/security-notices
      403       yes       yes       yes       401       401       GET /v1/security-notices/{sha256}/certificates
      403       403       yes       yes       401       401       GET /v1/trust/decisions
      403       403       yes       yes       401       401       GET /v1/trust/revocation
      yes       yes       yes       yes       401       401       POST /v1/validations
      yes       yes       yes       yes       401       401       GET /v1/validations/{id}
      403       403       yes       yes       401       401       GET /v1/warnings
      yes       yes       yes       yes       yes       yes       POST /witness/add-checkpoint
      "
    `)
  })
})

function name({ method, path }: RouteDeclaration): string {
  return `${method.toUpperCase()} ${path}`
}

function byPath(a: string, b: string): number {
  const [x = '', y = ''] = [a, b].map((line) => line.split(' /')[1])
  return x < y ? -1 : x > y ? 1 : a < b ? -1 : 1
}

/** What the declaration of a route means for these credentials. */
function expectation({ callers }: RouteDeclaration, credential: string): string {
  const named: readonly string[] = callers
  if (named.includes('public')) {
    // Bad credentials are looked at only where they could matter.
    const looks = named.some((role) => role !== 'public')
    if (!looks || (ROLES as readonly string[]).includes(credential)) return 'in'
  }
  if (named.includes(credential)) return 'in'
  const onlyPeers = named.every((role) => role === 'peer')
  if (credential === 'signature of an unknown key')
    return named.includes('peer') ? '401 unknown-peer' : '401 unauthenticated'
  if (credential === 'public' || credential === 'peer')
    return onlyPeers ? '401 signature-required' : '401 unauthenticated'
  if ((CLIENT_ROLES as readonly string[]).includes(credential)) return '403 forbidden'
  return '401 invalid-token'
}

/** A request that goes as far as authorization and then fails: nothing is read or written by it. */
async function ask(
  { method, path, body }: RouteDeclaration,
  credential: string,
): Promise<{ status: number; slug: string }> {
  const url = nodes.UZ.url + path.replace(/\{(\w+)\*?\}/g, (_, key: string) => SAMPLES[key] ?? 'x')
  const text = body ? '{}' : ''
  const headers: Record<string, string> = text === '' ? {} : { 'content-type': 'application/json' }
  const token = tokens.get(credential)
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  if (credential === 'peer' || credential === 'signature of an unknown key') {
    const keyid = credential === 'peer' ? peer.keyid : randomBytes(32).toString('base64url')
    const deviation = { method: method.toUpperCase(), keyid }
    Object.assign(headers, await signedHeaders(peer, nodes.UZ, url, text, deviation))
  }
  const init = { method: method.toUpperCase(), headers, ...(text !== '' && { body: text }) }
  const response = await app.hono.request(url, init)
  const answer = await response.text()
  if (response.status < 400) return { status: response.status, slug: '' }
  expect(response.headers.get('content-type'), `${path} by ${credential}`).toBe(PROBLEM_MEDIA_TYPE)
  const problem = JSON.parse(answer) as { type: string; status: number }
  const slug = problem.type.slice(problem.type.lastIndexOf('/') + 1)
  expect(Object.keys(PROBLEMS), `${path} by ${credential}`).toContain(slug)
  expect(problem.status).toBe(response.status)
  if (response.status === 401) expect(response.headers.get('www-authenticate')).toBeTruthy()
  return { status: response.status, slug }
}
