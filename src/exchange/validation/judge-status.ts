import type { CertificateState } from '../../certificate/certificate-state.ts'
import type { Day } from '../../certificate/day.ts'
import { possibleStatesOn, stateOn } from '../../certificate/status-transition.ts'
import { usability } from '../../certificate/usability.ts'
import { decodeBase64 } from '../../encoding/base64url.ts'
import { formatInstant } from '../../encoding/time.ts'
import { parseJws } from '../../jose/parse.ts'
import type { Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { validatePath } from './path-to-root.ts'
import type { CertificateContent } from './certificate-content.ts'
import type { CertificateStore } from '../certificate-store.ts'
import { askedOnce, checkNotices, type NoticeDependencies } from '../notices/check-notices.ts'
import type { LostDocuments } from '../log/lost-documents.ts'
import { passed, type Check } from './check.ts'
import { LISTED_AS } from '../status-lists/store.ts'
import { loadChanges, type LoadedChange } from '../registered.ts'
import { STATUS_TYPE } from '../../status-list/status-list.ts'

export interface StatusDependencies extends NoticeDependencies {
  readonly lost: Pick<LostDocuments, 'changesOf'>
  readonly certificates: CertificateStore
  readonly paths: PathCache
}

export interface JudgedStatus {
  readonly state: CertificateState
  readonly checks: readonly Check[]
}

/**
 * Whether a certificate is in force on a day, by the changes of the register. A change is a signed
 * document like any other: where its key was revoked for a time before it was proven, its root withdrawn, or
 * the key is on hold, it neither counts nor does not. If the answer hangs on it, the status cannot be told;
 * nor while a restore lost changes of this state that may have been of it.
 */
export async function judgeStatus(
  deps: StatusDependencies,
  target: { readonly sha256: string | undefined; readonly day: Day; readonly isOwn: boolean },
  { type, payload: { certificate } }: CertificateContent,
  context: { readonly trust: Trust; readonly now: Date },
): Promise<JudgedStatus> {
  const { sha256, day, isOwn } = target
  const changes = sha256 === undefined ? [] : await loadChanges(deps.certificates, sha256)
  const validity = type.validity(certificate)
  const words = changes.map(({ change }) => change)
  const state = stateOn(type, certificate, words, day)
  const lost = isOwn && sha256 !== undefined ? await lostChangesOf(deps, sha256, state) : []
  if (lost.length > 0) return { state, checks: [undecided('status-change-lost', lost)] }
  const checks = inForceChecks(validity, state, day)
  const doubtful = await doubtfulOf(deps, changes, context)
  if (doubtful.length === 0) return { state, checks }
  const judged = changes.map((loaded) => ({
    change: loaded.change,
    isDoubtful: doubtful.includes(loaded),
  }))
  const { verdict } = usability(state, validity, day)
  const possible = possibleStatesOn(type, certificate, judged, day)
  if (possible?.every((one) => usability(one, validity, day).verdict === verdict))
    return { state, checks }
  const digests = doubtful.map((change) => change.sha256)
  return { state, checks: [undecided('status-change-doubtful', digests)] }
}

/**
 * Digests of changes that a restore lost and that may have changed an issued certificate: while there are
 * any, this state of it is not known to be its last. None where it has ended.
 */
export async function lostChangesOf(
  { lost }: Pick<StatusDependencies, 'lost'>,
  sha256: string,
  state: CertificateState,
): Promise<readonly string[]> {
  return hasEnded(state) ? [] : lost.changesOf({ sha256 })
}

function undecided(
  code: 'status-change-doubtful' | 'status-change-lost',
  changes: readonly string[],
): Check {
  return { check: 'status', outcome: 'unknown', code, detail: changes.join(', ') }
}

/** Whatever else was said of it, it is not in force. */
function hasEnded({ status }: CertificateState): boolean {
  return LISTED_AS[status] === STATUS_TYPE.invalid
}

/** The changes of which it cannot be told whether the party that they name made them. */
async function doubtfulOf(
  deps: StatusDependencies,
  changes: readonly LoadedChange[],
  context: { readonly trust: Trust; readonly now: Date },
): Promise<LoadedChange[]> {
  if (changes.length === 0) return []
  const texts = await deps.certificates.documents(changes.map(({ sha256 }) => sha256))
  const asking = { ...deps, notices: askedOnce(deps.notices) }
  const doubts = await Promise.all(
    changes.map((change) => isDoubtful(asking, texts.get(change.sha256) ?? '', change, context)),
  )
  return changes.filter((_, i) => doubts[i])
}

async function isDoubtful(
  deps: StatusDependencies,
  jws: string,
  { at, provenAt }: Pick<LoadedChange, 'at' | 'provenAt'>,
  { trust, now }: { readonly trust: Trust; readonly now: Date },
): Promise<boolean> {
  const parsed = parseJws(jws)
  // Bytes lawfully destroyed: what was judged when they came stands.
  if ('malformed' in parsed) return false
  const { iat, x5c, 'x5t#S256': x5tS256 } = parsed.header
  const ders = x5c.map((text) => decodeBase64(text)!)
  const { paths } = deps
  // Whoever saw it before its key began says nothing against it.
  for (const proven of new Set([provenAt, at])) {
    const judged = { trust, paths, purpose: 'document-seal', at: new Date(proven), now } as const
    const { state, path } = await validatePath(ders, judged)
    if (path.result === 'invalid') continue
    if (path.result === 'unknown' && path.revokes) return true
    const claimed = formatInstant(new Date(iat * 1000))
    const times = { proven, claimed, now: formatInstant(now) }
    const notices = await checkNotices(deps, { state, x5tS256, x5c }, times)
    return notices.outcome === 'unknown'
  }
  // It was valid when the change came: what has been revoked or withdrawn since reaches back to it.
  return true
}

/** Status and period of validity on a day, as checks of a report. */
export function inForceChecks(
  validity: Parameters<typeof usability>[1],
  status: CertificateState,
  day: Day,
): Check[] {
  const usable = usability(status, validity, day)
  if (usable.verdict === 'usable') return [passed('status'), passed('validity')]
  const inTime = usable.reason === 'expired' || usable.reason === 'not-yet-valid'
  const outcome = usable.verdict === 'not-usable' ? 'failed' : 'unknown'
  const check: Check = {
    check: inTime || usable.reason === 'extended-without-end' ? 'validity' : 'status',
    outcome,
    code: inTime ? `${usable.reason}-document` : usable.reason,
    detail: usable.since,
  }
  return check.check === 'validity' ? [passed('status'), check] : [check]
}
