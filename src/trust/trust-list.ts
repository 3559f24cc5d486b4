import { z } from 'zod'
import { Instant, Sha256, State } from '../certificate/fields.ts'
import { PartyId } from '../certificate/party-id.ts'
import { decodeBase64 } from '../encoding/base64url.ts'

const Der = z
  .string()
  .max(16 * 1024)
  .refine((text) => decodeBase64(text) !== undefined, 'not base64')

/** What a body may issue: document types, goods by HS prefix, to which states, in which period. */
export const Scope = z.strictObject({
  types: z.array(z.string().max(64)).min(1).max(20),
  hsPrefixes: z
    .array(z.string().regex(/^\d{2,10}$/))
    .max(500)
    .optional(),
  to: z.array(State).min(1).max(250).optional(),
  from: Instant,
  until: Instant.optional(),
})
export type Scope = z.infer<typeof Scope>

export const Body = z.strictObject({
  id: PartyId,
  code: z.string().max(32),
  authorityId: z.string().max(64).optional(),
  name: z.string().min(1).max(300),
  custody: z.enum(['node', 'body']),
  scopes: z.array(Scope).max(50),
})
export type Body = z.infer<typeof Body>

export const KEY_USAGES = ['seal', 'registry-seal', 'status-signer', 'attestation', 'node'] as const

export const TrustKey = z.strictObject({
  x5tS256: Sha256,
  der: Der,
  body: PartyId,
  usage: z.enum(KEY_USAGES),
  from: Instant,
  until: Instant.optional(),
  removedAt: Instant.optional(),
  reason: z.string().max(200).optional(),
})
export type TrustKey = z.infer<typeof TrustKey>

/** Payload of a `trust-list+jwt`: who may sign what for one state, from when until when. */
export const TrustList = z.strictObject({
  schema: z.literal('trust-list/1'),
  state: State,
  version: z
    .int()
    .min(1)
    .max(2 ** 31),
  previous: Sha256.nullable(),
  issuedAt: Instant,
  nextUpdate: Instant,
  root: Der,
  cas: z.array(Der).max(500),
  bodies: z.array(Body).max(5000),
  keys: z.array(TrustKey).max(20000),
  nodes: z
    .array(z.strictObject({ state: State, url: z.url({ protocol: /^https?$/ }), key: Sha256 }))
    .min(1)
    .max(4),
  logs: z
    .array(
      z.strictObject({
        origin: z.string().max(200),
        key: z.string().max(200),
        from: Instant,
        until: Instant.optional(),
      }),
    )
    .max(100),
})
export type TrustList = z.infer<typeof TrustList>
