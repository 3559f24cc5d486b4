import { isWithin, type PartyId, stateOf } from '../../certificate/party-id.ts'
import { formatInstant } from '../../encoding/time.ts'
import { signJws } from '../../jose/sign.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import { actsEntry } from '../log/administrative-entry.ts'
import { canonical } from '../issuing/admit.ts'
import { digestOf } from '../validation/authenticate.ts'
import type { CertificateStore } from '../certificate-store.ts'
import { type Append, untilWon } from '../journal.ts'
import { hasTooMany } from '../incoming/notice.ts'
import { type AmendmentObstacle, amendmentObstacle } from './amendment.ts'
import { subjectText } from './limits.ts'
import { type ChainEnd, noticeEffect } from './projection.ts'
import type { Notice, NoticeStore } from './store.ts'
import { isListedAuthority } from './subject.ts'
import { keyOrNone, NoKeyInForce } from '../key-in-force.ts'
import { payloadOf } from '../registered.ts'
import type { Seals } from '../seals.ts'
import { type NoticeSubject, SECURITY_NOTICE_SCHEMA, SecurityNotice } from './security-notice.ts'

export interface IssueNoticeDependencies {
  readonly state: string
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly notices: NoticeStore
  readonly certificates: Pick<CertificateStore, 'document'>
  readonly seals: Pick<Seals, 'registry' | 'registryParty'>
  readonly append: Append
}

/** A seal or a CA as whoever reports it names it: whose it is the trust list knows. */
export type ReportedSubject =
  | { readonly state: string; readonly x5tS256: string }
  | { readonly state: string; readonly ski: string }

type Declaration = Extract<SecurityNotice, { change: 'declare' }>
type Amendment = Exclude<SecurityNotice, Declaration>
type Said<T> = Omit<T, 'schema' | 'iss' | 'aud' | 'authority' | 'subject' | 'amends'>

export type NoticeRequest =
  | (Said<Declaration> & { readonly subject: ReportedSubject })
  | (Said<Extract<Amendment, { change: 'narrow' }>> & { readonly notice: string })
  | (Said<Extract<Amendment, { change: 'release' }>> & { readonly notice: string })

export type NoticeRefusal =
  /** No trust list names this seal or CA. */
  | 'subject-unknown'
  | AmendmentObstacle
  /** Another state issued it, or an authority that this one is not above. */
  | 'not-yours'

export type NoticeOutcome =
  | {
      readonly outcome: 'issued' | 'already-issued'
      readonly sha256: string
      readonly jws: string
      /** The notice at the beginning of the chain. */
      readonly notice: string
    }
  | { readonly outcome: 'notice-unknown' }
  | { readonly outcome: 'not-permitted'; readonly reason: NoticeRefusal }
  /** No registry seal is in force. */
  | { readonly outcome: 'seal-not-available'; readonly detail: string }

/** Who asks: a client system of an authority. */
export interface NoticeActor {
  readonly party: PartyId
  readonly client: string
}

/**
 * Has the registry of the state sign what one of its authorities says of a key, and sends it to every
 * peer. The same words again, where nothing has followed them, give the same document.
 */
export function issueNotice(deps: IssueNoticeDependencies) {
  return (actor: NoticeActor, request: NoticeRequest): Promise<NoticeOutcome> =>
    untilWon(() =>
      request.change === 'declare' ? declare(deps, actor, request) : amend(deps, actor, request),
    )
}

async function declare(
  deps: IssueNoticeDependencies,
  actor: NoticeActor,
  { subject: reported, ...said }: Extract<NoticeRequest, { change: 'declare' }>,
): Promise<NoticeOutcome | 'lost-race'> {
  const trust = await deps.trust()
  const subject = subjectIn(trust, reported)
  if (!subject) return { outcome: 'not-permitted', reason: 'subject-unknown' }
  const claims = { ...frame(deps, trust, actor), ...said, subject }
  const key = 'x5tS256' in subject ? subject.x5tS256 : ''
  for (const { documents, issuer } of await deps.notices.about(subject.state, key)) {
    const same =
      issuer === deps.state &&
      documents.length === 1 &&
      (await sameDocument(deps, claims, documents))
    if (same) return same
  }
  if (await hasTooMany(deps.notices, deps.state, subject))
    return { outcome: 'not-permitted', reason: 'too-many' }
  return publish(deps, actor, claims, { subject })
}

async function amend(
  deps: IssueNoticeDependencies,
  actor: NoticeActor,
  { notice: named, ...said }: Exclude<NoticeRequest, { change: 'declare' }>,
): Promise<NoticeOutcome | 'lost-race'> {
  const notice = await deps.notices.find(named)
  if (!notice) return { outcome: 'notice-unknown' }
  const { authority } = payloadOf(await bytesOf(deps, notice.sha256)) as SecurityNotice
  if (notice.issuer !== deps.state || !isWithin(authority, actor.party))
    return { outcome: 'not-permitted', reason: 'not-yours' }
  const framed = frame(deps, await deps.trust(), actor)
  const [before, last] = [notice.documents.at(-2), notice.documents.at(-1)!]
  if (before !== undefined) {
    const same = await sameDocument(deps, { ...framed, ...said, amends: before }, notice.documents)
    if (same) return same
  }
  const reason = amendmentObstacle(notice, said)
  if (reason) return { outcome: 'not-permitted', reason }
  const end = { notice: notice.sha256, length: notice.documents.length }
  return publish(
    deps,
    actor,
    { ...framed, ...said, amends: last },
    { subject: notice.subject, end },
  )
}

function frame({ state, seals }: IssueNoticeDependencies, { view }: Trust, actor: NoticeActor) {
  const aud = view.states().filter((other) => other !== state)
  return {
    schema: SECURITY_NOTICE_SCHEMA,
    iss: seals.registryParty,
    aud: aud.toSorted(),
    authority: actor.party,
  } as const
}

/** Signs, appends, and tells whoever runs the node. */
async function publish(
  deps: IssueNoticeDependencies,
  actor: NoticeActor,
  claims: SecurityNotice,
  { subject, end }: { readonly subject: NoticeSubject; readonly end?: ChainEnd },
): Promise<NoticeOutcome | 'lost-race'> {
  const payload = SecurityNotice.parse(claims)
  const now = deps.now()
  const at = formatInstant(now)
  const seal = await keyOrNone(deps.seals.registry())
  if (seal instanceof NoKeyInForce) return { outcome: 'seal-not-available', detail: seal.message }
  const jws = await signJws({ typ: 'security-notice+jwt', payload, seal, signedAt: now })
  const sha256 = await digestOf(jws)
  const detail = `${payload.change}: ${subjectText(subject)}`
  const by = `client:${actor.client}`
  const appended = await deps.append({
    entries: [
      {
        kind: 'security-notice',
        sha256,
        jws,
        to: payload.aud,
        effects: [noticeEffect(sha256, payload, end)],
      },
      actsEntry([{ at, actor: by, act: 'security-notice-issued', subject: sha256, detail }]),
    ],
    effects: [
      {
        effect: 'alarm',
        alarm: {
          at,
          kind: 'security-notice',
          peer: undefined,
          detail: `${sha256} of ${actor.party}: ${detail}`,
        },
      },
    ],
  })
  if (appended === 'duplicate') return 'lost-race'
  return { outcome: 'issued', sha256, jws, notice: end?.notice ?? sha256 }
}

/** The last document of a chain, if it says just this. */
async function sameDocument(
  deps: Pick<IssueNoticeDependencies, 'certificates'>,
  claims: object,
  documents: Notice['documents'],
): Promise<NoticeOutcome | undefined> {
  const sha256 = documents.at(-1)!
  const jws = await bytesOf(deps, sha256)
  if (canonical(payloadOf(jws)) !== canonical(claims)) return undefined
  return { outcome: 'already-issued', sha256, jws, notice: documents[0] }
}

async function bytesOf(
  { certificates }: Pick<IssueNoticeDependencies, 'certificates'>,
  sha256: string,
): Promise<string> {
  const jws = await certificates.document(sha256)
  if (jws === undefined) throw new Error(`The bytes of document ${sha256} are missing`)
  return jws
}

function subjectIn({ view }: Trust, reported: ReportedSubject): NoticeSubject | undefined {
  const { state } = reported
  if ('ski' in reported) {
    const list = view.list(state)
    return list && isListedAuthority(list, reported.ski) ? { ...reported } : undefined
  }
  const key = view.key(reported.x5tS256, state)?.key
  if (key?.usage !== 'seal' || stateOf(key.body) !== state) return undefined
  return { state, body: key.body, x5tS256: reported.x5tS256 }
}
