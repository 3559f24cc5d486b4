import * as z from 'zod'
import { Country, Instant, lines, Sha256 } from '../../certificate/fields.ts'
import { PartyId } from '../../certificate/party-id.ts'
import { MAX_KEY_IDENTIFIER_OCTETS } from '../../x509/profile.ts'

export const SECURITY_NOTICE_SCHEMA = 'security-notice/1'

export const Interval = z
  .strictObject({ from: Instant, until: z.exactOptional(Instant) })
  .refine(({ from, until }) => until === undefined || from <= until, 'It ends before it begins')
  .meta({ description: 'When the key may have been in wrong hands, both ends included' })

/** Subject key identifier of an authority, lower-case hexadecimal; any that a path may lead through. */
export const KeyIdentifier = z
  .string()
  .max(2 * MAX_KEY_IDENTIFIER_OCTETS)
  .regex(/^([0-9a-f]{2}){1,64}$/)

/** One seal, by the thumbprint of its X.509 certificate. */
const Seal = z.strictObject({ state: Country, body: PartyId, x5tS256: Sha256 })
/** A CA with every seal that it certified, by its subject key identifier. */
const Authority = z.strictObject({ state: Country, ski: KeyIdentifier })
export const NoticeSubject = z.union([Seal, Authority])
export type NoticeSubject = z.infer<typeof NoticeSubject>

export const SEVERITIES = ['suspected', 'compromised'] as const
/** What receivers are asked to do with what the key signed in the interval. */
export const MEASURES = ['hold', 'inform'] as const

/** What each notice is about, whoever writes it down. */
export const declared = {
  subject: NoticeSubject,
  severity: z.enum(SEVERITIES),
  measure: z.enum(MEASURES),
  interval: Interval,
  reason: lines(1000).min(1),
  /** What whoever holds one of the documents should do. */
  advice: lines(1000).min(1),
} as const

const common = {
  schema: z.literal(SECURITY_NOTICE_SCHEMA),
  /** The registry of the state, whose seal signs it. */
  iss: PartyId,
  aud: z.array(Country).max(32),
  /** The authority on whose word the registry signs. */
  authority: PartyId,
} as const

/**
 * The payload of a `security-notice+jwt`, closed. What amends a notice names the last document of its
 * chain, the notice itself or its latest amendment: so the order is the same wherever it is read. Of two
 * that narrow the same one counts; a release ends the chain wherever it joins it.
 */
export const SecurityNotice = z.discriminatedUnion('change', [
  z.strictObject({ ...common, change: z.literal('declare'), ...declared }),
  z.strictObject({
    ...common,
    change: z.literal('narrow'),
    amends: Sha256,
    interval: Interval,
    reason: lines(1000).min(1),
  }),
  z.strictObject({
    ...common,
    change: z.literal('release'),
    amends: Sha256,
    reason: lines(1000).min(1),
  }),
])
export type SecurityNotice = z.infer<typeof SecurityNotice>
