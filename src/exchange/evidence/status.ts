import type { CertificateState } from '../../certificate/certificate-state.ts'
import type { Day } from '../../certificate/day.ts'
import { mayChange, mayResume } from '../../certificate/status-authority.ts'
import { StatusChange } from '../../certificate/status-change.ts'
import { possibleStatesOn, stateOn } from '../../certificate/status-transition.ts'
import { usability } from '../../certificate/usability.ts'
import { formatInstant } from '../../encoding/time.ts'
import { parseJws } from '../../jose/parse.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { authenticate, digestOf } from '../validation/authenticate.ts'
import type { CertificateContent } from '../validation/certificate-content.ts'
import { checkNotices, type NoticeDependencies } from '../notices/check-notices.ts'
import type { Check } from '../validation/check.ts'
import { whyDoubted } from './doubted-seal.ts'
import type { EvidencePack, LoggedPart } from './pack.ts'
import { inForceChecks } from '../validation/judge-status.ts'
import { type WitnessContext, witnessedTime } from './witnessed-time.ts'

type Context = WitnessContext & {
  readonly paths: PathCache
  /** The present, where the pack is judged as of before. */
  readonly clock: Date
  readonly notices: NoticeDependencies
}

interface PackedChange {
  readonly sha256: string
  readonly change: StatusChange | undefined
  /** Whether the party that it names made it, and may. */
  readonly counts: boolean
}

/**
 * Whether a certificate was in force on a day by the changes of a pack alone; what decides on a change of
 * which nobody can tell who made it, is undecided.
 */
export async function statusByPack(
  pack: EvidencePack,
  { type, payload }: CertificateContent,
  { sha256, day }: { readonly sha256: string; readonly day: Day },
  context: Context,
): Promise<{ readonly state: CertificateState; readonly checks: readonly Check[] }> {
  const changes: PackedChange[] = []
  for (const part of pack.statusChanges) {
    const earlier = changes.flatMap(({ change }) => change ?? [])
    changes.push(await readChange(part, { target: sha256, issuer: payload.iss, earlier }, context))
  }
  const { certificate } = payload
  const validity = type.validity(certificate)
  const legible = changes.flatMap(({ change, counts }) =>
    change ? [{ change, isDoubtful: !counts }] : [],
  )
  const words = legible.map(({ change }) => change)
  const state = stateOn(type, certificate, words, day)
  const { verdict } = usability(state, validity, day)
  const doubtful = changes.filter(({ counts }) => !counts)
  const possible = possibleStatesOn(type, certificate, legible, day)
  const isSettled =
    legible.length === changes.length &&
    possible?.every((one) => usability(one, validity, day).verdict === verdict)
  if (isSettled) return { state, checks: inForceChecks(validity, state, day) }
  const detail = doubtful.map((change) => change.sha256).join(', ')
  const code = 'status-change-doubtful'
  return { state, checks: [{ check: 'status', outcome: 'unknown', code, detail }] }
}

async function readChange(
  part: LoggedPart,
  about: {
    readonly target: string
    readonly issuer: string
    readonly earlier: readonly StatusChange[]
  },
  context: Context,
): Promise<PackedChange> {
  const { trust, paths, now, clock } = context
  const sha256 = await digestOf(part.jws)
  const parsed = parseJws(part.jws)
  const change = 'malformed' in parsed ? undefined : StatusChange.safeParse(parsed.payload).data
  if (change?.target !== about.target) return { sha256, change: undefined, counts: false }
  const time = await witnessedTime(part, sha256, context)
  const at = 'at' in time ? time.at : now
  const typs = ['status-change+jwt']
  const purpose = 'document-seal'
  const { document } = await authenticate(part.jws, { trust, paths, purpose, at, now, typs })
  if (!document || change.iss !== document.signer) return { sha256, change, counts: false }
  if ('code' in time && (await whyDoubted(document, { trust, paths, purpose, clock })))
    return { sha256, change, counts: false }
  const notices = await checkNotices(context.notices, document, {
    proven: 'at' in time ? formatInstant(time.at) : undefined,
    claimed: formatInstant(new Date(document.iat * 1000)),
    now: formatInstant(now),
  })
  const counts =
    notices.outcome !== 'unknown' &&
    mayChange(change.iss, change.change, about.issuer) &&
    (change.change !== 'resume' || mayResume(change.iss, about.earlier, about.issuer))
  return { sha256, change, counts }
}
