import { stateOf } from '../../certificate/party-id.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Trust } from '../../trust/trust.ts'
import type { AuthenticDocument } from '../validation/authenticate.ts'
import type { Incoming } from './examine.ts'
import { mayComeBack } from './find-lost.ts'
import type { Inbox } from './inbox.ts'
import type { LostPlaces } from '../log/lost-documents.ts'
import { type Amendment, amendmentObstacle, isOvertaken } from '../notices/amendment.ts'
import { noticeEffect } from '../notices/projection.ts'
import type { NoticeStore } from '../notices/store.ts'
import { MAX_NOTICES_OF_STATE, noticesPermitted, subjectText } from '../notices/limits.ts'
import { isListed } from '../notices/subject.ts'
import type { AlarmLog } from '../records.ts'
import {
  type NoticeSubject,
  SECURITY_NOTICE_SCHEMA,
  SecurityNotice,
} from '../notices/security-notice.ts'
import { accepted, notReadable, refused, type Verdict, waiting } from './verdict.ts'
import { waitsForTarget } from './waiting-changes.ts'

interface NoticeDependencies {
  readonly state: string
  readonly notices: NoticeStore
  readonly inbox: Inbox
  readonly lost: Pick<LostPlaces, 'listed'>
  readonly alarms: Pick<AlarmLog, 'raiseOnce'>
}

interface NoticeContext {
  readonly trust: Pick<Trust, 'view'>
  readonly now: Date
}

/**
 * The decision on an authentic security notice. Whoever's key it names, it is kept: what it holds up here
 * is for `isHolding` to say. An amendment waits for the document that it amends.
 */
export async function judgeIncomingNotice(
  incoming: Incoming,
  document: AuthenticDocument,
  deps: NoticeDependencies,
  context: NoticeContext,
): Promise<Verdict> {
  const schema = (document.payload as { schema?: unknown } | null)?.schema
  if (typeof schema === 'string' && /^security-notice\/\d+$/.test(schema))
    if (schema !== SECURITY_NOTICE_SCHEMA) return notReadable('SCHEMA-UNKNOWN')
  const parsed = SecurityNotice.safeParse(document.payload)
  if (!parsed.success) return refused('SCHEMA-BROKEN')
  const notice = parsed.data
  if (notice.iss !== document.signer) return refused('ISSUER-DIFFERS')
  if (stateOf(notice.authority) !== document.state) return refused('AUTHORITY-OF-ANOTHER-STATE')
  if (!notice.aud.includes(deps.state)) return refused('NOT-ADDRESSED-HERE')
  if (notice.change !== 'declare')
    return judgeAmendment(incoming, notice, document.state, deps, context)

  const { subject, measure, interval } = notice
  if ('body' in subject && stateOf(subject.body) !== subject.state) return refused('SCHEMA-BROKEN')
  if (await hasTooMany(deps.notices, document.state, subject)) return refused('TOO-MANY-NOTICES')
  const { sha256 } = incoming
  const verdict = accepted([noticeEffect(sha256, notice, undefined)])
  // Of a key that no trust list names nothing is held up, and whoever invents keys calls nobody out.
  if (!isListed(context.trust.view, subject)) return verdict
  const until = interval.until === undefined ? '' : ` until ${interval.until}`
  const detail = `${sha256} of ${notice.authority}: ${subjectText(subject)}, ${notice.severity} from ${interval.from}${until}, ${measure}`
  return { ...verdict, alarms: [{ kind: 'security-notice', detail }] }
}

/** Whether a state has declared as many notices about a subject, or altogether, as it may. */
export async function hasTooMany(
  notices: Pick<NoticeStore, 'count' | 'countOf'>,
  issuer: string,
  subject: NoticeSubject,
): Promise<boolean> {
  if ((await notices.count(issuer, subject)) >= noticesPermitted(issuer, subject)) return true
  return (await notices.countOf(issuer)) >= MAX_NOTICES_OF_STATE
}

async function judgeAmendment(
  { sha256, sender }: Incoming,
  amendment: Amendment,
  state: string,
  { notices, inbox, alarms, lost }: NoticeDependencies,
  { trust, now }: NoticeContext,
): Promise<Verdict> {
  const { amends, change } = amendment
  const notice = await notices.find(amends)
  if (!notice) return withoutNotice(amends, sender, { notices, inbox, lost })
  if (notice.issuer !== state) return refused('NOT-YOUR-NOTICE')
  const obstacle = amendmentObstacle(notice, amendment)
  if (obstacle) return refused(`NOTICE-${obstacle.toUpperCase()}`)
  if (isOvertaken(notice, amendment)) {
    const detail = `${sha256} amends ${amends}, which is amended already: the last is ${notice.documents.at(-1)}`
    // Once for each chain: whoever signs one conflict signs as many as he likes.
    await alarms.raiseOnce(`notice-conflict ${notice.sha256}`, {
      at: formatInstant(now),
      kind: 'security-notice',
      peer: sender,
      detail,
    })
    return refused('CONFLICT')
  }
  const end = { notice: notice.sha256, length: notice.documents.length }
  const verdict = accepted([noticeEffect(sha256, amendment, end)])
  if (!isListed(trust.view, notice.subject)) return verdict
  const detail = `${notice.sha256} (${subjectText(notice.subject)}): ${change} by ${amendment.authority}`
  return { ...verdict, alarms: [{ kind: 'security-notice', detail }] }
}

/** The notice may be on its way, or lost here; where its sender's was decided and is not in the log, it never is. */
async function withoutNotice(
  amends: string,
  sender: string,
  { inbox, notices, lost }: Pick<NoticeDependencies, 'inbox' | 'notices' | 'lost'>,
): Promise<Verdict> {
  const decision = (await inbox.find(sender, [amends])).get(amends)?.decision
  if (decision?.outcome === 'not-readable') return notReadable('TARGET-NOT-READABLE')
  if (decision?.outcome === 'refused') return refused('TARGET-REFUSED')
  // It may have been accepted since it was looked for: the next call sees it.
  if (!decision || (await notices.find(amends))) return waiting(waitsForTarget(amends))
  if (await mayComeBack(lost, amends)) return waiting(waitsForTarget(amends))
  return refused('TARGET-NOT-A-NOTICE')
}
