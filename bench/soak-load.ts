import { generateKeyPairSync } from 'node:crypto'
import { join } from 'node:path'
import type { JWK } from 'jose'
import { dayAt } from '../src/certificate/day.ts'
import { demoCertificate } from '../src/cli/demo/documents.ts'
import type { ClientRole } from '../src/http/stores.ts'
import { type ApiClient, apiClient } from '../src/node/api-client.ts'
import type { PreparedState } from '../src/node/dev-state.ts'
import { SqliteDatabase } from '../src/node/sqlite-database.ts'
import { sqlClientStore } from '../src/storage/client-store.ts'

export interface SoakClients {
  readonly chamber: ApiClient
  readonly customs: ApiClient
  readonly auditor: ApiClient
  /** Of the issuing node; lists that anybody may read. */
  readonly url: string
  /** Whether the nodes have each other's trust data, and have spoken. */
  haveMet(): Promise<boolean>
  /** Documents without a decision of the other state. */
  undecided(): Promise<number>
}

/** Client systems of two nodes that do not run yet. */
export async function registerSoakClients(
  BY: PreparedState,
  UZ: PreparedState,
): Promise<SoakClients> {
  const chamber = await register(BY, 'issuer', 'BY.CCI')
  const auditor = await register(BY, 'auditor', 'BY.STATE')
  const customs = await register(UZ, 'customs', 'UZ.CUSTOMS')
  return {
    chamber,
    customs,
    auditor,
    url: BY.url,
    async haveMet() {
      const { peers } = await peersOf(auditor)
      return peers.length > 0 && peers.every((peer) => peer.trustCheckedAt && peer.lastHeardAt)
    },
    async undecided() {
      const { peers } = await peersOf(auditor)
      return peers.reduce((sum, { undecided }) => sum + undecided, 0)
    },
  }
}

async function peersOf(auditor: ApiClient) {
  const { body } = await auditor.get('/v1/peers')
  return body as {
    peers: { undecided: number; trustCheckedAt?: string; lastHeardAt?: string }[]
  }
}

async function register(state: PreparedState, role: ClientRole, party: string): Promise<ApiClient> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const privateJwk = privateKey.export({ format: 'jwk' }) as JWK
  const { d: _, ...jwk } = privateJwk
  const database = new SqliteDatabase(join(state.data, 'node.sqlite'))
  try {
    const id = `soak-${role}`
    await sqlClientStore(database).register({ id, role, party, jwk }, new Date().toISOString())
    const headers = { 'Access-Officer': 'Soak', 'Access-Purpose': 'soak' }
    return apiClient({ url: state.url, clientId: id, privateJwk, headers })
  } finally {
    database.close()
  }
}

interface Issued {
  readonly number: string
  readonly document: string
}

/** So many of those issued last are asked about; the script must not be what grows. */
const REMEMBERED = 200
/** Of every 100 calls. */
const MIX = {
  issue: 25,
  validate: 25,
  annul: 5,
  read: 15,
  search: 15,
  'status list': 10,
  events: 5,
}
type Kind = keyof typeof MIX
/** Calls in flight at most: a slow node is asked less. */
const IN_FLIGHT = 16

export interface SoakLoad {
  /** Rates since the last call of this, and errors since the beginning. */
  since(seconds: number): { rates: ReadonlyMap<string, number>; errors: number }
  /** Ends after the calls in flight; everything that went wrong. */
  stop(): Promise<readonly string[]>
}

export function startSoakLoad(clients: SoakClients, callsPerSecond: number): SoakLoad {
  const { chamber, customs, auditor, url } = clients
  const today = dayAt(new Date(), 180)
  const kinds = Object.entries(MIX).flatMap(([kind, n]) =>
    Array.from({ length: n }, () => kind as Kind),
  )
  const issued: Issued[] = []
  const errors: string[] = []
  const done = new Map<string, number>()
  const inFlight = new Set<Promise<void>>()
  let serial = 0
  let cursor: string | undefined

  const any = () => issued[Math.floor(Math.random() * issued.length)]
  const expectStatus = (what: string, status: number, ...expected: number[]) => {
    if (!expected.includes(status)) throw new Error(`${what}: HTTP ${status}`)
  }
  const tasks: Record<Kind, () => Promise<unknown>> = {
    async issue() {
      const certificate = await demoCertificate('origin-ct1-tractors', today, ++serial)
      const { status, body } = await chamber.post('/v1/certificates', { certificate })
      expectStatus('issue', status, 201)
      const { document } = body as { document: string }
      issued.push({ number: certificate.number, document })
      if (issued.length > REMEMBERED) issued.shift()
    },
    async validate() {
      const asked = any()
      if (!asked) return
      const context = { officer: 'Soak', purpose: 'soak' }
      const items = [{ document: asked.document }]
      const { status } = await customs.post('/v1/validations', { context, items })
      expectStatus('validate', status, 200)
    },
    async annul() {
      const gone = issued.shift()
      if (!gone) return
      const path = `/v1/certificates/BY/origin.ct1/${gone.number}/status-changes`
      const change = { change: 'annul', effectiveFrom: today, reason: 'проверка выносливости' }
      expectStatus('annul', (await chamber.post(path, change)).status, 201)
    },
    async read() {
      const asked = any()
      if (!asked) return
      const path = `/v1/certificates/BY/origin.ct1/${asked.number}`
      expectStatus('read', (await auditor.get(path)).status, 200)
    },
    async search() {
      const query = issued.length % 2 === 0 ? 'hs=8701&limit=10' : 'party=гомсель&limit=10'
      expectStatus('search', (await auditor.get(`/v1/certificates?${query}`)).status, 200)
    },
    async 'status list'() {
      const { status } = await fetch(`${url}/status/1`).then(async (response) => {
        await response.arrayBuffer()
        return response
      })
      // Before the first certificate there is no list.
      expectStatus('status list', status, 200, 404)
    },
    async events() {
      const after = cursor === undefined ? '' : `&after=${encodeURIComponent(cursor)}`
      const { status, body } = await chamber.get(`/v1/events?limit=100${after}`)
      expectStatus('events', status, 200)
      cursor = (body as { next: string }).next
    },
  }

  const timer = setInterval(() => {
    if (inFlight.size >= IN_FLIGHT) return
    const kind = kinds[Math.floor(Math.random() * kinds.length)]!
    const call = tasks[kind]()
      .then(() => void done.set(kind, (done.get(kind) ?? 0) + 1))
      .catch((error: unknown) => void errors.push(`${kind}: ${String(error)}`))
      .finally(() => inFlight.delete(call))
    inFlight.add(call)
  }, 1000 / callsPerSecond)

  return {
    since(seconds) {
      const rates = new Map([...done].map(([kind, n]) => [kind, n / seconds] as const))
      done.clear()
      return { rates, errors: errors.length }
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(inFlight)
      return errors
    },
  }
}
