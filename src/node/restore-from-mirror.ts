import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { adoptSha256 } from '../crypto/suite.ts'
import { formatInstant } from '../encoding/time.ts'
import { type PendingAdditions, undecidedTrust } from '../exchange/keep-trust/undecided-trust.ts'
import type { LostCount, LostEntry } from '../exchange/log/lost-documents.ts'
import { restoreDocuments } from '../exchange/log/restore-documents.ts'
import { RestoreRefused } from '../exchange/log/proven-checkpoint.ts'
import { type RestoredLog, restoreLog } from '../exchange/log/restore-log.ts'
import { keepSignedElsewhere } from '../exchange/log/unconfirmed-log.ts'
import { digestOf } from '../exchange/validation/authenticate.ts'
import { noteKeyName } from '../exchange/working-keys.ts'
import { finishRestore } from '../storage/finish-restore.ts'
import {
  listLost,
  listWithoutEffect,
  lostListOf,
  sqlLostDocuments,
  wouldBeLost,
} from '../storage/lost-documents.ts'
import { startEpoch } from '../storage/node-store.ts'
import { openLog } from '../storage/open-log.ts'
import { differencesFromLog } from '../storage/rebuild-differences.ts'
import { PlacesCollide, rewriteProjections } from '../storage/restored-projections.ts'
import { sqlRestoringDocuments } from '../storage/restoring-documents.ts'
import { sqlRestoringLog } from '../storage/restoring-log.ts'
import { sqlTrustStore } from '../storage/trust-store.ts'
import { sqlWitnessStore } from '../storage/witness-store.ts'
import type { RestoreOutcome } from './backup.ts'
import type { NodeConfig } from './config.ts'
import { BackupError, contradiction, inspect, isInUse, putInPlace } from './database-file.ts'
import { type Keyring, openKeyring } from './keyring.ts'
import { nativeSha256 } from './native-sha256.ts'
import { listReplaced, type ReplacedDocuments } from './replaced-database.ts'
import { openRestoringFile, type RestoringFile } from './restoring-file.ts'
import { connect } from './restore-sources.ts'
import type { ComparedRoot } from './restore-trust.ts'

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
  readonly replacedDocuments: ReplacedDocuments
  /** Versions of trust lists that wait: the acts by which people hastened them may be lost. */
  readonly waiting: readonly Pick<PendingAdditions, 'state' | 'version' | 'countsFrom'>[]
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
 * @throws {BackupError} the backup is damaged, none of a node, or says other than its own log; or documents of
 *   the log claim one place in the tables
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
      ofBackup: file.ofBackup,
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
    await rewrite(file, request)
    documents += await fetchDocuments(sources)
    const losing = await wouldBeLost(database, SHOWN_LOST)
    if ((losing.documents > 0 || log.beyond) && !request.acceptLoss)
      return { outcome: 'would-lose', log, ...losing }
    // What an attempt gives up, another mirror may have.
    await file.seal()
    const replacedDocuments = await finish(file, log, request)
    return await put(file, { log, documents, replacedDocuments }, request)
  } finally {
    line.close()
  }
}

const SHOWN_LOST = 20

async function finish(
  file: RestoringFile,
  log: RestoredLog,
  request: MirrorRestore,
): Promise<ReplacedDocuments> {
  const { database, epoch, path } = file
  const { config, from, mirrors, actor, now } = request
  const { state } = config
  await database.atomic(listLost(epoch, log.beyond && (await digestOf(log.beyond.note))))
  await rewrite(file, request)
  await database.atomic([listWithoutEffect(epoch)])
  await finishRestore(database, log.checkpoints, now())
  if (log.beyond)
    await keepSignedElsewhere({ state, witnessed: sqlWitnessStore(database), now }, log.beyond)
  const differences = await differencesFromLog(database, state)
  if (differences.length > 0)
    throw new BackupError('contradicts-log', contradiction(from ?? path, differences))
  await openLog(database, now)
  const at = formatInstant(now())
  const given = { state, epoch, at, actor }
  const replaced = await listReplaced(database, config.database, given)
  const lost = await lostListOf(database, epoch)
  const by = { at, actor, subject: epoch }
  await startEpoch(database, epoch, [
    { ...by, act: 'restored', detail: told(log, { from, mirrors }) },
    ...(lost.count === 0
      ? []
      : [
          { ...by, act: 'documents-lost', detail: `${lost.count} listed; ${lost.sha256}` } as const,
        ]),
    ...replaced.acts,
  ])
  return replaced.documents
}

async function rewrite(
  { database, path }: RestoringFile,
  { config: { state }, from }: MirrorRestore,
): Promise<void> {
  try {
    await rewriteProjections(database, state)
  } catch (cause) {
    if (!(cause instanceof PlacesCollide)) throw cause
    const whose = from === undefined ? path : `${from}, continued from the mirror`
    const message = `${whose}: ${cause.message}. Nothing was replaced. Restore the backup without a mirror, keep a copy of both databases, and tell whoever maintains this program`
    throw new BackupError('places-collide', message, { cause })
  }
}

/** For the record: whence the log comes, and the checkpoint by which it goes on. */
function told(
  { size, added, checkpoints, beyond }: RestoredLog,
  { from, mirrors }: Pick<MirrorRestore, 'from' | 'mirrors'>,
): string {
  const source = from === undefined ? 'without a backup' : basename(from)
  const cosigned = checkpoints.findLast(({ cosignature }) => cosignature)
  const proof = cosigned
    ? `the checkpoint of ${cosigned.size} is cosigned by ${cosigned.cosignature!.witness.key.name}`
    : 'no checkpoint of it was cosigned'
  const lost = beyond
    ? `; entries ${size} to ${beyond.size - 1n}, under a checkpoint that ${beyond.peer} shows, are lost`
    : ''
  return `${source}; ${added} of ${size} entries from mirrors (${mirrors.join(', ')}); ${proof}${lost}`
}

async function put(
  { database, path }: RestoringFile,
  came: Pick<MirrorFacts, 'log' | 'documents' | 'replacedDocuments'>,
  { config, now }: MirrorRestore,
): Promise<MirrorRestoreOutcome> {
  const lost = await sqlLostDocuments(database).count()
  const { pending } = await undecidedTrust(sqlTrustStore(database), now())
  const waiting = pending.map(({ state, version, countsFrom }) => ({ state, version, countsFrom }))
  database.raw.pragma('journal_mode = DELETE')
  database.close()
  const facts = inspect(path)
  const placed = await putInPlace(path, config.database, now())
  if (placed.outcome === 'in-use') return placed
  return { outcome: 'restored', facts, replaced: placed.replaced, ...came, lost, waiting }
}
