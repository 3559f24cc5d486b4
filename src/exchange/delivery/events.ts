import { documentTypeNamed } from '../../certificate/document-types.ts'
import { isWithin } from '../../certificate/party-id.ts'
import type { Status } from '../../certificate/certificate-state.ts'
import type { ChangeKind, StatusChange } from '../../certificate/status-change.ts'
import { isOvertaken } from '../../certificate/status-transition.ts'
import { beginning, type Cursor, type FeedHead, resume } from './cursor.ts'
import type { StoredCertificate } from '../certificate-store.ts'
import { longPoll, type LongPollDependencies } from './long-poll.ts'
import type { NoticeInterval } from '../notices/interval.ts'
import type { Outcome } from './receipt.ts'
import { payloadOf } from '../registered.ts'
import { isVisible } from '../search/search.ts'
import type { Visibility } from '../search/search-index.ts'
import type { NoticeSubject, SecurityNotice } from '../notices/security-notice.ts'

/** The certificate that something happened to: enough to name it and to know who may be told. */
export type EventCertificate = Pick<
  StoredCertificate,
  'sha256' | 'state' | 'type' | 'number' | 'issuer' | 'origin'
>

/** What an entry of the log means: for one certificate, or for all that a key signed. */
export type EntryFact = CertificateFact | NoticeFact

/** A security notice or an amendment, with the notice at the beginning of its chain; signed. */
export interface NoticeFact {
  readonly fact: 'security-notice'
  readonly notice: { readonly sha256: string; readonly jws: string }
  readonly jws: string
}

type CertificateFact = { readonly certificate: EventCertificate } & (
  | { readonly fact: 'certificate' }
  /** The changes of the certificate in order, this one the last. */
  | { readonly fact: 'status-change'; readonly changes: readonly [string, ...string[]] }
  /** A peer's first decision on a document that was sent to it. */
  | {
      readonly fact: 'decided'
      readonly document: string
      readonly recipient: string
      readonly outcome: Outcome
      readonly findings: readonly string[]
      readonly decidedAt: string
    }
)

/** Reads the log with what its projections say of each entry. */
export interface EventSource {
  /** `lastSeq`: the number of entries. */
  head(): Promise<FeedHead>
  /** Entries in order from the place behind `passed` of them. What it says of an entry never changes. */
  read(
    passed: number,
    limit: number,
  ): Promise<{ idx: number; sha256: string; at: string; facts: readonly EntryFact[] }[]>
}

export type EventDetail =
  | { readonly kind: 'certificate-issued' | 'certificate-received' }
  | {
      readonly kind: 'status-changed'
      readonly change: ChangeKind
      readonly status: Status
      readonly effectiveFrom: string
    }
  | {
      readonly kind: 'decided'
      readonly recipient: string
      readonly outcome: Outcome
      readonly findings: readonly string[]
      readonly decidedAt: string
      /** The signed decision, by digest. */
      readonly receipt: string
    }

export type Event = CertificateEvent | NoticeEvent

/** Here or elsewhere a key was put under suspicion, or that was narrowed or released. */
export interface NoticeEvent extends EventPlace {
  readonly kind: 'security-notice'
  readonly change: SecurityNotice['change']
  /** The notice at the beginning of the chain, by digest. */
  readonly notice: string
  readonly subject: NoticeSubject
  readonly measure: 'hold' | 'inform'
  /** As this document gives it; absent where it releases. */
  readonly interval?: NoticeInterval
}

export type CertificateEvent = EventDetail & EventPlace & { readonly certificate: EventCertificate }

interface EventPlace {
  /** The same wherever in whatever epoch it is read: whoever reads again knows what it has had. */
  readonly id: string
  /** When it was appended to the log. */
  readonly at: string
  /** The document it comes from or that was decided on, by digest. */
  readonly document: string
}

export interface EventPage {
  readonly events: readonly Event[]
  readonly next: Cursor
  /** Whether the log goes on; not whether the caller may see anything of it. */
  readonly hasMore: boolean
}

export interface EventDependencies extends LongPollDependencies {
  readonly events: EventSource
}

const ENTRIES_AT_ONCE = 100
/** Entries looked through for one page: who may see few of them gets on all the same. */
const MAX_ENTRIES = 2_000

/**
 * What happened at this node, in the order of its log and without gaps, as far as the caller may see it.
 * The events of one entry stay on one page, also beyond `limit`. An event names a certificate and says
 * nothing of its content: reading events is not recorded as reading certificates.
 */
export function readEvents(deps: EventDependencies) {
  const held = longPoll(deps)

  return async (
    reader: { readonly client: string; readonly visibility: Visibility },
    request: { after: Cursor | undefined; limit: number; waitSeconds: number },
  ): Promise<EventPage | { readonly goneRestartAt: Cursor }> => {
    const head = await deps.events.head()
    const from = resume(request.after, head)
    if (!from) return { goneRestartAt: beginning(head) }
    let passed = from.seq
    const { events, hasMore } = await held({
      caller: reader.client,
      waitSeconds: request.waitSeconds,
      look: async () => {
        const page = await readPage(passed, request.limit, reader.visibility)
        passed = page.passed
        return page
      },
      tells: (page) => page.events.length > 0 || page.hasMore,
    })
    return { events, next: { epoch: from.epoch, seq: passed }, hasMore }
  }

  async function readPage(
    from: number,
    limit: number,
    visibility: Visibility,
  ): Promise<{ events: Event[]; passed: number; hasMore: boolean }> {
    const events: Event[] = []
    let passed = from
    while (passed < from + MAX_ENTRIES) {
      const entries = await deps.events.read(passed, ENTRIES_AT_ONCE)
      for (const { idx, sha256, at, facts } of entries) {
        if (events.length >= limit) return { events, passed, hasMore: true }
        for (const fact of facts) {
          const event = eventOf({ sha256, at }, fact)
          if (isTold(event, visibility)) events.push(event)
        }
        passed = idx + 1
      }
      if (entries.length < ENTRIES_AT_ONCE) return { events, passed, hasMore: false }
    }
    return { events, passed, hasMore: true }
  }
}

/** Of security notices an issuer is told those about its own seals. */
function isTold(event: Event, visibility: Visibility): boolean {
  if (event.kind !== 'security-notice') return isVisible(event.certificate, visibility)
  if (visibility.sees !== 'issued-by') return true
  return 'body' in event.subject && isWithin(event.subject.body, visibility.party)
}

function eventOf(entry: { sha256: string; at: string }, fact: EntryFact): Event {
  return fact.fact === 'security-notice' ? noticeEvent(entry, fact) : certificateEvent(entry, fact)
}

function noticeEvent(
  { sha256, at }: { sha256: string; at: string },
  { notice, jws }: NoticeFact,
): NoticeEvent {
  const root = payloadOf(notice.jws) as Extract<SecurityNotice, { change: 'declare' }>
  const payload = payloadOf(jws) as SecurityNotice
  return {
    kind: 'security-notice',
    id: sha256,
    at,
    document: sha256,
    change: payload.change,
    notice: notice.sha256,
    subject: root.subject,
    measure: root.measure,
    ...(payload.change !== 'release' && { interval: payload.interval }),
  }
}

function certificateEvent(
  { sha256, at }: { sha256: string; at: string },
  fact: CertificateFact,
): CertificateEvent {
  const { certificate } = fact
  const common = { id: sha256, at, certificate, document: sha256 }
  switch (fact.fact) {
    case 'certificate': {
      const kind = certificate.origin === 'issued' ? 'certificate-issued' : 'certificate-received'
      return { kind, ...common }
    }
    case 'status-change': {
      const changes = fact.changes.map((jws) => payloadOf(jws) as StatusChange)
      const { change, effectiveFrom } = changes.at(-1)!
      const status = statusAfter(certificate.type, changes)
      return { kind: 'status-changed', ...common, change, status, effectiveFrom }
    }
    case 'decided': {
      const { document, recipient, outcome, findings, decidedAt } = fact
      // One receipt decides on many documents.
      const id = `${sha256}.${document}`
      const decision = { recipient, outcome, findings, decidedAt, receipt: sha256 }
      return { kind: 'decided', ...common, id, document, ...decision }
    }
  }
}

/** The state after changes that were judged when they were appended; one that is overtaken moves nothing. */
function statusAfter(typeName: string, changes: readonly StatusChange[]): Status {
  const type = documentTypeNamed(typeName)
  let status: Status | undefined
  for (const change of changes)
    if (status === undefined || !isOvertaken({ status }, change))
      status = type?.changes[change.change]?.to
  if (status === undefined) throw new Error(`A ${typeName} was changed as its type does not know`)
  return status
}
