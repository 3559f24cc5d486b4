import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FurtherWitness, ONLY_LISTED_WITNESSES } from '../../src/exchange/log/policy.ts'
import { publishCheckpoint } from '../../src/exchange/log/checkpoint.ts'
import { NoKeyInForce } from '../../src/exchange/key-in-force.ts'
import { warningsOfLog } from '../../src/exchange/warnings/of-log.ts'
import { addCheckpoint } from '../../src/exchange/log/witness.ts'
import { askedWitnesses, askWitnessInTurn, settleDoubt } from '../../src/exchange/log/witnesses.ts'
import { sqlPeerStore } from '../../src/storage/peer-store.ts'
import { sqlTrustStore } from '../../src/storage/trust-store.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { startEpoch } from '../../src/storage/node-store.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import { verifyCheckpoint } from '../../src/tlog/checkpoint.ts'
import { cosign, verifyCosignature } from '../../src/tlog/cosignature.ts'
import type { NoteSigner } from '../../src/tlog/note-signature.ts'
import { formatSignatureLine } from '../../src/tlog/signed-note.ts'
import type { SignatureType } from '../../src/tlog/verifier-key.ts'
import { type OpenDatabase, sqliteEngine } from '../contract/storage-engines.ts'
import {
  appendTo,
  noteSigner,
  ORIGIN,
  parsedNote,
  signedNote,
  trustOf,
  utf8,
  watcher,
} from '../support/log-world.ts'
import { entry, naiveTree } from '../unit/tlog/trees.ts'

let clock = Date.parse('2026-03-02T09:15:00Z')
const now = () => new Date(clock)
const MINUTE = 60_000

const by = noteSigner(ORIGIN, 'ed25519')
const uz = noteSigner('exchange.uz/witness/1', 'cosignature/v1')
/** A key of another state under the name of the witness of UZ. */
const evil = noteSigner('exchange.uz/witness/1', 'cosignature/v1')

let own: OpenDatabase
let others: OpenDatabase
let open: OpenDatabase[]
beforeEach(async () => {
  clock = Date.parse('2026-03-02T09:15:00Z')
  const engine = sqliteEngine()
  open = await Promise.all([engine.open(), engine.open(), engine.open()])
  ;[own, others] = open as [OpenDatabase, OpenDatabase, OpenDatabase]
})
afterEach(() => Promise.all(open.map((each) => each.close())))

type Witnesses = Readonly<Record<string, (body: string) => Promise<Response>>>

/** The witness of UZ over its own database, as its node answers. */
async function genuine(body: string): Promise<Response> {
  const add = addCheckpoint({
    ...watcher(others.database, trustOf({ BY: [by] }), now),
    witnessSigner: async () => uz,
  })
  const given = await add(utf8.encode(body))
  if (given.answer === 'cosigned') return new Response(given.lines)
  if (given.answer === 'conflict') return new Response(`${given.size}\n`, { status: 409 })
  return new Response('', { status: given.answer === 'not-consistent' ? 422 : 404 })
}

/** Node BY over a database; `witnesses`: who answers at `http://<state>`. */
function node(
  database: SqlDatabase,
  witnesses: Witnesses,
  lists: Readonly<Record<string, readonly NoteSigner<SignatureType>[]>> = { UZ: [uz] },
  further: readonly FurtherWitness[] = [],
  peers: readonly string[] = [],
) {
  const log = sqlLogStore(database)
  const { alarms, told, details, mirror, witnessed } = watcher(database, trustOf({}), now)
  const trust = trustOf(lists)
  const call: typeof fetch = (url, init) => {
    const state = new URL(String(url)).hostname.toUpperCase()
    const answer = witnesses[state]?.(String(init!.body))
    return answer ?? Promise.reject(new Error('no answer'))
  }
  const trustStore = sqlTrustStore(database)
  const logSigner = async () => by
  const witnessing = { further, policy: undefined, peers }
  const own = { state: 'BY', now, trust, log, witnessing, witnessed, peers: sqlPeerStore(database) }
  const deps = { ...own, alarms, trustStore, logSigner, fetch: call }
  const ask = askWitnessInTurn(deps)
  const publish = publishCheckpoint(deps)
  return {
    log,
    told,
    details,
    publish,
    witnessed,
    /** One second of a node's background work. */
    async second() {
      await settleDoubt(deps)
      await publish()
      return Promise.all((await askedWitnesses(deps)).map((witness) => ask(witness)))
    },
    warnings: () => warningsOfLog({ ...own, mirror }, now()),
  }
}

const restored = (database: SqlDatabase) =>
  startEpoch(database, 'second', [
    { at: '2026-03-02T09:15:00Z', actor: 'operator', act: 'restored', subject: 'second' },
  ])

describe('a log whose checkpoints several processes sign', () => {
  it('contradicts nobody when another process had a newer one cosigned meanwhile', async () => {
    await appendTo(own.database, 20)
    const other = node(own.another, { UZ: genuine })
    let first = true
    const { second, told, log } = node(own.database, {
      async UZ(body) {
        if (first) {
          first = false
          await appendTo(own.another, 5)
          await other.second()
        }
        return genuine(body)
      },
    })
    // The other's answer is the newest: a size that this one has not seen when it asked.
    expect(await second()).toEqual([{ outcome: 'nothing-new' }])
    expect(await told()).toEqual([])
    expect(await log.doubt()).toBeUndefined()
    expect((await log.cosignedCheckpoint())!.size).toBe(25n)
  })

  it('has each checkpoint cosigned once, whoever signs and asks', async () => {
    const [a, b] = [node(own.database, { UZ: genuine }), node(own.another, { UZ: genuine })]
    for (let round = 0; round < 20; round++) {
      await appendTo(round % 2 ? own.another : own.database, 3)
      clock += MINUTE
      await Promise.all([a.second(), b.second()])
    }
    clock += 10 * MINUTE
    await a.second()
    expect([await a.told(), await a.log.doubt()]).toEqual([[], undefined])
    const size = 60n
    expect((await a.log.cosignedCheckpoint())!.size).toBe(size)
    expect(await sqlWitness().newest(ORIGIN)).toMatchObject({ size })
  })
})

const sqlWitness = () => watcher(others.database, trustOf({}), now).witnessed

/** Two databases that part after 20 entries, of which a witness has seen both the beginning and one end. */
async function parted() {
  const names = Array.from({ length: 20 }, (_, i) => `entry ${i}`)
  const [newest, old] = [open[2]!, own]
  const beginning = async ({ database }: OpenDatabase) => {
    await appendTo(database, 20, { names })
    return node(database, { UZ: genuine })
  }
  const [before, after] = [await beginning(newest), await beginning(old)]
  await before.second()
  await after.second()
  await appendTo(newest.database, 3)
  await before.second()
  await appendTo(old.database, 3)
  return { before, after }
}

describe('a node whose database is an old one', () => {
  it('signs nothing after a restore that a witness contradicts, and says why', async () => {
    const { before, after } = await parted()
    await restored(own.database)
    for (let i = 0; i < 5; i++) {
      await after.second()
      clock += 10 * MINUTE
      await appendTo(own.database, 1)
    }
    const { size, note } = (await after.log.checkpoint())!
    expect(size).toBe(20n)
    expect((await before.log.checkpoint())!.size).toBe(23n)
    expect(await verifyCheckpoint(parsedNote(note), [by.key])).toBe('valid')
    expect(await after.told()).toEqual(['own-log-rolled-back'])
    expect((await after.details())[0]).toMatch(/claims to have cosigned 23 entries/)
    expect(await after.warnings()).toMatchObject([{ kind: 'log-unconfirmed', subject: 'BY' }])
    expect((await after.warnings())[0]!.message.ru).toContain('23')
  })

  it('stops signing at the contradiction, also when nobody said that it was restored', async () => {
    const { after } = await parted()
    // It signs 23 entries of its own, and is refuted.
    expect(await after.second()).toEqual([{ outcome: 'contradicted', size: 23n }])
    await appendTo(own.database, 1)
    for (let i = 0; i < 3; i++) {
      clock += 10 * MINUTE
      await after.second()
    }
    expect((await after.log.checkpoint())!.size).toBe(23n)
    expect(await after.told()).toEqual(['own-log-rolled-back'])
  })

  it('stays in doubt when the witness that contradicts goes over to another key', async () => {
    const { after } = await parted()
    await restored(own.database)
    await after.second()
    expect(await after.log.doubt()).toMatchObject({ answers: [{ answer: 'contradicted' }] })
    const next = noteSigner('exchange.uz/witness/1', 'cosignature/v1')
    const before = (await after.log.checkpoint())!
    // It is the same node, and remembers what it has seen; or does not answer at all.
    for (const answers of [{}, { UZ: genuine }]) {
      const rotated = node(own.database, answers, { UZ: [next] })
      for (let i = 0; i < 4; i++) {
        await appendTo(own.database, 1)
        await rotated.second()
        clock += 10 * MINUTE
      }
      expect(await rotated.log.doubt()).toMatchObject({ reason: 'restored' })
      expect(await rotated.log.checkpoint()).toEqual(before)
    }
  })

  it('stops signing when the proof from what was cosigned does not hold', async () => {
    const { after } = await parted()
    await appendTo(own.database, 4)
    expect(await after.second()).toEqual([{ outcome: 'contradicted', size: 23n }])
    expect(await after.log.doubt()).toMatchObject({
      reason: 'contradicted',
      answers: [{ answer: 'contradicted', size: 23n }],
    })
  })
})

describe('what a contradiction is said to mean', () => {
  it('more entries than there are here: an old database', async () => {
    await appendTo(own.database, 20)
    const lie = async () => new Response('999\n', { status: 409 })
    const { second, warnings, details } = node(own.database, { UZ: lie })
    await second()
    const [warning] = await warnings()
    expect(warning!.message.en).toMatch(/: 999 is how many entries .* and here are 20\./)
    expect(warning!.message.ru).toContain('а здесь их 20')
    const [detail] = await details()
    expect(detail).toContain('cosigned 999 entries of the own log, which has 20: ')
    for (const said of [warning!.message.en, warning!.message.ru, detail])
      expect(said).not.toContain('settle-fork')
  })

  it('no more than there are: perhaps the peer has seen two histories, and people settle that', async () => {
    // The node ran on an old database, signed a second history of 23 entries, and has its own one again.
    const { before, after } = await parted()
    await after.second()
    expect(await sqlWitness().forks(10)).toHaveLength(1)
    await restored(open[2]!.database)
    expect(await before.second()).toEqual([{ outcome: 'contradicted', size: 23n }])
    const [warning] = await before.warnings()
    const [detail] = await before.details()
    for (const said of [warning!.message.en, warning!.message.ru, detail]) {
      expect(said).toContain('certex trust settle-fork')
      expect(said).not.toMatch(/not here|is how many|а здесь их/)
    }
    expect(warning!.message.en).toContain('nothing is to be restored')
    expect(warning!.message.ru).toContain('восстанавливать ничего не нужно')
  })
})

describe('a restored node whose log is the newest', () => {
  it('signs on as soon as every witness that has cosigned confirms it', async () => {
    await appendTo(own.database, 20)
    const before = node(own.database, { UZ: genuine })
    await before.second()
    await restored(own.database)
    const silent = node(own.database, {})
    for (let i = 0; i < 3; i++) await silent.second()
    expect((await silent.log.checkpoint())!.size).toBe(20n)
    expect(await silent.warnings()).toMatchObject([{ kind: 'log-unconfirmed' }])
    expect((await silent.warnings())[0]!.message.en).toContain('(UZ)')

    await before.second()
    await before.second()
    expect(await before.log.doubt()).toBeUndefined()
    const { size } = await before.log.frontier()
    expect(size).toBeGreaterThan(20n)
    expect((await before.log.cosignedCheckpoint())!.size).toBe(size)
    expect(await before.warnings()).toEqual([])
  })

  it('signs at once where no list names a witness', async () => {
    await appendTo(own.database, 20)
    await restored(own.database)
    const { second, log } = node(own.database, {}, {})
    await second()
    expect((await log.checkpoint())!.size).toBe((await log.frontier()).size)
  })

  it('waits for the peers of its configuration, whose roots nobody has pinned yet', async () => {
    await appendTo(own.database, 20)
    await restored(own.database)
    const unpinned = node(own.database, { UZ: genuine }, {}, [], ['UZ'])
    for (let i = 0; i < 3; i++) await unpinned.second()
    expect(await unpinned.log.checkpoint()).toBeUndefined()
    expect((await unpinned.warnings())[0]!.message.en).toContain('No trust list of UZ is believed')

    await sqlPeerStore(own.database).trustChecked('UZ', '2026-03-02T09:16:00Z')
    const pinned = node(own.database, { UZ: genuine }, { UZ: [uz] }, [], ['UZ'])
    for (let i = 0; i < 3; i++) await pinned.second()
    expect(await pinned.log.doubt()).toBeUndefined()
    expect((await pinned.log.cosignedCheckpoint())!.size).toBe((await pinned.log.frontier()).size)
  })

  it('waits until the list of a peer was fetched anew: the one of before may name no witness yet', async () => {
    await appendTo(own.database, 20)
    const contacts = sqlPeerStore(own.database)
    await contacts.trustChecked('UZ', '2026-03-02T09:14:00Z')
    await restored(own.database)
    const before = node(own.database, { UZ: genuine }, { UZ: [] }, [], ['UZ'])
    for (let i = 0; i < 3; i++) await before.second()
    expect(await before.log.checkpoint()).toBeUndefined()
    const [warning] = await before.warnings()
    expect(warning!.message.en).toContain('The trust lists of UZ have not been fetched since')
    expect(warning!.message.en).not.toContain('pin their roots')

    await contacts.trustChecked('UZ', '2026-03-02T09:16:00Z')
    const silent = node(own.database, {}, { UZ: [uz] }, [], ['UZ'])
    for (let i = 0; i < 3; i++) await silent.second()
    expect(await silent.log.checkpoint()).toBeUndefined()
    clock += 10 * MINUTE
    const answered = node(own.database, { UZ: genuine }, { UZ: [uz] }, [], ['UZ'])
    for (let i = 0; i < 3; i++) await answered.second()
    expect((await answered.log.checkpoint())!.size).toBe((await answered.log.frontier()).size)
  })

  it('does not wait for the list of a state that was taken out of its configuration', async () => {
    await appendTo(own.database, 20)
    await restored(own.database)
    const { second, log } = node(own.database, {}, { UZ: [] }, [], [])
    for (let i = 0; i < 3; i++) await second()
    expect(await log.doubt()).toBeUndefined()
  })

  it('signs from its first start, before any peer of its configuration is pinned', async () => {
    await appendTo(own.database, 20)
    const { second, log } = node(own.database, {}, {}, [], ['UZ'])
    await second()
    expect((await log.checkpoint())!.size).toBe(20n)
  })

  it.each([
    ['larger', 30],
    ['of another tree', 20],
  ])('signs nothing while it knows of a checkpoint of its own that is %s', async (_, size) => {
    await appendTo(own.database, 20)
    await restored(own.database)
    const { second, log, witnessed, warnings } = node(own.database, { UZ: genuine })
    const note = await signedNote(naiveTree(entry), BigInt(size), by)
    const { rootHash } = parsedNote(note).checkpoint
    const lost = { size: BigInt(size), rootHash, note }
    await witnessed.keepUnproven({ state: 'BY', origin: ORIGIN }, lost, '2026-03-02T09:15:00Z')
    for (let i = 0; i < 3; i++) {
      clock += 10 * MINUTE
      await appendTo(own.database, 1)
      await second()
    }
    expect(await log.checkpoint()).toBeUndefined()
    expect((await warnings())[0]!.message.en).toContain(`has signed one of ${size} entries`)
  })

  it.each([
    ['nothing was signed', async () => undefined],
    ['nothing was cosigned', async () => void (await node(own.database, {}).second())],
  ])('waits for a witness also where %s: an old database knows of none', async (_, before) => {
    await appendTo(own.database, 20)
    await before()
    const signed = (await node(own.database, {}).log.checkpoint())?.size
    await restored(own.database)
    const silent = node(own.database, {})
    for (let i = 0; i < 3; i++) await silent.second()
    expect((await silent.log.checkpoint())?.size).toBe(signed)
    clock += 10 * MINUTE
    const { second, log, told } = node(own.database, { UZ: genuine })
    for (let i = 0; i < 3; i++) await second()
    expect(await log.doubt()).toBeUndefined()
    expect((await log.cosignedCheckpoint())!.size).toBe((await log.frontier()).size)
    expect(await told()).toEqual([])
  })

  it('keeps no checkpoint that another process signs while it is in doubt', async () => {
    await appendTo(own.database, 20)
    const { log, publish } = node(own.database, {})
    const late = node(own.another, {})
    const stale = { ...late.log, doubt: async () => undefined }
    await restored(own.database)
    await publishCheckpoint({ now, log: stale, logSigner: async () => by })()
    expect(await publish()).toBe(false)
    expect(await log.checkpoint()).toBeUndefined()
  })
})

describe('a witness that lies', () => {
  it('stops the evidence and nothing else, is told once a day, and is believed when it confirms', async () => {
    await appendTo(own.database, 20)
    let lies = true
    const { second, log, told } = node(own.database, {
      UZ: (body) =>
        lies ? Promise.resolve(new Response('999\n', { status: 409 })) : genuine(body),
    })
    expect(await second()).toEqual([{ outcome: 'contradicted', size: 999n }])
    for (let i = 0; i < 3; i++) {
      clock += 10 * MINUTE
      await second()
    }
    expect(await told()).toEqual(['own-log-rolled-back'])
    expect(await appendTo(own.database, 1)).toBe('appended')
    lies = false
    clock += 10 * MINUTE
    for (let i = 0; i < 3; i++) await second()
    expect(await log.doubt()).toBeUndefined()
    expect((await log.cosignedCheckpoint())!.size).toBe(21n)
  })

  it('has said what it has said, also when its state does not list it any more', async () => {
    await appendTo(own.database, 20)
    const lie = async () => new Response('999\n', { status: 409 })
    await node(own.database, { UZ: lie }).second()
    const { second, log } = node(own.database, { UZ: lie }, {})
    await second()
    expect(await log.doubt()).toMatchObject({ reason: 'contradicted' })
  })

  /** A cosignature of so much earlier than it is made. */
  const backdated = (back: number) => async (body: string) => {
    const signed = parsedNote(body.slice(body.indexOf('\n\n') + 2))
    const at = new Date(now().getTime() - back)
    return new Response(formatSignatureLine(await cosign(signed, uz, at)))
  }

  it('cannot cosign ahead of time: what is to come is kept by nobody', async () => {
    await appendTo(own.database, 20)
    const { second, log } = node(own.database, { UZ: backdated(-2 * MINUTE) })
    expect(await second()).toEqual([
      { outcome: 'failed', error: expect.stringContaining('which is to come') },
    ])
    expect(await log.cosignedCheckpoint()).toBeUndefined()
    const fast = node(own.database, { UZ: backdated(-50_000) })
    expect(await fast.second()).toEqual([{ outcome: 'cosigned' }])
  })

  it('cannot make what it cosigns look older than it is', async () => {
    await appendTo(own.database, 20)
    const { second, log } = node(own.database, { UZ: backdated(5 * 365 * 24 * 60 * MINUTE) })
    expect(await second()).toEqual([
      { outcome: 'failed', error: expect.stringContaining('before the checkpoint') },
    ])
    expect(await log.cosignedCheckpoint()).toBeUndefined()
    // Two clocks differ.
    const slow = node(own.database, { UZ: backdated(50_000) })
    expect(await slow.second()).toEqual([{ outcome: 'cosigned' }])
  })

  it('is not let through by naming other sizes without end', async () => {
    await appendTo(own.database, 20)
    let asked = 0
    const { second, log } = node(own.database, {
      UZ: async () => new Response(`${(asked++ % 2) + 3}\n`, { status: 409 }),
    })
    expect(await second()).toMatchObject([{ outcome: 'failed' }])
    expect(asked).toBe(4)
    expect(await log.doubt()).toBeUndefined()
  })
})

describe('witnesses of one name', () => {
  it('do not stand in each other’s way, whoever answers first', async () => {
    await appendTo(own.database, 20)
    const falsely = async (body: string) => {
      const signed = parsedNote(body.slice(body.indexOf('\n\n') + 2))
      return new Response(formatSignatureLine(await cosign(signed, evil, now())))
    }
    const late = (body: string) =>
      new Promise<Response>((resolve) => setTimeout(() => resolve(genuine(body)), 50))
    const lists = { AM: [evil], UZ: [uz] }
    const { second, log } = node(own.database, { AM: falsely, UZ: late }, lists)
    expect(await second()).toEqual([{ outcome: 'cosigned' }, { outcome: 'cosigned' }])
    await appendTo(own.database, 1)
    await second()
    const signed = parsedNote((await log.checkpoint())!.note)
    for (const key of [uz.key, evil.key])
      expect(await verifyCosignature(signed, key)).toEqual({ at: now() })
  })

  it('is asked once for a state, however many keys it lists', async () => {
    await appendTo(own.database, 20)
    const next = noteSigner('exchange.uz/witness/1', 'cosignature/v1')
    let asked = 0
    const both = async (body: string) => {
      const signed = parsedNote(body.slice(body.indexOf('\n\n') + 2))
      const keys = asked++ % 2 === 0 ? [uz, next] : [next, uz]
      const lines = await Promise.all(keys.map((key) => cosign(signed, key, now())))
      return new Response(lines.map(formatSignatureLine).join(''))
    }
    const { second, log } = node(own.database, { UZ: both }, { UZ: [uz, next] })
    await second()
    expect(asked).toBe(1)
    const signed = parsedNote((await log.cosignedCheckpoint())!.note)
    expect(await verifyCosignature(signed, uz.key)).toEqual({ at: now() })
    expect(await verifyCosignature(signed, next.key)).toBe('absent')
  })

  it('cannot fill the checkpoint of another with signatures until nobody can read it', async () => {
    await appendTo(own.database, 20)
    const many = Array.from({ length: 40 }, (_, i) =>
      noteSigner(`exchange.am/witness/${i}`, 'cosignature/v1'),
    )
    // Each of them is the only one of its list for a while.
    for (const key of many) {
      const AM = async (body: string) => {
        const signed = parsedNote(body.slice(body.indexOf('\n\n') + 2))
        return new Response(formatSignatureLine(await cosign(signed, key, now())))
      }
      const { second } = node(own.database, { AM }, { AM: [key] })
      expect(await second()).toEqual([{ outcome: 'cosigned' }])
    }
    const { second, log } = node(own.database, { UZ: genuine }, { AM: many, UZ: [uz] })
    await second()
    const signed = parsedNote((await log.checkpoint())!.note)
    expect(await verifyCheckpoint(signed, [by.key])).toBe('valid')
    expect(await verifyCosignature(signed, uz.key)).toEqual({ at: now() })
  })
})

describe('the log key', () => {
  it('signs the last checkpoint again when it takes over and nothing was appended', async () => {
    await appendTo(own.database, 20)
    const log = sqlLogStore(own.database)
    const next = noteSigner(ORIGIN, 'ed25519')
    const publish = (signer: NoteSigner<'ed25519'>) =>
      publishCheckpoint({ now, log, logSigner: async () => signer })()
    expect(await publish(by)).toBe(true)
    expect(await publish(by)).toBe(false)
    expect(await publish(next)).toBe(true)
    expect(await publish(next)).toBe(false)
    const signed = parsedNote((await log.checkpoint())!.note)
    for (const key of [by.key, next.key])
      expect(await verifyCheckpoint(signed, [key])).toBe('valid')
    expect((await log.checkpoint())!.size).toBe(20n)
  })

  it('that no list names is a warning, not an error a second', async () => {
    await appendTo(own.database, 20)
    const log = sqlLogStore(own.database)
    const logSigner = () => Promise.reject(new NoKeyInForce('none'))
    expect(await publishCheckpoint({ now, log, logSigner })()).toBe(false)
    const { witnessed, mirror } = watcher(own.database, trustOf({}), now)
    const witnessing = ONLY_LISTED_WITNESSES
    const deps = { state: 'BY', trust: trustOf({}), log, witnessed, mirror, logSigner, witnessing }
    expect(await warningsOfLog(deps, now())).toMatchObject([{ kind: 'log-key-missing' }])
  })
})
