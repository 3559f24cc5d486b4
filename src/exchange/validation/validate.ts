import { parseCertificateId } from '../../certificate/certificate-id.ts'
import type { Day } from '../../certificate/day.ts'
import type { Policy } from '../../certificate/policy.ts'
import { formatInstant } from '../../encoding/time.ts'
import { statementDigests } from '../../jose/statement.ts'
import { isBelieved } from '../../trust/anchors.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { againstClaimed } from './against-claimed.ts'
import { digestOf, listUndecided } from './authenticate.ts'
import { authenticateProven } from './authenticate-proven.ts'
import type { CertificateContent } from './certificate-content.ts'
import type { CertificateStore, StoredCertificate } from '../certificate-store.ts'
import {
  checkNationalSignatures,
  type NationalSignatureDependencies,
} from '../second-signatures/check-national-signature.ts'
import { checkNotices } from '../notices/check-notices.ts'
import { type Check, CHECKS } from './check.ts'
import { claimedState } from './claimed-state.ts'
import { composeReport, listsOf, reported, withReasons } from './compose-report.ts'
import type { Declaration } from './declaration.ts'
import { judgeContent } from './judge-content.ts'
import { explainNotFound } from './not-found.ts'
import type { LostDocuments } from '../log/lost-documents.ts'
import type { NoticeStore } from '../notices/store.ts'
import type { OfficialsStore } from '../keep-trust/officials.ts'
import type { PeerStore } from '../delivery/peer-store.ts'
import { type ReplacementChain, replacementChain } from '../issuing/replacement-chain.ts'
import { askedOnce, type StatusListSource } from '../status-lists/source.ts'
import { alsoProven, provenTimes } from './time-proofs.ts'
import type { ValidationReport } from './validation-report.ts'

export interface ValidateDependencies extends Pick<
  NationalSignatureDependencies,
  'secondSignatures' | 'suites'
> {
  readonly state: string
  readonly now: () => Date
  readonly newId: () => string
  readonly policy: Policy
  readonly trust: CurrentTrust
  readonly paths: PathCache
  readonly certificates: CertificateStore
  readonly notices: Pick<NoticeStore, 'open' | 'namesAuthorities'>
  readonly peers: PeerStore
  readonly officials: OfficialsStore
  readonly statusLists: StatusListSource
  readonly lost: Pick<LostDocuments, 'numberState' | 'changesOf'>
}

export interface ValidationRequest {
  readonly subject:
    | { readonly document: string }
    | {
        readonly identity: {
          readonly state: string
          readonly type: string
          readonly number: string
          readonly issuedOn?: Day | undefined
        }
      }
  readonly declaration?: Declaration | undefined
}

/** One report for each request, in order. */
export type ValidateAll = (
  requests: readonly ValidationRequest[],
) => Promise<readonly ValidationReport[]>

/** Validates what was asked in one call by one trust: each status list is looked up once. */
export function validateAll(deps: ValidateDependencies): ValidateAll {
  return async (requests) => {
    const held = await deps.trust()
    const trust = () => Promise.resolve(held)
    const statusLists = askedOnce(deps.statusLists)
    return Promise.all(requests.map(validateCertificate({ ...deps, trust, statusLists })))
  }
}

/** Answers a question about a certificate with a report; never throws for a bad certificate. */
export function validateCertificate(deps: ValidateDependencies) {
  return async ({ subject, declaration }: ValidationRequest): Promise<ValidationReport> => {
    const now = deps.now()
    const trust = await deps.trust()
    if ('document' in subject) {
      const sha256 = await digestOf(subject.document)
      return report(deps, trust, now, { sha256, jws: subject.document, declaration })
    }
    const { identity } = subject
    const id = parseCertificateId(identity)
    const stored = id && (await deps.certificates.find(id))
    if (stored) {
      const jws = await deps.certificates.document(stored.sha256)
      if (jws === undefined) throw new Error(`The bytes of document ${stored.sha256} are missing`)
      return report(deps, trust, now, { sha256: stored.sha256, jws, declaration })
    }
    const peer = await deps.peers.find(identity.state)
    const isOwn = id?.state === deps.state
    const { code, conclusive, detail } = explainNotFound(identity, {
      self: deps.state,
      policy: deps.policy,
      peer,
      mayBeLost: isOwn && (await deps.lost.numberState(id)) !== 'free',
      now,
    })
    const outcome = conclusive ? 'failed' : 'unknown'
    const check: Check = { check: 'identity', outcome, code, detail }
    return {
      id: deps.newId(),
      createdAt: formatInstant(now),
      answer: conclusive ? 'not-usable' : 'cannot-tell',
      indication: 'INDETERMINATE',
      subIndication: undefined,
      reasons: [code],
      instants: { claimed: undefined, proven: undefined, checked: formatInstant(now) },
      provenBy: undefined,
      judgements: [],
      certificate: undefined,
      status: undefined,
      checks: reported([check]),
      notMade: withReasons([check], NO_DOCUMENT),
      stoppedBy: 'identity',
      findings: [],
      notEvaluated: [],
      lines: [],
      evidence: listsOf(trust.view),
    }
  }
}

/** Of a certificate that is not here nothing but its number can be judged. */
const NO_DOCUMENT = Object.fromEntries(CHECKS.map((check) => [check, 'not-available'] as const))

interface Presented {
  readonly sha256: string
  readonly jws: string
  readonly declaration: Declaration | undefined
}

/** What stands in the register where its signature alone has another form: the same words of its signer. */
async function inRegisteredForm(
  certificates: CertificateStore,
  presented: Presented,
): Promise<Presented | undefined> {
  const others = statementDigests(presented.jws).filter((digest) => digest !== presented.sha256)
  for (const sha256 of others) {
    const isCertificate = (await certificates.findByDigest(sha256)) !== undefined
    const jws = isCertificate ? await certificates.document(sha256) : undefined
    if (jws !== undefined) return { ...presented, sha256, jws }
  }
  return undefined
}

async function report(
  deps: ValidateDependencies,
  trust: Trust,
  now: Date,
  subject: Presented & { isOtherForm?: boolean },
): Promise<ValidationReport> {
  const { sha256, jws, declaration } = subject
  const { stored, proofs } = await deps.certificates.findProven(sha256)
  const registered = stored ? undefined : await inRegisteredForm(deps.certificates, subject)
  if (registered) return report(deps, trust, now, { ...registered, isOtherForm: true })
  const times = provenTimes(proofs, deps.state)
  const { authentication, checked, time } = await authenticateProven(jws, times, {
    trust,
    paths: deps.paths,
    purpose: 'document-seal',
    now,
    typs: ['product-certificate+jwt'],
  })
  const { document } = authentication
  const furtherChecks: Check[] = []
  if (subject.isOtherForm)
    furtherChecks.push({
      check: 'identity',
      outcome: 'warning',
      code: 'signature-in-other-form',
      detail: sha256,
    })
  if (document)
    furtherChecks.push(
      await checkNotices(deps, document, {
        proven: time?.at,
        claimed: formatInstant(new Date(document.iat * 1000)),
        now: formatInstant(now),
      }),
    )
  const content = checked?.content
  const judge = (of: CertificateContent) => {
    const signedAt = authentication.claimedAt!
    return judgeContent(deps, now, { sha256, stored, signedAt, trust }, of, declaration)
  }
  const judged = content && (await judge(content))
  const isProven = time !== undefined
  const against = await againstClaimed(authentication, { isProven, now }, judge)
  furtherChecks.push(...(judged ?? against).checks)
  const national = content && { sha256, jws, state: content.id.state }
  if (national)
    furtherChecks.push(...(await checkNationalSignatures(deps, national, { trust, now })))

  const signedIn = document?.state ?? authentication.state
  const unlisted =
    signedIn === undefined && authentication.at
      ? claimedOfUnlisted(trust, jws, time ? new Date(time.at) : now)
      : undefined
  if (unlisted !== undefined) furtherChecks.push(listUndecided(unlisted))
  const overdueSince = endOfStaleList(trust, signedIn, now)
  // Answers do not stop at the minute: for a while the list counts with a warning. What it does not
  // name may stand in the one that is overdue.
  const graceMs = deps.policy.trustListGraceHours * 3_600_000
  const staleSince = endOfStaleList(trust, signedIn, new Date(now.getTime() - graceMs))
  if (overdueSince !== undefined && staleSince === undefined && authentication.at)
    furtherChecks.push({
      check: 'registration',
      outcome: 'warning',
      code: 'trust-list-overdue',
      detail: overdueSince,
    })
  const composed = await composeReport({
    id: deps.newId(),
    now,
    sha256,
    provenAt: time && new Date(time.at),
    provenBy: time?.by,
    provenAlso: alsoProven(times, time),
    view: trust.view,
    staleSince,
    trustFresh: overdueSince === undefined && unlisted === undefined && trust.anchors.length > 0,
    authentication,
    content: checked,
    furtherChecks,
    leftOut: {
      // Where there is one, it was checked.
      ...(content && { 'national-signature': 'not-asked' as const }),
      ...(!declaration && { declaration: 'not-asked' as const }),
    },
    status: judged?.status,
    findings: judged?.findings ?? [],
    notEvaluated: judged?.notEvaluated ?? [],
    lines: (judged ?? against).lines,
    statusList: (judged ?? against).statusList,
  })
  return { ...composed, chain: content && (await chainOf(deps, content, { sha256, stored })) }
}

/**
 * The state that a document claims, if a root of it is pinned and believed of the instant judged, and its list,
 * which would show the root, is not here.
 */
function claimedOfUnlisted({ pins, view }: Trust, jws: string, at: Date): string | undefined {
  const claimed = claimedState(jws)
  const isUnlisted = claimed !== undefined && view.list(claimed) === undefined
  const isPinned = pins.some((pin) => pin.state === claimed && isBelieved(pin, at))
  return isUnlisted && isPinned ? claimed : undefined
}

/** When the list of the signer's state should have been renewed; where no root leads to it, any list. */
function endOfStaleList({ view }: Trust, state: string | undefined, now: Date): string | undefined {
  return (state === undefined ? view.states() : [state])
    .map((name) => view.list(name)!.nextUpdate)
    .find((nextUpdate) => formatInstant(now) > nextUpdate)
}

/** The chain of replacements that a certificate says it stands in, or that has ended it. */
async function chainOf(
  { certificates }: Pick<ValidateDependencies, 'certificates'>,
  { type, payload }: CertificateContent,
  { sha256, stored }: { sha256: string; stored: StoredCertificate | undefined },
): Promise<ReplacementChain | undefined> {
  const replacedBy = stored?.replacedBy
  if (replacedBy === undefined && !type.replaces(payload.certificate)) return undefined
  return replacementChain(certificates, { sha256, replacedBy })
}
