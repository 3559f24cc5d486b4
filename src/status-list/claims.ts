import * as z from 'zod'

/**
 * The claims of a `statuslist+jwt` (draft-ietf-oauth-status-list-20 §5.1), closed: what the draft
 * recommends is required here, and `bits` is 2.
 */
export const StatusListClaims = z.strictObject({
  /** The URI that certificates refer to. */
  sub: z.url({ protocol: /^https?$/ }).max(500),
  iat: z.int().min(0),
  /** Seconds since the epoch, up to the end of the year 9999. */
  exp: z.int().min(0).max(253402300799),
  /** Seconds after which whoever has a connection fetches it again. */
  ttl: z.int().min(1).max(86_400),
  status_list: z.strictObject({ bits: z.literal(2), lst: z.string() }),
})
export type StatusListClaims = z.infer<typeof StatusListClaims>
