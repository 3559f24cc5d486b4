import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ApiClient } from '../../src/node/api-client.ts'
import { seededRandom } from '../support/crash.ts'
import { today } from '../support/day.ts'
import { digest, freshCertificate, rowsOf } from '../support/hostile.ts'
import { startLoad } from '../support/load.ts'
import {
  eventually,
  startTestNode,
  startTwoNodes,
  type TestNode,
  type TwoNodes,
} from '../support/two-nodes.ts'

interface Event {
  readonly id: string
  readonly kind: string
  readonly at: string
  readonly document: string
  readonly certificate: { readonly sha256: string; readonly number: string }
}

interface Page {
  readonly events: readonly Event[]
  readonly next: string
  readonly hasMore: boolean
}

let nodes: TwoNodes
let BY: TestNode
let UZ: TestNode
beforeAll(async () => {
  nodes = await startTwoNodes()
  ;({ BY, UZ } = nodes)
})
afterAll(async () => {
  await Promise.all([BY.running.stop(), UZ.running.stop()])
  await rm(nodes.folder, { recursive: true, force: true })
})

async function read(client: ApiClient, query: Record<string, string> = {}): Promise<Page> {
  const { status, body } = await client.get(`/v1/events?${new URLSearchParams(query).toString()}`)
  expect(status, JSON.stringify(body)).toBe(200)
  return body as Page
}

/** Everything behind a cursor, page by page. */
async function readAll(client: ApiClient, after?: string, limit = '500'): Promise<Event[]> {
  const events: Event[] = []
  for (let from = after; ;) {
    const page = await read(client, { limit, ...(from && { after: from }) })
    events.push(...page.events)
    from = page.next
    if (!page.hasMore) return events
  }
}

const endOf = async (client: ApiClient) => {
  let { next, hasMore } = await read(client)
  while (hasMore) ({ next, hasMore } = await read(client, { after: next }))
  return next
}

async function issue(
  client: ApiClient,
  name?: string,
): Promise<{ sha256: string; number: string }> {
  const certificate = await freshCertificate(name)
  const { status, body } = await client.post('/v1/certificates', { certificate })
  expect(status, JSON.stringify(body)).toBe(201)
  const { number } = certificate as { number: string }
  return { sha256: (body as { sha256: string }).sha256, number }
}

async function annul(client: ApiClient, number: string): Promise<string> {
  const { status, body } = await client.post(
    `/v1/certificates/BY/origin.ct1/${number}/status-changes`,
    { change: 'annul', effectiveFrom: today, reason: 'Ошибка' },
  )
  expect(status, JSON.stringify(body)).toBe(201)
  return (body as { sha256: string }).sha256
}

const allDecided = () =>
  eventually('everything is decided', () =>
    Promise.resolve(rowsOf(BY, 'outgoing').every(({ outcome }) => outcome !== null)),
  )

/** What the log of a node and its projections say, read without the product. */
function expectedEvents(node: TestNode): string[] {
  const certificates = new Set(rowsOf(node, 'certificates').map(({ sha256 }) => sha256))
  const changes = new Set(rowsOf(node, 'status_changes').map(({ sha256 }) => sha256))
  const outgoing = rowsOf(node, 'outgoing')
  return rowsOf(node, 'entries')
    .toSorted((a, b) => Number(a['idx']) - Number(b['idx']))
    .flatMap(({ kind, sha256 }) => {
      if (kind === 'certificate') return [`certificate ${sha256 as string}`]
      if (kind === 'status-change') return [`status-changed ${sha256 as string}`]
      return outgoing
        .filter(
          (row) =>
            row['receipt'] === sha256 &&
            (certificates.has(row['sha256']) || changes.has(row['sha256'])),
        )
        .map((row) => `decided ${row['sha256'] as string}`)
    })
}

const told = (events: readonly Event[]) =>
  events.map(({ kind, document }) => `${kind.replace(/-(issued|received)$/, '')} ${document}`)

describe('events', () => {
  it('tell of issue, change and decision, and name the certificate each time', async () => {
    const chamber = await BY.client('issuer', 'BY.CCI')
    const from = await endOf(chamber)
    const { sha256, number } = await issue(chamber)
    const change = await annul(chamber, number)
    await allDecided()
    const events = await readAll(chamber, from)
    const certificate = { sha256, state: 'BY', type: 'origin.ct1', number }
    const decided = { kind: 'decided', recipient: 'UZ', outcome: 'accepted', findings: [] }
    expect(events.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toMatchObject([
      { kind: 'certificate-issued', certificate, document: sha256 },
      ...[sha256, change].toSorted(orderIn(events)).map((document) => ({
        ...decided,
        certificate,
        document,
      })),
      {
        kind: 'status-changed',
        certificate,
        document: change,
        change: 'annul',
        status: 'annulled',
        effectiveFrom: today,
      },
    ])
    for (const event of events) {
      expect(JSON.stringify(event)).not.toMatch(/Ошибка|трактор|consignee|hsCode/i)
      expect(Object.keys(event.certificate).sort()).toEqual(['number', 'sha256', 'state', 'type'])
    }
    const customs = await UZ.client('customs', 'UZ.CUSTOMS')
    const received = (await readAll(customs)).filter((event) => event.certificate.sha256 === sha256)
    expect(received).toMatchObject([
      { kind: 'certificate-received', certificate, document: sha256 },
      { kind: 'status-changed', certificate, document: change, status: 'annulled' },
    ])
  })

  it('have no gap and no double while certificates are issued, in pages of any size', async () => {
    const authority = await BY.client('authority', 'BY.STATE')
    const chamber = await BY.client('issuer', 'BY.CCI')
    const load = startLoad(chamber, 6, seededRandom(7))
    let loading = true
    const follow = async (limit: string, wait: string): Promise<Event[]> => {
      const events: Event[] = []
      for (let after: string | undefined; ;) {
        const last = !loading
        const page = await read(authority, { limit, wait, ...(after && { after }) })
        events.push(...page.events)
        if (after && page.next === after) expect(page.events).toEqual([])
        after = page.next
        if (last && !page.hasMore && page.events.length === 0) return events
      }
    }
    const followers = [follow('1', '1'), follow('3', '1'), follow('50', '0')]
    await load.issued(50)
    await load.stop()
    await allDecided()
    loading = false
    expect(load.surprises).toEqual([])
    const seen = await Promise.all(followers)
    const expected = expectedEvents(BY)
    expect(expected.length).toBeGreaterThan(60)
    for (const events of seen) {
      expect(sortedWithin(told(events))).toEqual(sortedWithin(expected))
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
      expect(events).toEqual(seen[0])
    }
  })

  it('go on from any cursor exactly where it stands', async () => {
    const authority = await BY.client('authority', 'BY.STATE')
    const all = await readAll(authority)
    const cursors: { cursor: string; read: number }[] = []
    let read_ = 0
    for (let after: string | undefined; ;) {
      const page = await read(authority, { limit: '7', ...(after && { after }) })
      read_ += page.events.length
      after = page.next
      cursors.push({ cursor: after, read: read_ })
      if (!page.hasMore) break
    }
    for (const { cursor, read: passed } of cursors.filter((_, n) => n % 5 === 0))
      expect(await readAll(authority, cursor, '13')).toEqual(all.slice(passed))
  })

  it('are shown to those who may see the certificate, and nobody is held up by the others', async () => {
    const chamber = await BY.client('issuer', 'BY.CCI')
    const other = await BY.client('issuer', 'BY.TESTCERT')
    const customs = await BY.client('customs', 'BY.CUSTOMS')
    const auditor = await BY.client('auditor', 'BY.AUDIT')
    const branch = await BY.client('issuer', 'BY.CCI.001')
    const elsewhere = await BY.client('issuer', 'BY.CCI.002')
    const received = await issue(
      await UZ.client('issuer', 'UZ.EXPERTIZA'),
      'origin-ct1-uz-dried-fruit',
    )
    await eventually('it has come', () =>
      BY.running.deps.certificates.findByDigest(received.sha256),
    )
    await issue(chamber)
    await allDecided()
    const all = await readAll(auditor)
    const own = all.filter(({ certificate }) => certificate.number.startsWith('BYUZ'))
    expect(own.length).toBeGreaterThan(60)
    expect(await readAll(chamber)).toEqual(own)
    expect(await readAll(branch)).toEqual(own)
    expect(await readAll(elsewhere)).toEqual([])
    expect(await readAll(other)).toEqual([])
    expect(await readAll(customs)).toMatchObject([
      { kind: 'certificate-received', document: received.sha256 },
    ])
    expect(all.length).toBe(own.length + 1)
    // Who sees nothing stands at the end all the same.
    const end = await endOf(other)
    expect(end).toBe(await endOf(auditor))

    const waiting = read(other, { after: end, wait: '2' })
    await issue(chamber)
    const page = await waiting
    expect(page.events).toEqual([])
    expect(page.next).not.toBe(end)
  })

  it('of one document stay on one page', async () => {
    await UZ.running.stop()
    const chamber = await BY.client('issuer', 'BY.CCI')
    await allDecided().catch(() => undefined)
    const from = await endOf(chamber)
    const issued: string[] = []
    for (let n = 0; n < 5; n++) issued.push((await issue(chamber)).sha256)
    UZ = await startTestNode(UZ)
    await allDecided()
    const pages: Page[] = []
    for (let after = from; ;) {
      const page = await read(chamber, { after, limit: '1' })
      pages.push(page)
      after = page.next
      if (!page.hasMore) break
    }
    const decided = pages.filter(({ events }) => events.some(({ kind }) => kind === 'decided'))
    expect(decided.map(({ events }) => told(events).toSorted())).toEqual([
      issued.map((sha256) => `decided ${sha256}`).toSorted(),
    ])
  })

  it('are looked for only so far in one call, and the caller gets on', async () => {
    const other = await BY.client('issuer', 'BY.TESTCERT')
    const from = await endOf(other)
    const entries = Array.from({ length: 2_500 }, (_, n) => {
      const jws = `nothing to tell ${n}`
      return { kind: 'unknown', sha256: digest(jws), jws, to: [], effects: [] } as const
    })
    await BY.running.deps.append({ entries })
    const first = await read(other, { after: from, wait: '30' })
    expect(first).toMatchObject({ events: [], hasMore: true })
    const second = await read(other, { after: first.next })
    expect(second).toMatchObject({ events: [], hasMore: false })
    expect(new Set([from, first.next, second.next]).size).toBe(3)
  })

  it('come at once to those who wait', async () => {
    const chamber = await BY.client('issuer', 'BY.CCI')
    const after = await endOf(chamber)
    const started = performance.now()
    const waiting = read(chamber, { after, wait: '30' })
    const { sha256 } = await issue(chamber)
    // The decision may stand in the same page already.
    const [first] = (await waiting).events
    expect(first).toMatchObject({ kind: 'certificate-issued', document: sha256 })
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  it('are refused from a cursor that was never given', async () => {
    await allDecided()
    const authority = await BY.client('authority', 'BY.STATE')
    const end = await endOf(authority)
    const [epoch, passed] = end.split('.') as [string, string]
    const ask = (query: Record<string, string>) =>
      authority.get(`/v1/events?${new URLSearchParams(query).toString()}`)
    for (const after of ['', 'x', `${epoch}.-1`, `${epoch}.1.5`, `${epoch}.${'9'.repeat(30)}`])
      expect(await ask({ after }), after).toMatchObject({ status: 400 })
    for (const after of [`${epoch}.${Number(passed) + 100}`, 'other.0', `other.${passed}`])
      expect(await ask({ after, wait: '30' }), after).toMatchObject({
        status: 410,
        body: { restart: `${epoch}.0`, type: `${BY.url}/problems/cursor-gone` },
      })
    for (const query of [{ limit: '0' }, { limit: '501' }, { limit: 'x' }, { wait: '31' }])
      expect(await ask(query as Record<string, string>)).toMatchObject({ status: 400 })
  })

  it('are not recorded as reading of certificates: they hold nothing of their content', async () => {
    const customs = await UZ.client('customs', 'UZ.CUSTOMS')
    const before = rowsOf(UZ, 'accesses')
    expect((await readAll(customs)).length).toBeGreaterThan(0)
    expect(rowsOf(UZ, 'accesses')).toEqual(before)
  })
})

/** Decisions of one receipt have no order among themselves. */
function sortedWithin(events: readonly string[]): string[] {
  const sorted: string[] = []
  let run: string[] = []
  for (const event of [...events, '']) {
    if (event.startsWith('decided')) run.push(event)
    else {
      sorted.push(...run.toSorted(), event)
      run = []
    }
  }
  return sorted
}

function orderIn(events: readonly Event[]) {
  const place = (document: string) =>
    events.findIndex((event) => event.kind === 'decided' && event.document === document)
  return (a: string, b: string) => place(a) - place(b)
}
