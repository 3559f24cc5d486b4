import type { CurrentTrust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { formatInstant } from '../../encoding/time.ts'
import { statementDigests } from '../../jose/statement.ts'
import { authenticate } from '../validation/authenticate.ts'
import { beginsSoon } from '../issuing/begins-soon.ts'
import type { CertificateStore } from '../certificate-store.ts'
import type { Effect } from '../effect.ts'
import { findLost, type FindDependencies } from '../incoming/find-lost.ts'
import type { Outbox } from './outbox.ts'
import { decisionEffect } from '../projection.ts'
import { type Decision, ReceiptPayload } from './receipt.ts'
import type { Alarm } from '../records.ts'

export interface ReceiptDependencies extends FindDependencies {
  readonly trust: CurrentTrust
  readonly paths: PathCache
  readonly certificates: Pick<CertificateStore, 'isLogged'>
  readonly outbox: Outbox
}

export type ReceiptOutcome =
  | { readonly outcome: 'taken' | 'known'; readonly sha256: string }
  /** Ask again: what is missing to believe it may come. */
  | { readonly outcome: 'cannot-tell'; readonly detail: string }
  | { readonly outcome: 'refused'; readonly detail: string }

/** Logs a peer's signed decisions on documents we sent it; the first decision on a document counts. */
export function acceptReceipt(deps: ReceiptDependencies) {
  const isOpen = async (message: { readonly recipient: string; readonly sha256: string }) =>
    (await deps.outbox.delivery(message.recipient, message.sha256))?.decision === undefined
  return async (peer: string, jws: string): Promise<ReceiptOutcome> => {
    const digests = statementDigests(jws)
    const [sha256] = digests
    for (const known of digests)
      if (await deps.certificates.isLogged(known)) {
        await findLost({ ...deps, isOpen }, peer, [{ sha256, jws }])
        return { outcome: 'known', sha256: known }
      }
    const now = deps.now()
    const trust = await deps.trust()
    const authenticateAt = (at: Date) =>
      authenticate(jws, {
        trust,
        paths: deps.paths,
        purpose: 'registry-seal',
        at,
        now,
        typs: ['receipt+jwt'],
      })
    const { document, checks } = await authenticateAt(now)
    if (!document) {
      const last = checks.at(-1)!
      const begins = await beginsSoon(
        { checks },
        now,
        async (soon) => (await authenticateAt(soon)).document !== undefined,
      )
      const outcome = begins || last.outcome === 'unknown' ? 'cannot-tell' : 'refused'
      return { outcome, detail: `${last.check}: ${last.code}` }
    }
    const parsed = ReceiptPayload.safeParse(document.payload)
    if (!parsed.success) return { outcome: 'refused', detail: 'schema-broken' }
    const { iss, aud, decisions } = parsed.data
    if (document.state !== peer || iss !== document.signer || aud[0] !== deps.state)
      return { outcome: 'refused', detail: 'not from this peer to this node' }
    if (new Set(decisions.map((decision) => decision.sha256)).size < decisions.length)
      return { outcome: 'refused', detail: 'it decides twice on one document' }

    const effects: Effect[] = []
    const alarms: Alarm[] = []
    let known = 0
    let repeated = 0
    // Told once a receipt, however many documents it names: a peer must not flood the alarms.
    const unknown: string[] = []
    const contradicted: string[] = []
    for (const decision of decisions) {
      const delivery = await deps.outbox.delivery(peer, decision.sha256)
      if (delivery) known++
      if (!delivery) unknown.push(decision.sha256)
      else if (!delivery.decision) {
        effects.push(decisionEffect({ sha256, payload: parsed.data }, decision, deps.state))
        if (decision.outcome === 'refused')
          alarms.push({
            at: formatInstant(now),
            kind: 'document-refused-by-peer',
            peer,
            detail: `${decision.sha256}: ${decision.findings.join(', ')}`,
          })
      } else if (sameDecision(delivery.decision, decision)) repeated++
      else contradicted.push(decision.sha256)
    }
    // Of what was sent after the backup from which this node was restored, its peer still knows.
    if (unknown.length > 0)
      alarms.push({
        at: formatInstant(now),
        kind: 'decision-on-unknown-document',
        peer,
        detail: `${sha256} decides on what this node does not have: ${firstOf(unknown)}`,
      })
    if (contradicted.length > 0)
      alarms.push({
        at: formatInstant(now),
        kind: 'contradicting-receipt',
        peer,
        detail: `${sha256} decides again on ${firstOf(contradicted)}`,
      })
    // A peer that was restored pulls again what it had forgotten, and has forgotten its receipts too.
    if (repeated > 0)
      alarms.push({
        at: formatInstant(now),
        kind: 'decided-again',
        peer,
        detail: `${sha256} decides again, in the same way, on ${repeated} documents`,
      })
    if (known === 0) return { outcome: 'refused', detail: 'it decides on what was never sent' }
    // Kept also when it contradicts an earlier one: both signed texts are the evidence.
    const entry = { kind: 'receipt', sha256, jws, to: [], effects } as const
    const raised = alarms.map((alarm): Effect => ({ effect: 'alarm', alarm }))
    const appended = await deps.append({ entries: [entry], effects: raised })
    return { outcome: appended === 'duplicate' ? 'known' : 'taken', sha256 }
  }
}

function sameDecision(
  earlier: Pick<Decision, 'outcome'> & { readonly findings: readonly string[] },
  { outcome, findings }: Decision,
): boolean {
  return (
    earlier.outcome === outcome &&
    earlier.findings.toSorted().join('\n') === findings.toSorted().join('\n')
  )
}

function firstOf(sha256s: readonly string[]): string {
  const [first] = sha256s
  return sha256s.length > 1 ? `${first!} and ${sha256s.length - 1} more` : first!
}
