import type { ArchivedExchange } from '../../exchange/audit/archived-exchange.ts'
import type { Report } from '../../exchange/audit/finding.ts'
import type { SqlDatabase } from '../sql-database.ts'
import { instantIn } from './instant.ts'
import { type AuditRow, rowsOf } from './read-table.ts'

/** An exchange is dated when it begins, what was heard in it when it was dealt with. */
const TOLERANCE_MS = 120_000

/** What the archive says of when peers were heard: answers about certificates nobody knows hang on it. */
export interface PeerTimes {
  take(exchange: ArchivedExchange): void
  /** Whatever `peers` says otherwise. */
  end(report: Report): void
}

interface Heard {
  readonly row: AuditRow<'peers'>
  readonly completeAt: number
  first: number
  last: number
  isComplete: boolean
}

/**
 * Compares the times of `peers` with the archived exchanges: nobody was heard before the first or after
 * the last of them, and that everything had come somebody said then.
 */
export async function peerTimes(database: SqlDatabase): Promise<PeerTimes> {
  const peers = new Map<string, Heard>()
  for await (const row of rowsOf(database, 'peers', ['state'])) {
    const completeAt = Date.parse(row.complete_at ?? '')
    peers.set(row.state, { row, completeAt, first: Infinity, last: -Infinity, isComplete: false })
  }
  return {
    take(exchange) {
      const heard = peers.get(exchange.peer)
      const at = Date.parse(exchange.at)
      if (!heard || Number.isNaN(at)) return
      heard.first = Math.min(heard.first, at)
      heard.last = Math.max(heard.last, at)
      if (heard.isComplete || !(Math.abs(at - heard.completeAt) <= TOLERANCE_MS)) return
      heard.isComplete = saysThatAllCame(exchange)
    },
    end(report) {
      for (const heard of peers.values())
        for (const flaw of flawsOf(heard))
          report('record-differs', `peers ${heard.row.state}`, flaw)
    },
  }
}

function* flawsOf({ row, first, last, isComplete }: Heard): Generator<string> {
  const { first_heard_at: firstHeard, last_heard_at: lastHeard, complete_at: complete } = row
  for (const at of [firstHeard, lastHeard, complete])
    if (at !== null && !instantIn(at)) yield `it was heard at ${at}`
  if (firstHeard !== null && !(Date.parse(firstHeard) >= first - TOLERANCE_MS))
    yield `it was heard first at ${firstHeard}, before the first exchange in the archive`
  if (lastHeard !== null && !(Date.parse(lastHeard) <= last + TOLERANCE_MS))
    yield `it was heard last at ${lastHeard}, after the last exchange in the archive`
  if (complete !== null && !isComplete)
    yield `everything had come by ${complete}, and nothing in the archive says so`
}

/** An empty push, or the end of a feed. */
function saysThatAllCame({ direction, request, response }: ArchivedExchange): boolean {
  try {
    const asked = JSON.parse(request) as { targetUri?: string; body?: string }
    const answer = JSON.parse(response) as { status?: number; body?: string }
    if (answer.status !== 200) return false
    if (direction === 'received') {
      if (!asked.targetUri?.endsWith('/exchange/v1/messages')) return false
      const { messages } = JSON.parse(asked.body ?? '') as { messages?: unknown }
      return Array.isArray(messages) && messages.length === 0
    }
    if (!asked.targetUri?.includes('/exchange/v1/feed')) return false
    return (JSON.parse(answer.body ?? '') as { hasMore?: unknown }).hasMore === false
  } catch {
    return false
  }
}
