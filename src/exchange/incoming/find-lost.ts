import type { Policy } from '../../certificate/policy.ts'
import { formatInstant } from '../../encoding/time.ts'
import { parseJws } from '../../jose/parse.ts'
import { claimedTarget } from '../audit/judge-document.ts'
import type { Effect } from '../effect.ts'
import type { Append } from '../journal.ts'
import type { LateReason, ListedEntry, LostPlaces } from '../log/lost-documents.ts'
import { type LoggedDocument, replayLog } from '../rebuild.ts'
import type { AlarmLog } from '../records.ts'
import { readStored } from '../registered.ts'
import { openDocument } from '../validation/opened-document.ts'

export interface FindDependencies {
  readonly state: string
  readonly now: () => Date
  readonly policy: Pick<Policy, 'trustAdditionDelayHours'>
  readonly lost: LostPlaces
  readonly alarms: Pick<AlarmLog, 'raiseOnce'>
  readonly append: Append
}

type IsOpen = (message: { readonly recipient: string; readonly sha256: string }) => Promise<boolean>

/** Bytes under their digest, which was computed from them. */
interface Arrived {
  readonly sha256: string
  readonly jws: string
  /** Of a message: under which number its sender sent it. */
  readonly seq?: number
}

/**
 * Gives documents back that a restore has listed as lost, where they are among these. The log names their
 * digests under roots that it has signed, so that they are those that were accepted, whoever brings them:
 * nothing is judged again. Their bytes are kept, and they change what a replay of the log would say; where
 * what stands behind them has taken effect already, that is left to a restore of this database, and where
 * another document has come to their number, they never do (`late`).
 *
 * @param isOpen whether a peer's decision would be the first on its document; receipts come in where it is given
 * @returns those that stand in the log and were lost once, as they stand now
 */
export async function findLost(
  deps: FindDependencies & { readonly isOpen?: IsOpen },
  peer: string,
  documents: readonly Arrived[],
): Promise<ReadonlyMap<string, ListedEntry>> {
  const listed = await deps.lost.listed(documents.map(({ sha256 }) => sha256))
  const entries = new Map<string, ListedEntry>()
  for (const entry of listed.toSorted((a, b) => a.index - b.index)) {
    const arrived = documents.find(({ sha256 }) => sha256 === entry.sha256)!
    const late =
      entry.standing === 'found' ? undefined : await putInPlace(deps, peer, entry, arrived)
    entries.set(entry.sha256, { ...entry, standing: late ? 'late' : 'found', late })
  }
  return entries
}

/** Whether a restore gave a document up that may take effect yet. */
export async function mayComeBack(
  lost: Pick<LostPlaces, 'listed'>,
  sha256: string,
): Promise<boolean> {
  const [entry] = await lost.listed([sha256])
  return entry !== undefined && entry.standing !== 'found' && entry.late !== 'taken'
}

/** What is one of its number or version; of the others the next one has the next place. */
const ALONE_IN_ITS_PLACE: ReadonlySet<Effect['effect']> = new Set([
  'certificate',
  'reconciliation',
  'trust-list',
  'officials-register',
])

/** Why it takes no effect although its bytes are here now; undefined: it has taken effect. */
async function putInPlace(
  deps: Parameters<typeof findLost>[0],
  peer: string,
  entry: ListedEntry,
  { jws, seq }: Arrived,
): Promise<LateReason | undefined> {
  const { sha256, index, at } = entry
  const target = claimedTarget(await openDocument(jws))
  const arrival = seq === undefined ? undefined : { sender: peer, seq, target }
  const effects = await effectsInPlace(deps, entry, jws)
  if (effects) {
    const found: Effect = { effect: 'found', sha256, jws, index, at, effects, arrival }
    if ((await deps.append({ entries: [], effects: [found] })) !== 'duplicate') return undefined
    // By another arrival of it; or another document holds its number or version by now.
    const [now] = await deps.lost.listed([sha256])
    if (now?.standing === 'found') return undefined
  }
  const isTaken = effects?.some(({ effect }) => ALONE_IN_ITS_PLACE.has(effect))
  // What was said of it meanwhile gives it no other standing.
  const reason = isTaken || entry.late === 'taken' ? 'taken' : 'order'
  const statusUri = reason === 'taken' ? effects?.map(ownStatusList).find(Boolean) : undefined
  if (entry.late !== reason)
    await deps.append({
      entries: [],
      effects: [{ effect: 'late', sha256, jws, reason, statusUri, arrival }],
    })
  await tellLate(deps, peer, { ...entry, late: reason, isOwn: statusUri !== undefined })
  return reason
}

/** The status list of this node in which a certificate stands. */
function ownStatusList(effect: Effect): string | undefined {
  if (effect.effect !== 'certificate' || effect.certificate.origin !== 'issued') return undefined
  return effect.certificate.statusUri
}

/** What it changes, if nothing that stands behind it has changed the same; else undefined. */
async function effectsInPlace(
  deps: Parameters<typeof findLost>[0],
  { sha256, kind, index, at }: ListedEntry,
  jws: string,
): Promise<readonly Effect[] | undefined> {
  if (kind === 'unknown') return []
  if (await deps.lost.isFollowed(sha256)) return undefined
  const parsed = parseJws(jws)
  if ('malformed' in parsed) return undefined
  const target = targetOf(kind, parsed.payload)
  const before = target ? await deps.lost.family(target.kind, target.sha256) : []
  const last = before.at(-1)
  if (target && (!last || last.index > index)) return undefined
  const effects = replayed(deps.state, [...before, { sha256, kind, jws }])
  if (!effects || !(await areOpen(effects, deps.isOpen))) return undefined
  return [...effects, ...delaysOf(effects, at, deps.policy)]
}

/** What the last of these changes; undefined: it cannot stand behind what is here of the log. */
function replayed(state: string, documents: readonly StoredDocument[]): Effect[] | undefined {
  const replay = replayLog(state)
  try {
    return documents.map((document) => replay(loggedDocument(document))).at(-1)
  } catch {
    return undefined
  }
}

type StoredDocument = Pick<LoggedDocument, 'sha256' | 'kind'> & { readonly jws: string }

function loggedDocument({ sha256, kind, jws }: StoredDocument): LoggedDocument {
  // What was decided since the loss may not fit without what is lost still.
  return { kind, sha256, ...readStored(parseJws(jws)), wasLost: true }
}

/** What a document is about, where what it changes depends on what was said of that before. */
function targetOf(kind: LoggedDocument['kind'], payload: unknown) {
  const { target, amends } = payload as { readonly target?: string; readonly amends?: string }
  switch (kind) {
    case 'status-change':
    case 'second-signature':
    case 'attestation':
      return { kind, sha256: target! }
    case 'security-notice':
      return amends === undefined ? undefined : { kind, sha256: amends }
    default:
      return undefined
  }
}

/** Whether no later receipt has decided on the same; the own ones come back in a restore alone. */
async function areOpen(
  effects: readonly Effect[],
  isOpen: IsOpen = () => Promise.resolve(false),
): Promise<boolean> {
  for (const effect of effects) {
    if (effect.effect === 'decision') return false
    if (effect.effect === 'decided-by-peer' && !(await isOpen(effect))) return false
  }
  return true
}

/** What a version of a trust list adds counts from when it would have counted. */
function delaysOf(
  effects: readonly Effect[],
  at: string,
  { trustAdditionDelayHours }: FindDependencies['policy'],
): Effect[] {
  const additionsFrom = formatInstant(
    new Date(Date.parse(at) + trustAdditionDelayHours * 3_600_000),
  )
  return effects.flatMap((effect): Effect[] => {
    if (effect.effect !== 'trust-list' || effect.version === 1) return []
    const { state, version, sha256 } = effect
    return [{ effect: 'additions-from', state, version, sha256, additionsFrom }]
  })
}

/** That a restore is needed once a day for each peer: there may be many. */
async function tellLate(
  { alarms, now }: FindDependencies,
  peer: string,
  { sha256, index, kind, late, isOwn }: ListedEntry & { readonly isOwn: boolean },
): Promise<void> {
  const at = formatInstant(now())
  const which = `${kind} ${sha256}, entry ${index}, was given up by a restore and came in now`
  if (late === 'taken')
    await alarms.raiseOnce(`found-without-effect ${sha256}`, {
      at,
      kind: 'found-without-effect',
      peer,
      detail: `${which}, when another document had come to its number. It is kept and takes no effect, and no restore changes that: ${isOwn ? `the status list withdraws it. ${peer} may have it in force: its body annuls it there (changeStatus with "displaced"), and gives its holder one with a new number` : `ask ${peer} which of the two counts, and have it annul the other one`}`,
    })
  else
    await alarms.raiseOnce(`found-late ${peer} ${at.slice(0, 10)}`, {
      at,
      kind: 'found-late',
      peer,
      detail: `${which}, when what stands behind it in the log had taken effect. It changes nothing yet: back up this database and restore it with the mirror of a peer`,
    })
}
