import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { dayAt } from '../../src/certificate/day.ts'
import { demoCertificate } from '../../src/cli/demo/documents.ts'
import { digestOf } from '../../src/exchange/validation/authenticate.ts'
import { pollTrust } from '../../src/exchange/keep-trust/poll-trust.ts'
import { publishCrl, publishTrustList } from '../../src/exchange/keep-trust/publish-trust.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { signJws } from '../../src/jose/sign.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { openSeal } from '../../src/node/keyring.ts'
import { renewCrls } from '../../src/node/pki/next-crl.ts'
import { loadPkiDirectory, type StoredKey } from '../../src/node/pki/pki-directory.ts'
import { type Renewal, renewKey, type RenewedKey } from '../../src/node/pki/renew.ts'
import { makeTrustList, signTrustList } from '../../src/node/trust-list-maker.ts'
import { TrustList } from '../../src/trust/trust-list.ts'
import { answered, content } from './typed.ts'
import { eventually, prepareTwoStates, startTestNode, type TestNode } from './two-nodes.ts'

type State = 'BY' | 'UZ'
const STATES = ['BY', 'UZ'] as const
const DAY_MS = 86_400_000

/** Belarus rolls its keys over while both states go on with their work; the clock goes as the story wants. */
export interface Rollover {
  readonly BY: TestNode
  readonly UZ: TestNode
  now(): Date
  /** Lets days go by; both states do what is due: CRLs, lists, and each polls the other. */
  pass(days: number): Promise<void>
  /** The ceremony at Belarus: a new key, the next list, a restart with the key. */
  renew(renewal: Pick<Renewal, 'purpose' | 'partyId' | 'from' | 'validity'>): Promise<RenewedKey>
  /** The next list of a state, published at home and fetched by the other. */
  publish(state: State): Promise<TrustList>
  /** Belarus issues, Uzbekistan decides and sends its receipt: the document. */
  trade(): Promise<Traded>
  /** What customs on the other side and the issuing state say of a document. */
  verdicts(document: string): Promise<Verdict[]>
  /** The same content under another number, signed with any key of Belarus's folder, by its own word now. */
  signWith(stored: StoredKey, like: string, signedAt?: Date): Promise<string>
  /** Keys of a purpose in Belarus's folder, the older first. */
  keys(purpose: StoredKey['purpose']): Promise<StoredKey[]>
  close(): Promise<void>
}

export interface Traded {
  readonly document: string
  readonly sha256: string
  /** Thumbprint of the seal. */
  readonly signedBy: string
}

export interface Verdict {
  readonly answer: string
  readonly indication: string
  readonly reasons: readonly string[]
}

const GENUINE: Verdict = { answer: 'usable', indication: 'TOTAL-PASSED', reasons: [] }
export const GENUINE_TO_BOTH = [GENUINE, GENUINE]

export async function startRollover(): Promise<Rollover> {
  const folder = await mkdtemp(join(tmpdir(), 'certex-rollover-'))
  let ahead = 0
  const now = () => new Date(Date.now() + ahead)
  const prepared = await prepareTwoStates(folder)
  const nodes = {
    BY: await startTestNode(prepared.BY, { now }),
    UZ: await startTestNode(prepared.UZ, { now }),
  }
  let serial = 700
  const otherOf = (state: State): State => (state === 'BY' ? 'UZ' : 'BY')
  const poll = async (state: State) => {
    const { deps } = nodes[state].running
    const other = nodes[otherOf(state)]
    expect(await pollTrust({ ...deps, fetch })(other.state, other.url)).toEqual({ ok: true })
  }
  await Promise.all(STATES.map(poll))

  /** As `certex pki renew-crls`, `certex trust issue` and `certex trust publish` do it. */
  async function publish(state: State): Promise<TrustList> {
    const { keys, bodies, url, passphrase, running } = nodes[state]
    const { deps } = running
    const crls = await renewCrls(await loadPkiDirectory(keys), passphrase, now())
    const newest = (await deps.trustStore.newest()).find((list) => list.state === state)!
    const previous = {
      list: TrustList.parse(payloadOf(newest.jws)),
      sha256: await digestOf(newest.jws),
    }
    const pki = await loadPkiDirectory(keys)
    const list = await makeTrustList({ pki, bodies, url, now: now(), validDays: 90, previous })
    for (const crl of crls)
      expect(await publishCrl(deps)(crl, list)).toMatchObject({ outcome: 'stored' })
    const jws = await signTrustList(list, pki, passphrase)
    expect(await publishTrustList(deps)(jws)).toMatchObject({ outcome: 'published' })
    await poll(otherOf(state))
    return list
  }

  const issuers = new Map<TestNode, ApiClient>()
  const clientOf = async (node: TestNode, role: 'issuer' | 'customs', party: string) => {
    const known = issuers.get(node) ?? (await node.client(role, party))
    issuers.set(node, known)
    return known
  }
  const customs = new Map<TestNode, ApiClient>()

  async function trade(): Promise<Traded> {
    const { api } = await clientOf(nodes.BY, 'issuer', 'BY.CCI')
    const sample = await demoCertificate('origin-ct1-tractors', dayAt(now(), 180), ++serial)
    const issued = answered(
      await api.issueCertificate({ body: { certificate: content(sample) } }),
      201,
    )
    const { sha256, document } = issued.body
    const params = { state: 'BY', type: sample.type, number: sample.number }
    const delivery = await eventually('a decision', async () => {
      const answer = answered(await api.getDelivery({ params }), 200)
      const [view] = answer.body.certificate
      return view?.state === 'decided' && view
    })
    expect(delivery).toMatchObject({ recipient: 'UZ', outcome: 'accepted', findings: [] })
    return { document, sha256, signedBy: headerOf(document)['x5t#S256'] }
  }

  async function verdicts(document: string): Promise<Verdict[]> {
    return Promise.all(
      [nodes.UZ, nodes.BY].map(async (node) => {
        const client = customs.get(node) ?? (await node.client('customs', `${node.state}.CUSTOMS`))
        customs.set(node, client)
        const { body } = await client.post('/v1/validations', {
          context: { officer: 'Test', purpose: 'test' },
          items: [{ document }],
        })
        const [report] = (body as { reports: Verdict[] }).reports
        const { answer, indication, reasons } = report!
        return { answer, indication, reasons }
      }),
    )
  }

  return {
    get BY() {
      return nodes.BY
    },
    get UZ() {
      return nodes.UZ
    },
    now,
    async pass(days) {
      // In steps shorter than CRLs last, as people do it.
      for (let left = days; left > 0; left -= 29) {
        ahead += Math.min(left, 29) * DAY_MS
        for (const state of STATES) await publish(state)
      }
    },
    async renew(renewal) {
      const { keys, passphrase } = nodes.BY
      const made = await renewKey(
        await loadPkiDirectory(keys),
        { ...renewal, now: now(), sealAlgorithm: 'ES256' },
        passphrase,
      )
      if ('obstacle' in made) throw new Error(made.obstacle)
      // CRLs and lists have whole seconds.
      ahead += 1000
      await publish('BY')
      await nodes.BY.running.stop()
      nodes.BY = await startTestNode(nodes.BY, { now })
      return made
    },
    publish,
    trade,
    verdicts,
    async signWith(stored, like, signedAt = now()) {
      const { keys, passphrase } = nodes.BY
      const seal = await openSeal(await loadPkiDirectory(keys), stored, passphrase)
      const claims = payloadOf(like) as { certificate: { number: string }; status: object }
      const number = claims.certificate.number.replace(/\d{3}$/, String(++serial))
      const payload = { ...claims, certificate: { ...claims.certificate, number } }
      return signJws({ typ: 'product-certificate+jwt', payload, seal, signedAt })
    },
    async keys(purpose) {
      const pki = await loadPkiDirectory(nodes.BY.keys)
      return pki.keys.filter((key) => key.purpose === purpose)
    },
    async close() {
      await Promise.all(STATES.map((state) => nodes[state].running.stop()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export function headerOf(jws: string): { 'x5t#S256': string; x5c: string[] } {
  const [header = ''] = jws.split('.')
  return JSON.parse(Buffer.from(header, 'base64url').toString()) as {
    'x5t#S256': string
    x5c: string[]
  }
}
