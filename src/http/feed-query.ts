import { z } from 'zod'
import { type Cursor, CURSOR_FORM, formatCursor, parseCursor } from '../exchange/delivery/cursor.ts'
import { MAX_WAIT_SECONDS } from '../exchange/delivery/long-poll.ts'
import { ProblemError } from './problem.ts'

/** Query of every feed; `limit` is the feed's own. */
export const FeedQuery = z.strictObject({
  after: z
    .string()
    .regex(CURSOR_FORM)
    .transform((text) => parseCursor(text)!)
    .optional()
    .meta({
      description: '`next` of the page before, as it came; from the beginning if absent',
      example: 'c0FsdHk1.41',
    }),
  wait: z.coerce.number().int().min(0).max(MAX_WAIT_SECONDS).default(0).meta({
    description: 'Seconds to hold the answer back while there is nothing new',
  }),
})

export function limitUpTo(most: number) {
  return z.coerce.number().int().min(1).max(most).default(most)
}

export function cursorGone(restart: Cursor): ProblemError {
  return new ProblemError('cursor-gone', { extensions: { restart: formatCursor(restart) } })
}
