import type { Effect } from '../exchange/effect.ts'
import { replayLog } from '../exchange/rebuild.ts'
import { noticeRow } from './notices.ts'
import { keyOf, type ProjectedRows } from './projected-rows.ts'
import { type ReadEntry, reasonOf } from './read-entries.ts'
import { certificateRow, decisionRow, outgoingRow, peerDecisionColumns } from './rows.ts'
import { attestationRow } from './second-signatures.ts'

/**
 * The projections as the log tells them, and what is wrong with the log itself. `contradictions`: receipts of
 * this node that say otherwise than one before. Whoever lost the first had to decide anew; else it must not be.
 */
export async function rebuildProjections(
  entries: AsyncIterable<ReadEntry>,
  state: string,
): Promise<{
  rows: ProjectedRows
  size: number
  differences: string[]
  contradictions: readonly string[]
}> {
  const projections = emptyProjections()
  const differences: string[] = []
  const replay = replayLog(state)
  const lastSeq: Record<string, number> = {}
  let size = 0
  for await (const entry of entries) {
    const { idx, sha256, to, document, compared } = entry
    const name = `entry ${idx}`
    if (idx !== size) differences.push(`${name}: ${size} would be next`)
    size = idx + 1
    if (!to) differences.push(`${name}: its leaf is not that of the entry`)
    for (const [recipient, seq] of Object.entries(to ?? {})) {
      if (seq !== (lastSeq[recipient] ?? 0) + 1)
        differences.push(`${name}: message ${seq} to ${recipient} is out of sequence`)
      lastSeq[recipient] = seq
      send(projections, recipient, seq, sha256)
    }
    // What stands behind it is no document: `administrativeDifferences` looks into that.
    if (!document) continue
    if (compared) projections.rows.certificates.set(sha256, compared)
    if ('wasLost' in document && entry.kind === 'receipt') projections.wereLost.add(sha256)
    if ('fault' in document) differences.push(`${name}: document ${sha256}${document.fault}`)
    else
      try {
        for (const effect of replay(document)) applyEffect(projections, effect, entry)
      } catch (error) {
        differences.push(`${name}: document ${sha256}: ${reasonOf(error)}`)
      }
  }
  const { rows, contradictions } = projections
  return { rows, size, differences, contradictions }
}

interface Projections {
  readonly rows: ProjectedRows
  /** Recipient and document → key of the message. */
  readonly messages: Map<string, string>
  /** Receipts that a restore could not bring back at first. */
  readonly wereLost: Set<string>
  readonly contradictions: string[]
}

function emptyProjections(): Projections {
  return {
    rows: {
      certificates: new Map(),
      search_terms: new Map(),
      status_changes: new Map(),
      security_notices: new Map(),
      second_signatures: new Map(),
      attestations: new Map(),
      outgoing: new Map(),
      recipients: new Map(),
      decisions: new Map(),
      further_receipts: new Map(),
      trust_lists: new Map(),
      officials_registers: new Map(),
      reconciliations: new Map(),
    },
    messages: new Map(),
    wereLost: new Set(),
    contradictions: [],
  }
}

function send({ rows, messages }: Projections, recipient: string, seq: number, sha256: string) {
  const row = outgoingRow(recipient, seq, sha256)
  rows.outgoing.set(keyOf('outgoing', row), row)
  messages.set(`${recipient} ${sha256}`, keyOf('outgoing', row))
  rows.recipients.set(recipient, { state: recipient, last_seq: seq })
}

/** What the statements of `Journal.append` do, on rows in memory. */
function applyEffect(
  { rows, messages, wereLost, contradictions }: Projections,
  effect: Effect,
  entry: { readonly idx: number; readonly at: string },
): void {
  switch (effect.effect) {
    case 'certificate':
      rows.certificates.set(effect.certificate.sha256, certificateRow(effect.certificate, entry))
      for (const [kind, term] of effect.terms) {
        const row = { kind, term, idx: entry.idx }
        rows.search_terms.set(keyOf('search_terms', row), row)
      }
      return
    case 'status-change': {
      const { target, n, sha256, status, replacedBy, usableUntil } = effect
      const row = { target, n, sha256 }
      rows.status_changes.set(keyOf('status_changes', row), row)
      rows.certificates.set(target, {
        ...rows.certificates.get(target)!,
        status,
        replaced_by: replacedBy ?? null,
        ...(usableUntil !== undefined && { usable_until: usableUntil }),
      })
      return
    }
    case 'security-notice': {
      const row = noticeRow(effect.record, entry)
      rows.security_notices.set(keyOf('security_notices', row), row)
      return
    }
    case 'second-signature': {
      const row = { ...effect.record }
      rows.second_signatures.set(keyOf('second_signatures', row), row)
      return
    }
    case 'attestation': {
      const row = attestationRow(effect.record)
      rows.attestations.set(keyOf('attestations', row), row)
      return
    }
    case 'trust-list': {
      const { state, version, sha256 } = effect
      const row = { state, version, sha256 }
      rows.trust_lists.set(keyOf('trust_lists', row), row)
      return
    }
    case 'officials-register': {
      const { state, version, sha256 } = effect
      const row = { state, version, sha256 }
      rows.officials_registers.set(keyOf('officials_registers', row), row)
      return
    }
    case 'decided-by-peer': {
      const key = messages.get(`${effect.recipient} ${effect.sha256}`)
      const message = key === undefined ? undefined : rows.outgoing.get(key)
      if (message?.outcome === null)
        rows.outgoing.set(key!, { ...message, ...peerDecisionColumns(effect) })
      return
    }
    case 'decision': {
      const row = decisionRow(effect)
      const key = keyOf('decisions', row)
      const before = rows.decisions.get(key)
      const isSame = before?.outcome === row.outcome && before.findings === row.findings
      if (before && !isSame && !wereLost.has(before.receipt))
        contradictions.push(
          `entry ${entry.idx}: document ${row.receipt}: it decides again on ${row.sha256}, otherwise than ${before.receipt}`,
        )
      // What the node did since follows the last one.
      rows.decisions.set(key, row)
      return
    }
    case 'further-receipt': {
      const { receipt, sha256, recipient, decided } = effect
      const row = { receipt, sha256 }
      rows.further_receipts.set(keyOf('further_receipts', row), row)
      for (const document of decided) {
        const key = keyOf('decisions', { sha256: document, sender: recipient })
        const decision = rows.decisions.get(key)
        if (decision?.receipt === receipt) rows.decisions.set(key, { ...decision, receipt: sha256 })
      }
      return
    }
    case 'reconciliation': {
      const row = { ...effect.record }
      rows.reconciliations.set(keyOf('reconciliations', row), row)
      return
    }
    case 'additions-from':
    case 'found':
    case 'late':
    case 'arrival':
    case 'compare':
    case 'late-receipt':
    case 'alarm':
    case 'admin-acts':
    case 'rows-covered':
      throw new Error('Working state does not follow from the log')
  }
}
