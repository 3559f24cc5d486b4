import Sqlite from 'better-sqlite3'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CertificatePayload } from '../../src/certificate/payload.ts'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { approveTrust, proposeTrust } from '../../src/exchange/keep-trust/four-eyes.ts'
import { flawOfExchange } from '../../src/exchange/audit/archived-exchange.ts'
import { formatInstant } from '../../src/encoding/time.ts'
import { appendOneByOne } from '../../src/exchange/journal.ts'
import { actsEntry } from '../../src/exchange/log/administrative-entry.ts'
import { publishCheckpoint } from '../../src/exchange/log/checkpoint.ts'
import { tellIncomplete } from '../../src/exchange/log/completeness.ts'
import { mirrorLog, type MirrorOutcome } from '../../src/exchange/log/mirror.ts'
import { nodeKeyResolver } from '../../src/exchange/node-keys.ts'
import { payloadOf } from '../../src/exchange/registered.ts'
import { type LogAnswer, peerLogReader } from '../../src/exchange/delivery/peer-client.ts'
import {
  formatCheckpoint,
  parseSignedCheckpoint,
  verifyCheckpoint,
} from '../../src/tlog/checkpoint.ts'
import { rootOf } from '../../src/tlog/frontier.ts'
import { signNote } from '../../src/tlog/note-signature.ts'
import { parseLogProof, provesInclusion } from '../../src/tlog/proof.ts'
import { auditFile } from '../../src/node/audit-file.ts'
import { backUp } from '../../src/node/backup.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import type { AdminAct } from '../../src/trust/admin-act.ts'
import { formatSignedNote } from '../../src/tlog/signed-note.ts'
import { logForkSubject } from '../../src/trust/trust-decisions.ts'
import { digest, forge, freshCertificate, rowsOf, sealOf } from '../support/hostile.ts'
import { peerOf, postAs } from '../support/sign-as.ts'
import { answered, content } from '../support/typed.ts'
import { eventually, startTwoNodes, type TwoNodes } from '../support/two-nodes.ts'

let nodes: TwoNodes
beforeEach(async () => {
  nodes = await startTwoNodes()
  // It looks into the log of BY when it is told to, and not as soon as it has cosigned something.
  await nodes.UZ.running.schedule.stop()
})
afterEach(() => nodes.close())

const ORIGIN = 'exchange.by/log/1'
const log = { state: 'BY', origin: ORIGIN }

async function issued(): Promise<string> {
  const chamber = await nodes.BY.client('issuer', 'BY.CCI')
  const certificate = content(await freshCertificate())
  return answered(await chamber.api.issueCertificate({ body: { certificate } }), 201).body.sha256
}

/** A certificate that is decided: its receipt lets the log grow no more. */
async function issue(): Promise<string> {
  const sha256 = await issued()
  const { outbox } = nodes.BY.running.deps
  await eventually('it is decided', async () => (await outbox.delivery('UZ', sha256))?.decision)
  return sha256
}

type Answers = (path: string, genuine: () => Promise<LogAnswer>) => Promise<LogAnswer>

/** One look of UZ into the log of BY, through a line on which somebody may sit. */
async function look(through: Answers = (_, genuine) => genuine()): Promise<MirrorOutcome> {
  const { deps } = nodes.UZ.running
  const read = peerLogReader({ ...deps, node: deps.nodeKey, resolveKey: nodeKeyResolver(deps) })
  const askLog = (peer: string, uri: string, maxBytes: number) =>
    through(uri.slice(nodes.BY.url.length), () => read(peer, uri, maxBytes))
  return mirrorLog({ ...deps, askLog })('BY')
}

/** As soon as the mirror has everything that BY has. */
async function mirrored(): Promise<void> {
  const { log: own } = nodes.BY.running.deps
  await eventually('the mirror is whole', async () => {
    await look()
    const [head, frontier] = [await nodes.UZ.running.deps.mirror.head(log), await own.frontier()]
    return head?.frontier.size === frontier.size
  })
}

const text = (answer: string): LogAnswer => ({
  ok: true,
  body: new TextEncoder().encode(answer),
  keep: async () => undefined,
})

/** A checkpoint that the log of BY has signed, of whatever tree. */
async function signedByLog(size: bigint, rootHash: Uint8Array): Promise<string> {
  const note = formatCheckpoint({ origin: ORIGIN, size, rootHash, extensions: [] })
  const signatures = [await signNote(note, await nodes.BY.running.deps.logSigner())]
  return formatSignedNote({ text: note, signatures })
}

/** As if the message had been taken. */
function withhold(node: { readonly data: string }, seq: number): void {
  const database = new Sqlite(join(node.data, 'node.sqlite'))
  database.prepare("UPDATE outgoing SET received_at = 'never' WHERE seq = ?").run(seq)
  database.close()
}

/** An answer as the archive keeps it. */
interface Kept {
  readonly headers: Record<string, string>
  readonly body: string
}

const isOfLog = (row: Record<string, unknown>) => String(row['request']).includes('/log/')

const alarmsOf = async (of = 'log-forked') =>
  (await nodes.UZ.running.deps.alarms.list(0, 100)).filter(({ kind }) => kind === of)

describe('the mirror of a peer’s log', () => {
  it('holds its leaves to the byte, and what they say was addressed here', async () => {
    const sha256 = await issue()
    await mirrored()
    const { BY, UZ } = nodes
    const own = rowsOf(BY, 'entries').toSorted((a, b) => Number(a['idx']) - Number(b['idx']))
    const size = BigInt(own.length)
    expect(await UZ.running.deps.mirror.leaves(log, 0n, size)).toEqual(
      own.map((row) => row['leaf']),
    )
    const head = await UZ.running.deps.mirror.head(log)
    const frontier = await BY.running.deps.log.frontier()
    expect(rootOf(sha256Sync, head!.frontier)).toEqual(rootOf(sha256Sync, frontier))

    const messages = (rows: Record<string, unknown>[]) =>
      rows.map((row) => `${String(row['seq'])} ${String(row['sha256'])}`).sort()
    const addressed = messages(rowsOf(UZ, 'addressed'))
    expect(addressed).toEqual(messages(rowsOf(BY, 'outgoing')))
    expect(addressed.join()).toContain(sha256)
  })

  it('is not archived by either side', async () => {
    await issue()
    await mirrored()
    for (const node of [nodes.BY, nodes.UZ])
      expect(rowsOf(node, 'exchange_archive').filter(isOfLog)).toEqual([])
  })

  it('takes no checkpoint that the log has not signed', async () => {
    await issue()
    await mirrored()
    const { note } = (await nodes.BY.running.deps.log.checkpoint())!
    const altered = note.replace(/\n(\d+)\n/, (_, size: string) => `\n${Number(size) + 1}\n`)
    const answers: Answers = async (path, genuine) =>
      path === '/log/checkpoint' ? text(altered) : genuine()
    expect(await look(answers)).toEqual({ error: expect.stringContaining('no log key') })
    expect(await alarmsOf()).toEqual([])
  })

  it('takes no leaves that are not those of the tree, and blames nobody for them', async () => {
    await mirrored()
    await issue()
    await eventually('a checkpoint covers it', async () => {
      const { log: own } = nodes.BY.running.deps
      return (await own.checkpoint())?.size === (await own.frontier()).size
    })
    const before = await nodes.UZ.running.deps.mirror.head(log)
    const answers: Answers = async (path, genuine) => {
      const answer = await genuine()
      if (!path.includes('/tile/entries/') || !answer.ok) return answer
      const body = new Uint8Array(answer.body)
      const kind = new TextDecoder().decode(body).lastIndexOf('"certificate"')
      body[kind + 1] = 'C'.charCodeAt(0)
      return { ...answer, body }
    }
    expect(await look(answers)).toEqual({ error: 'its entries are not those of its tree' })
    expect(await nodes.UZ.running.deps.mirror.head(log)).toEqual(before)
    expect(await alarmsOf()).toEqual([])
  })

  it('proves a second history by both checkpoints, and goes on with the first when it is settled', async () => {
    await issue()
    await mirrored()
    const head = (await nodes.UZ.running.deps.mirror.head(log))!
    const second = await signedByLog(head.size, sha256Sync(new Uint8Array(1)))
    const answers: Answers = async (path, genuine) =>
      path === '/log/checkpoint' ? text(second) : genuine()
    expect(await look(answers)).toEqual({ error: expect.stringContaining('contradicts') })
    const forks = await nodes.UZ.running.deps.witnessed.forks(10)
    expect(forks).toEqual([
      expect.objectContaining({ ...log, first: head.note, second, proof: [] }),
    ])
    await look(answers)
    expect(await alarmsOf()).toHaveLength(1)
    for (const note of [forks[0]!.first, forks[0]!.second])
      expect(parseSignedCheckpoint(new TextEncoder().encode(note))).toHaveProperty('checkpoint')

    const persons = nodes.UZ.running.deps
    const question = { kind: 'fork', state: 'BY', subject: logForkSubject(log) } as const
    await proposeTrust(persons)(question, { actor: 'one' })
    expect(await approveTrust(persons)(question, { actor: 'another' })).toMatchObject({
      outcome: 'approved',
    })
    await issue()
    await mirrored()
  })

  it('keeps the signed answer that shows a checkpoint without the tree it stands for', async () => {
    await issue()
    await mirrored()
    await nodes.UZ.running.schedule.stop()
    const { size } = (await nodes.UZ.running.deps.mirror.head(log))!
    await issue()
    const { log: own } = nodes.BY.running.deps
    await eventually('it is signed', async () => (await own.checkpoint())!.size > size)
    const hiding: Answers = async (path, genuine) =>
      path === '/log/checkpoint' ? genuine() : text('nothing')
    for (let i = 0; i < 2; i++) expect(await look(hiding)).toHaveProperty('error')
    const kept = rowsOf(nodes.UZ, 'exchange_archive').filter(isOfLog)
    const shown = kept.map(({ response }) => JSON.parse(String(response)) as Kept)
    const unproven = await nodes.UZ.running.deps.witnessed.unproven(log)
    expect(unproven.length).toBeGreaterThan(0)
    expect(new Set(shown.map(({ body }) => body.split('\n')[1]))).toEqual(
      new Set(unproven.map((checkpoint) => String(checkpoint.size))),
    )
    for (const { headers } of shown) expect(headers).toHaveProperty('signature')

    await mirrored()
    expect(await nodes.UZ.running.deps.witnessed.unproven(log)).toEqual([])
    expect(await alarmsOf()).toEqual([])
  })

  it('tells that a log was rolled back, and keeps the signed answer that shows it', async () => {
    await issue()
    await mirrored()
    const { size } = (await nodes.UZ.running.deps.mirror.head(log))!
    await nodes.UZ.running.schedule.stop()
    // As if BY had signed a larger one before.
    const larger = await signedByLog(size + 5n, sha256Sync(new Uint8Array(1)))
    const database = new Sqlite(join(nodes.UZ.data, 'node.sqlite'))
    database.prepare('UPDATE mirrors SET note = ?, seen_size = ?').run(larger, Number(size) + 5)
    database.close()
    for (let i = 0; i < 2; i++)
      expect(await look()).toEqual({ error: expect.stringContaining('older') })
    expect(await alarmsOf('log-rolled-back')).toMatchObject([{ peer: 'BY' }])
    expect(await alarmsOf()).toEqual([])
    const kept = rowsOf(nodes.UZ, 'exchange_archive').filter(isOfLog)
    expect(kept).toHaveLength(1)
    const { headers, body } = JSON.parse(String(kept[0]!['response'])) as Kept
    expect(headers).toHaveProperty('signature')
    expect(body).toMatch(/^exchange\.by\/log\/1\n/)
  })
})

describe('a leaf that is dated back', () => {
  it('is told where this node had cosigned the log before, and one of a clock set back is not', async () => {
    await issue()
    const cosigned = () =>
      eventually('UZ has cosigned all', async () => {
        const { size } = await nodes.BY.running.deps.log.frontier()
        return (await nodes.UZ.running.deps.witnessed.newest(ORIGIN))?.size === size
      })
    await cosigned()
    await mirrored()
    const database = new SqliteDatabase(join(nodes.BY.data, 'node.sqlite'))
    const appended = async (ago: number) => {
      const at = new Date(Date.now() - ago)
      const act = { at: formatInstant(at), actor: 'user:test', act: 'alarms-seen', subject: 'BY' }
      const entry = actsEntry([act as AdminAct])
      await appendOneByOne(sqlJournal(database), () => at)({ entries: [entry] })
      await publishCheckpoint(nodes.BY.running.deps)()
      await mirrored()
      return (await alarmsOf('log-backdated')).map(({ peer }) => peer)
    }
    expect(await appended(30_000)).toEqual([])
    expect(await appended(30 * 86_400_000)).toEqual(['BY'])
    expect(await appended(0)).toEqual(['BY'])
    database.close()
  })
})

describe('a leaf that is dated ahead', () => {
  it('is told once a day, and is no fault of what came here with it', async () => {
    const { BY, UZ } = nodes
    const issued = (await BY.running.deps.certificates.document(await issue()))!
    const { certificate, ...payload } = payloadOf(issued) as CertificatePayload
    const another = { ...payload, certificate: { ...(certificate as object), number: 'BY 777777' } }
    const jws = await forge(await sealOf(BY, 'BY.CCI.001'), { payload: another })
    const database = new SqliteDatabase(join(BY.data, 'node.sqlite'))
    const ahead = () => new Date(Date.now() + 3_600_000)
    const entry = {
      kind: 'certificate',
      sha256: digest(jws),
      jws,
      to: ['UZ'],
      effects: [],
    } as const
    await appendOneByOne(sqlJournal(database), ahead)({ entries: [entry] })
    database.close()
    BY.running.schedule.wakeDelivery()
    const here = (row: Record<string, unknown>) => row['sha256'] === entry.sha256
    await eventually('it is here', () => Promise.resolve(rowsOf(UZ, 'inbox').some(here)))
    await publishCheckpoint(BY.running.deps)()
    await mirrored()
    const { idx } = rowsOf(UZ, 'addressed').find(here)!
    await eventually('it is cosigned', async () => {
      const cosigned = await UZ.running.deps.witnessed.newest(ORIGIN)
      return cosigned && cosigned.size > BigInt(Number(idx))
    })
    expect(await alarmsOf('log-dated-ahead')).toMatchObject([
      { peer: 'BY', detail: expect.stringContaining(`leaf ${String(idx)} of ${ORIGIN}`) },
    ])
    const copy = join(nodes.folder, 'copy.sqlite')
    await backUp(join(UZ.data, 'node.sqlite'), copy, 0)
    const quiet = { witnesses: [], save: () => Promise.resolve(), progress: () => undefined }
    const { findings } = await auditFile(copy, quiet)
    expect(findings.filter(({ where }) => where.startsWith('inbox'))).toEqual([])
  })
})

describe('what a peer’s log says was sent here', () => {
  it('has come, or is missing with its proof', async () => {
    await issue()
    await mirrored()
    const auditor = await nodes.UZ.client('auditor', 'UZ.AUDIT')
    const ask = async () => {
      const answer = await auditor.api.getCompleteness({ params: { peer: 'BY' } })
      return answered(answer, 200).body.logs[0]!
    }
    await eventually('all has come', async () => (await ask()).missing.length === 0)
    const complete = await ask()
    expect(complete.addressed).toBe(rowsOf(nodes.BY, 'outgoing').length)
    expect(complete).toMatchObject({ received: complete.addressed, misnumbered: [] })

    // BY logs a message to UZ that it never sends.
    const { deps } = nodes.BY.running
    const seq = complete.addressed + 1
    const sha256 = 'x'.repeat(43)
    const entry = { kind: 'unknown', sha256, jws: 'withheld', to: ['UZ'], effects: [] } as const
    await deps.append({ entries: [entry] })
    withhold(nodes.BY, seq)
    await mirrored()
    // No message of a well-behaved node is found amiss.
    for (const kind of ['log-misnumbered', 'log-leaf-unreadable', 'message-unlogged'])
      expect(await alarmsOf(kind)).toEqual([])
    const { missing } = await ask()
    expect(missing).toEqual([{ seq, sha256, index: expect.any(Number) }])

    const query = { origin: ORIGIN, index: missing[0]!.index }
    const proof = String(
      (await auditor.api.getMirroredProof({ params: { peer: 'BY' }, query })).body,
    )
    const parsed = parseLogProof(new TextEncoder().encode(proof))
    if ('malformed' in parsed) throw new Error(parsed.malformed)
    expect(provesInclusion(sha256Sync, parsed, parsed.extra!)).toBe(true)
    expect(new TextDecoder().decode(parsed.extra)).toContain(sha256)
    const { key } = await deps.logSigner()
    expect(await verifyCheckpoint(parsed.signed, [key])).toBe('valid')
  })

  it('came under another number: the signed push that shows it is there for whoever asks', async () => {
    const { BY, UZ } = nodes
    // BY logs one number, and its node sends another.
    await BY.running.schedule.stop()
    const sha256 = await issued()
    const sent = rowsOf(BY, 'outgoing').find((row) => row['sha256'] === sha256)
    const logged = Number(sent!['seq'])
    const document = (await BY.running.deps.certificates.document(sha256))!
    const messages = [{ seq: logged + 7, document }]
    const pushed = await postAs(await peerOf(BY), UZ, '/exchange/v1/messages', { messages })
    expect(pushed.status, pushed.text).toBe(200)
    await publishCheckpoint(BY.running.deps)()
    await mirrored()
    const auditor = await UZ.client('auditor', 'UZ.AUDIT')
    const { logs } = answered(
      await auditor.api.getCompleteness({ params: { peer: 'BY' } }),
      200,
    ).body
    const { misnumbered } = logs[0]!
    const found = { seq: logged, sha256, index: expect.any(Number), receivedAs: logged + 7 }
    expect(misnumbered).toEqual([found])

    // Told once the message cannot be on its way any more.
    const now = () => new Date(Date.now() + 3_600_000)
    await tellIncomplete({ ...UZ.running.deps, now })('BY')
    expect(await alarmsOf('message-misnumbered')).toMatchObject([
      { peer: 'BY', detail: expect.stringContaining(`came as message ${logged + 7}`) },
    ])

    // What the log says, and what its node has signed beside it.
    const query = { origin: ORIGIN, index: misnumbered[0]!.index }
    const proof = await auditor.api.getMirroredProof({ params: { peer: 'BY' }, query })
    expect(String(proof.body)).toContain('index ')
    const asked = await auditor.api.getArrival({ params: { peer: 'BY', digest: sha256 } })
    const { seq, exchange } = answered(asked, 200).body
    expect(seq).toBe(logged + 7)
    const { body } = JSON.parse(exchange.request) as { body: string }
    expect(JSON.parse(body)).toEqual({ messages })
    const { deps } = UZ.running
    const judge = (one: typeof exchange) =>
      flawOfExchange(
        { ...one, peer: 'BY' },
        { self: 'UZ', resolveKeyAt: () => nodeKeyResolver(deps), signedAloneFrom: undefined },
      )
    expect(await judge(exchange)).toBeUndefined()
    const request = exchange.request.replace(`:${logged + 7},`, `:${logged},`)
    expect(await judge({ ...exchange, request })).toMatchObject({ flaw: expect.anything() })
    const reads = rowsOf(UZ, 'accesses').filter((row) => row['operation'] === 'getArrival')
    expect(reads).toMatchObject([{ certificate: sha256, client: auditor.id }])

    const params = { peer: 'BY', digest: 'x'.repeat(43) }
    expect((await auditor.api.getArrival({ params })).status).toBe(404)
  })
})
