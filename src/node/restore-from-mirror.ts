import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { adoptSha256 } from '../crypto/suite.ts'
import { formatInstant } from '../encoding/time.ts'
import { listedKeys } from '../exchange/log-keys.ts'
import type { LostCount, LostEntry } from '../exchange/lost-documents.ts'
import { nodeKeyResolver } from '../exchange/node-keys.ts'
import { type OwnLogSource, ownLogAt, SourceUnusable } from '../exchange/own-log-source.ts'
import { peerLogReader } from '../exchange/peer-client.ts'
import { restoreDocuments } from '../exchange/restore-documents.ts'
import { type RestoredLog, restoreLog, RestoreRefused } from '../exchange/restore-log.ts'
import { signingKeys } from '../exchange/signing-keys.ts'
import { type NodeKey, noteKeyName } from '../exchange/working-keys.ts'
import { finishRestore } from '../storage/finish-restore.ts'
import { listLost, lostListOf, sqlLostDocuments, wouldBeLost } from '../storage/lost-documents.ts'
import { startEpoch } from '../storage/node-store.ts'
import { openLog } from '../storage/open-log.ts'
import { differencesFromLog } from '../storage/rebuild-differences.ts'
import { rewriteProjections } from '../storage/restored-projections.ts'
import { sqlRestoringDocuments } from '../storage/restoring-documents.ts'
import { sqlRestoringLog } from '../storage/restoring-log.ts'
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../tlog/verifier-key.ts'
import type { TrustView } from '../trust/trust-view.ts'
import { createPathCache } from '../x509/path-cache.ts'
import type { RestoreOutcome } from './backup.ts'
import type { NodeConfig } from './config.ts'
import { BackupError, contradiction, inspect, isInUse, putInPlace } from './database-file.ts'
import { type Keyring, openKeyring } from './keyring.ts'
import { nativeSha256 } from './native-sha256.ts'
import { peerFetch } from './peer-fetch.ts'
import { openRestoringFile, type RestoringFile } from './restoring-file.ts'
import { type ComparedRoot, restoreTrust, type RestoreTrust } from './restore-trust.ts'

export interface MirrorRestore {
  readonly config: NodeConfig
  /** A backup; without one the database begins empty. */
  readonly from: string | undefined
  /** Whose mirrors are asked, in this order for documents. */
  readonly mirrors: readonly string[]
  readonly roots: readonly ComparedRoot[]
  /** A database that stands there is kept under another name. */
  readonly replace: boolean
  /** People have seen what would be lost and go on without it. */
  readonly acceptLoss: boolean
  readonly now: () => Date
  readonly actor: string
  readonly progress?: (step: 'entries' | 'documents', done: number, all: number | undefined) => void
}

/** What came back and what did not. */
export interface MirrorFacts {
  readonly log: RestoredLog
  readonly documents: number
  readonly lost: LostCount
}

export type MirrorRestoreOutcome =
  | (Extract<RestoreOutcome, { outcome: 'restored' }> & MirrorFacts)
  | Exclude<RestoreOutcome, { outcome: 'restored' }>
  /** Nothing is replaced; what came is kept, and the next attempt goes on with it. */
  | {
      readonly outcome: 'would-lose'
      readonly log: RestoredLog
      /** The first of them. */
      readonly entries: readonly Pick<LostEntry, 'index' | 'kind' | 'sha256' | 'to'>[]
      readonly documents: number
    }

/**
 * Puts a database in the place of a node's that was lost: a backup, continued by what the mirrors of peers
 * hold of its log and by the documents that they have. Whatever is wrong, what stands there stays.
 *
 * @throws {BackupError} the backup is damaged, none of a node, or says other than its own log
 * @throws {RestoreRefused} backup and mirror contradict each other, or a peer lies
 * @throws {SourceUnusable} a peer cannot be asked; the next attempt goes on from here
 */
export async function restoreFromMirror(request: MirrorRestore): Promise<MirrorRestoreOutcome> {
  adoptSha256(nativeSha256)
  const { config, from, actor, replace } = request
  const { state, environment, database } = config
  if (existsSync(database)) {
    if (!replace) return { outcome: 'exists' }
    if (isInUse(database)) return { outcome: 'in-use' }
  }
  const keyring = await openKeyring(config.pki, config.passphrase)
  const origin = { state, environment, from, actor }
  const opened = await openRestoringFile(database, origin)
  if (opened.outcome !== 'opened') return opened
  try {
    return await restoreInto(opened.file, keyring, request)
  } catch (error) {
    if (!isSpoiled(error)) throw error
    await opened.file.discard()
    // An attempt before may have taken from a peer what this one refuses.
    if (opened.file.resumed) return await restoreFromMirror(request)
    throw error
  } finally {
    if (opened.file.database.raw.open) opened.file.database.close()
  }
}

/** Whether what was taken so far is of no use. */
function isSpoiled(error: unknown): boolean {
  return (
    error instanceof BackupError ||
    (error instanceof RestoreRefused && error.code !== 'document-altered')
  )
}

async function restoreInto(
  file: RestoringFile,
  keyring: Keyring,
  request: MirrorRestore,
): Promise<MirrorRestoreOutcome> {
  const { config, now, progress } = request
  const { state, policy } = config
  const { database } = file
  const line = await connect(file.path, keyring, request)
  try {
    const { sources, logKeys, witnesses } = line
    const log = await restoreLog({
      origin: noteKeyName(state, 'log'),
      log: sqlRestoringLog(database),
      logKeys,
      witnesses,
      progress: (done, all) => progress?.('entries', Number(done), Number(all)),
    })(sources)
    const at = formatInstant(now())
    const delayHours = policy.trustAdditionDelayHours
    const fetchDocuments = restoreDocuments(
      sqlRestoringDocuments(database, { at, delayHours }),
      (came) => progress?.('documents', came, undefined),
    )
    let documents = await fetchDocuments(sources)
    // Only now is it known what the receipts that came back are about.
    await rewriteProjections(database, state)
    documents += await fetchDocuments(sources)
    const losing = await wouldBeLost(database, SHOWN_LOST)
    if ((losing.documents > 0 || log.beyond) && !request.acceptLoss)
      return { outcome: 'would-lose', log, ...losing }
    await finish(file, log, request)
    return await put(file, { log, documents }, request)
  } finally {
    line.close()
  }
}

const SHOWN_LOST = 20

async function finish(
  { database, epoch, path }: RestoringFile,
  log: RestoredLog,
  { config: { state }, from, mirrors, actor, now }: MirrorRestore,
): Promise<void> {
  await database.atomic(listLost(epoch))
  await rewriteProjections(database, state)
  await finishRestore(database, log.checkpoints)
  const differences = await differencesFromLog(database, state)
  if (differences.length > 0)
    throw new BackupError('contradicts-log', contradiction(from ?? path, differences))
  await openLog(database, now)
  const lost = await lostListOf(database, epoch)
  const by = { at: formatInstant(now()), actor, subject: epoch }
  await startEpoch(database, epoch, [
    { ...by, act: 'restored', detail: told(log, { from, mirrors }) },
    ...(lost.count === 0
      ? []
      : [
          { ...by, act: 'documents-lost', detail: `${lost.count} listed; ${lost.sha256}` } as const,
        ]),
  ])
}

/** For the record: whence the log comes, and the checkpoint by which it goes on. */
function told(
  { size, added, checkpoints }: RestoredLog,
  { from, mirrors }: Pick<MirrorRestore, 'from' | 'mirrors'>,
): string {
  const source = from === undefined ? 'without a backup' : basename(from)
  const cosigned = checkpoints.findLast(({ cosignature }) => cosignature)
  const proof = cosigned
    ? `the checkpoint of ${cosigned.size} is cosigned by ${cosigned.cosignature!.witness.key.name}`
    : 'no checkpoint of it was cosigned'
  return `${source}; ${added} of ${size} entries from mirrors (${mirrors.join(', ')}); ${proof}`
}

async function put(
  { database, path }: RestoringFile,
  came: Pick<MirrorFacts, 'log' | 'documents'>,
  { config, now }: MirrorRestore,
): Promise<MirrorRestoreOutcome> {
  const lost = await sqlLostDocuments(database).count()
  database.raw.pragma('journal_mode = DELETE')
  database.close()
  const facts = inspect(path)
  const placed = await putInPlace(path, config.database, now())
  if (placed.outcome === 'in-use') return placed
  await rm(`${path}.json`, { force: true })
  return { outcome: 'restored', facts, replaced: placed.replaced, ...came, lost }
}

interface Line {
  readonly sources: readonly OwnLogSource[]
  readonly logKeys: readonly VerifierKey<'ed25519'>[]
  readonly witnesses: ReturnType<typeof listedKeys<'cosignature/v1'>>
  close(): void
}

/** Reaches every peer that is asked, under keys that count. */
async function connect(
  restoring: string,
  keyring: Keyring,
  { config, mirrors, roots, now }: MirrorRestore,
): Promise<Line> {
  const outside = peerFetch({
    caFile: config.peerCaFile,
    allowHttp: config.allowHttpPeers,
    named: config.peers.map(({ url }) => url),
    refused: () => undefined,
  })
  const believed = await restoreTrust(restoring, roots, { config, fetch: outside.fetch, now })
  const close = () => {
    believed.close()
    outside.close()
  }
  try {
    const sources: OwnLogSource[] = []
    for (const peer of mirrors) {
      const reached = await believed.reach(peer)
      if ('error' in reached) throw new SourceUnusable(`${peer}: ${reached.error}`)
      const at = { peer, url: reached.url }
      sources.push(await sourceAt(at, { keyring, config, now, believed, fetch: outside.fetch }))
    }
    const { view } = await believed.trust()
    const logKeys = ownLogKeys(keyring, view, config.state)
    return { sources, logKeys, witnesses: listedKeys(view, 'cosignature/v1', now()), close }
  } catch (error) {
    close()
    throw error
  }
}

interface Calling {
  readonly keyring: Keyring
  readonly config: NodeConfig
  readonly now: () => Date
  readonly believed: RestoreTrust
  readonly fetch: typeof fetch
}

/** Without an own trust list nobody here knows which node key is in force: the peer does. */
async function sourceAt(
  at: { peer: string; url: string },
  calling: Calling,
): Promise<OwnLogSource> {
  const { keyring, config, now, believed, fetch } = calling
  const { state } = config
  const { trust, peers } = believed
  const { view } = await trust()
  const keys: readonly NodeKey[] = view.list(state)
    ? [await signingKeys(keyring, { state, now, trust }).nodeKey()]
    : keyring.nodeKeys.map(({ key, x5tS256 }) => ({ key, keyid: x5tS256 })).toReversed()
  let failure: unknown
  for (const key of keys) {
    const ask = peerLogReader({
      state,
      now,
      fetch,
      randomBytes: (length) => new Uint8Array(randomBytes(length)),
      node: () => Promise.resolve(key),
      resolveKey: nodeKeyResolver({ now, trust, paths: createPathCache() }),
      archive: { keep: () => Promise.resolve() },
      peers,
    })
    const source = ownLogAt(ask, at)
    try {
      await source.logs()
      return source
    } catch (error) {
      if (!(error instanceof SourceUnusable)) throw error
      failure = error
    }
  }
  throw failure
}

/** Keys that this state holds or lists, former ones too: which of them signed last, the mirror shows. */
function ownLogKeys(
  keyring: Keyring,
  view: TrustView,
  state: string,
): readonly VerifierKey<'ed25519'>[] {
  const listed = view.logs(state).flatMap((log) => {
    const key = parseVerifierKey(log.key, 'ed25519')
    return 'malformed' in key ? [] : [key]
  })
  const all = [...listed, ...keyring.logSigners.map(({ key }) => key)]
  return [...new Map(all.map((key) => [formatVerifierKey(key), key])).values()]
}
