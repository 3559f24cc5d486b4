import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { AuthenticDocument } from '../validation/authenticate.ts'
import type { Incoming } from './examine.ts'
import { reconciliationEffect } from '../projection.ts'
import {
  Reconciliation,
  RECONCILIATION_SCHEMA,
  RECONCILED_VIEWS,
} from '../reconciliation/payload.ts'
import type { ReconciliationStore } from '../reconciliation/store.ts'
import { accepted, notReadable, refused, type Verdict } from './verdict.ts'

/** Of one peer for one midnight: no node is restored more often in a day. */
const MAX_EPOCHS = 8
/** Of one peer that were compared and do not agree: more of them say nothing more. */
const MAX_UNSETTLED = 64

/**
 * The decision on an authentic reconciliation document. It is accepted whatever it says: comparing it comes
 * afterwards, and is no matter of its signer's authority.
 */
export async function judgeIncomingReconciliation(
  { sha256, arrivedAt }: Incoming,
  document: AuthenticDocument,
  deps: {
    readonly state: string
    readonly reconciliations: Pick<
      ReconciliationStore,
      'endingAt' | 'newest' | 'unsettledDocuments'
    >
  },
  now: Date,
): Promise<Verdict> {
  const schema = (document.payload as { schema?: unknown } | null)?.schema
  if (typeof schema === 'string' && /^reconciliation\/\d+$/.test(schema))
    if (schema !== RECONCILIATION_SCHEMA) return notReadable('SCHEMA-UNKNOWN')
  const parsed = Reconciliation.safeParse(document.payload)
  if (!parsed.success) return refused('SCHEMA-BROKEN')
  const said = parsed.data
  if (said.iss !== document.signer) return refused('ISSUER-DIFFERS')
  if (said.aud[0] !== deps.state) return refused('NOT-ADDRESSED-HERE')
  if (!isPossible(said)) return refused('SCHEMA-BROKEN')
  if (said.until > formatInstant(new Date(now.getTime() + CLOCK_SKEW_MS)))
    return refused('NOT-OVER-YET')
  const [known, newest, unsettled] = await Promise.all([
    deps.reconciliations.endingAt(document.state, deps.state, said.until),
    deps.reconciliations.newest(document.state, deps.state),
    deps.reconciliations.unsettledDocuments(document.state),
  ])
  if (known.some(({ epoch }) => epoch === said.epoch)) return refused('CONFLICT')
  // It would say less than what is here already covers.
  if (newest && said.until < newest.until) return refused('OVERTAKEN')
  if (known.length >= MAX_EPOCHS || unsettled >= MAX_UNSETTLED)
    return refused('TOO-MANY-RECONCILIATIONS')
  return accepted([
    reconciliationEffect(sha256, said),
    ...RECONCILED_VIEWS.map((view) => {
      return { effect: 'compare', sha256, view, peer: document.state, since: arrivedAt } as const
    }),
  ])
}

/** What no document says whose maker counts right, whatever it has. */
function isPossible({ since, until, previous, sent, received, ...said }: Reconciliation): boolean {
  if ((since === null) !== (previous === null)) return false
  if (since !== null && since >= until) return false
  return (
    [sent, received].every(
      ({ after, upTo, count }) => after < upTo || (after === upTo && count === 0),
    ) &&
    sent.count <= sent.upTo - sent.after &&
    [sent, received, said.decided, said.answered].every(({ count, total }) => count <= total)
  )
}
