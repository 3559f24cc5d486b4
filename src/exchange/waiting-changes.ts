import { parseJws } from '../jose/parse.ts'
import type { Inbox } from './inbox.ts'

const PAGE = 200
/** Of a queue longer than this nobody can tell in time what stands before what: then the change waits. */
const MAX_PAGES = 5

/** Whether an earlier change of the same certificate from the same sender is still without a decision. */
export async function earlierChangeWaits(
  inbox: Inbox,
  change: { sender: string; arrivedAt: string; seq: number },
  target: string,
): Promise<boolean> {
  const { sender } = change
  let page = await inbox.waiting(undefined, PAGE, sender)
  for (let n = 0; n < MAX_PAGES && page.length > 0; n++) {
    for (const waiting of page) {
      if (waiting.arrivedAt > change.arrivedAt) return false
      if (waiting.seq < change.seq && targetOf(waiting.jws) === target) return true
    }
    page = await inbox.waiting(page.at(-1), PAGE, sender)
  }
  return page.length > 0
}

/** What a status change claims to change; of another document, undefined. */
function targetOf(jws: string): unknown {
  const parsed = parseJws(jws)
  if ('malformed' in parsed || parsed.header.typ !== 'status-change+jwt') return undefined
  return (parsed.payload as { target?: unknown }).target
}
