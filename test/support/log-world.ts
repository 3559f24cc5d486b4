import { generateKeyPairSync, sign as signRaw } from 'node:crypto'
import type { LogAnswer } from '../../src/exchange/delivery/peer-client.ts'
import { publishCheckpoint } from '../../src/exchange/log/checkpoint.ts'
import { logReading } from '../../src/exchange/log/reading.ts'
import { numberEntries } from '../../src/exchange/journal.ts'
import { sqlJournal } from '../../src/storage/journal.ts'
import { sqlLogStore } from '../../src/storage/log-store.ts'
import { sqlMirrorStore } from '../../src/storage/mirror-store.ts'
import { sqlAlarmLog } from '../../src/storage/records.ts'
import type { SqlDatabase } from '../../src/storage/sql-database.ts'
import { sqlWitnessStore } from '../../src/storage/witness-store.ts'
import {
  formatCheckpoint,
  parseSignedCheckpoint,
  type SignedCheckpoint,
} from '../../src/tlog/checkpoint.ts'
import { type NoteSigner, signNote } from '../../src/tlog/note-signature.ts'
import { formatSignedNote } from '../../src/tlog/signed-note.ts'
import { formatVerifierKey, type SignatureType, verifierKey } from '../../src/tlog/verifier-key.ts'
import type { TrustList } from '../../src/trust/trust-list.ts'
import { trustView } from '../../src/trust/trust-view.ts'
import type { CurrentTrust, Trust } from '../../src/trust/trust.ts'
import { plainEntry } from '../contract/storage-samples.ts'

export const ORIGIN = 'exchange.by/log/1'
export const utf8 = new TextEncoder()

export function noteSigner<T extends SignatureType>(name: string, type: T): NoteSigner<T> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
  const sign = async (data: Uint8Array) => new Uint8Array(signRaw(null, data, privateKey))
  return { key: verifierKey(name, type, raw), sign }
}

/** What states list: their logs and witnesses, each at `http://<state>`. */
export function trustOf(
  lists: Readonly<Record<string, readonly NoteSigner<SignatureType>[]>>,
  until?: string,
): CurrentTrust {
  const made = Object.entries(lists).map(([state, signers]) => ({
    state,
    issuedAt: '2020-01-01T00:00:00Z',
    nodes: [{ state, url: `http://${state.toLowerCase()}`, key: 'x' }],
    logs: signers.map(({ key }) => ({
      origin: key.name,
      key: formatVerifierKey(key),
      from: '2020-01-01T00:00:00Z',
      ...(until !== undefined && { until }),
    })),
    keys: [],
    bodies: [],
    cas: [],
  }))
  const view = trustView(made as unknown as TrustList[])
  return async () => ({ view }) as unknown as Trust
}

export interface Tree {
  root(size: number): Uint8Array
}

/** A checkpoint of a tree, as its log signs it. */
export async function signedNote(
  tree: Tree,
  size: bigint,
  signer: NoteSigner<'ed25519'>,
  rootHash = tree.root(Number(size)),
): Promise<string> {
  const text = formatCheckpoint({ origin: signer.key.name, size, rootHash, extensions: [] })
  return formatSignedNote({ text, signatures: [await signNote(text, signer)] })
}

export function parsedNote(note: string): SignedCheckpoint {
  const signed = parseSignedCheckpoint(utf8.encode(note))
  if ('malformed' in signed) throw new Error(signed.malformed)
  return signed
}

let named = 0
/** Appends entries to the log of a database, as its node does. */
export async function appendTo(
  database: SqlDatabase,
  count: number,
  { to = [] as readonly string[], names = undefined as readonly string[] | undefined } = {},
): Promise<string> {
  const journal = sqlJournal(database)
  const head = await journal.head()
  const entries = Array.from({ length: count }, (_, i) => ({
    ...plainEntry(names?.[i] ?? `entry ${named++}`),
    to,
  }))
  const numbered = numberEntries(head, entries, new Date('2026-03-02T09:15:00Z'))
  return journal.append({ ...numbered, effects: [], expectedHead: head })
}

export type AskLog = (peer: string, targetUri: string, maxBytes: number) => Promise<LogAnswer>

/** The log in a database as its node shows it; `kept`: answers that were kept as evidence. */
export function shownLog(database: SqlDatabase, signer: NoteSigner<'ed25519'>, now: () => Date) {
  const log = sqlLogStore(database)
  const reading = logReading(log, async () => undefined)
  const kept: string[] = []
  const ask: AskLog = async (_, uri) => {
    const { pathname, searchParams } = new URL(uri)
    const path = pathname.slice('/log/'.length)
    const [name, keyId = ''] = searchParams.get('witness')?.split('+') ?? []
    const witness = name === undefined ? undefined : { name, keyId: Number.parseInt(keyId, 16) }
    const body =
      path === 'checkpoint'
        ? utf8.encode(await reading.checkpoint(witness))
        : await reading.tile(path)
    const keep = async () => void kept.push(path)
    return body
      ? { ok: true, body: new Uint8Array(body), keep }
      : { ok: false, error: 'HTTP 404', keep }
  }
  return { log, ask, kept, publish: publishCheckpoint({ now, log, logSigner: async () => signer }) }
}

/** The stores of a node that mirrors and witnesses, over its database. */
export function watcher(database: SqlDatabase, trust: CurrentTrust, now: () => Date) {
  const alarms = sqlAlarmLog(database)
  return {
    state: 'UZ',
    now,
    trust,
    mirror: sqlMirrorStore(database),
    witnessed: sqlWitnessStore(database),
    alarms,
    pause: () => Promise.resolve(),
    told: async () => (await alarms.list(0, 1000)).map(({ kind }) => kind),
    details: async () =>
      (await alarms.list(0, 1000)).map(({ kind, detail }) => `${kind}: ${detail}`),
  }
}
