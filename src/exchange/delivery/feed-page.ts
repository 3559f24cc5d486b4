import { z } from 'zod'
import { MAX_TRUST_LIST_LENGTH } from '../../jose/parse.ts'
import { JsonError, parseStrictJson } from '../../encoding/strict-json.ts'
import { type Cursor, CURSOR_FORM, parseCursor } from './cursor.ts'

/** The longest documents are trust lists. */
export const MAX_DOCUMENT_CHARACTERS = MAX_TRUST_LIST_LENGTH

/** One page of a feed as it travels. */
export const FeedBody = z.strictObject({
  messages: z
    .array(
      z.strictObject({
        seq: z.int().min(1),
        document: z.string().min(1).max(MAX_DOCUMENT_CHARACTERS),
      }),
    )
    .max(500),
  next: z.string().regex(CURSOR_FORM),
  hasMore: z.boolean(),
})

/** What a peer answered when it was asked for what stands behind a cursor. */
export interface PulledPage {
  readonly messages: readonly { readonly seq: number; readonly document: string }[]
  readonly next: Cursor
  /** Numbers that the page leaves out: first and last of each gap. */
  readonly gaps: readonly (readonly [number, number])[]
  readonly hasMore: boolean
}

/** The page behind `after`, or why it cannot be one; its numbers only grow, and end where it says. */
export function parseFeedPage(
  body: Uint8Array,
  after: Cursor | undefined,
): PulledPage | { error: string } {
  const parsed = FeedBody.safeParse(jsonIn(body))
  const next = parsed.success ? parseCursor(parsed.data.next) : undefined
  if (!parsed.success || !next) return { error: 'the answer does not follow its schema' }
  const { messages, hasMore } = parsed.data
  if (after && next.epoch !== after.epoch) return { error: 'the answer is of another epoch' }
  let last = after?.seq ?? 0
  const gaps: [number, number][] = []
  for (const { seq } of messages) {
    if (seq <= last) return { error: 'the messages are out of order' }
    if (seq > last + 1) gaps.push([last + 1, seq - 1])
    last = seq
  }
  if (next.seq !== last) return { error: 'the next cursor is not that of the last message' }
  if (hasMore && messages.length === 0) return { error: 'the answer has nothing and says there is' }
  return { messages, next, gaps, hasMore }
}

/** From where the feed starts again, as a 410 says it. */
export function parseRestart(body: Uint8Array): Cursor | undefined {
  const parsed = z.looseObject({ restart: z.string() }).safeParse(jsonIn(body))
  return parsed.success ? parseCursor(parsed.data.restart) : undefined
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return parseStrictJson(body)
  } catch (error) {
    if (error instanceof JsonError) return undefined
    throw error
  }
}
