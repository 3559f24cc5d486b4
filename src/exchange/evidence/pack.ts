import { z } from 'zod'
import { State } from '../../certificate/fields.ts'
import { sha256 } from '../../crypto/suite.ts'
import { encodeBase64url } from '../../encoding/base64url.ts'
import { JsonError, parseStrictJson } from '../../encoding/strict-json.ts'
import { MAX_RULES_LENGTH } from '../rules-in-force.ts'
import { MAX_JWS_LENGTH, MAX_TRUST_LIST_LENGTH } from '../../jose/parse.ts'

export const EVIDENCE_MEDIA_TYPE = 'application/vnd.certex.evidence+json'
export const EVIDENCE_SCHEMA = 'evidence/1'

/** Longest pack that is read, in bytes of UTF-8; a node makes none longer. */
export const MAX_EVIDENCE_BYTES = 32 * 1024 * 1024

/** So many of each kind at most; a party makes at most 200 changes of a certificate. */
export const MOST_PARTS = {
  statusChanges: 500,
  secondSignatures: 50,
  attestations: 100,
  securityNotices: 200,
  receipts: 500,
  trustLists: 100,
  crls: 100,
  ocspResponses: 200,
  rules: 20,
} as const
export type PartKind = keyof typeof MOST_PARTS
export const PART_KINDS = Object.keys(MOST_PARTS) as PartKind[]

const jws = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/)
    .meta({ description: 'Exact compact JWS' })

const Proof = z
  .string()
  .max(256 * 1024)
  .optional()
  .meta({
    description:
      'C2SP tlog-proof, the leaf as extra data, under the oldest checkpoint that covers it and that the quorum has cosigned, else under the newest one there is',
  })

const logged = (max: number) => z.strictObject({ jws: jws(max), proof: Proof })
const Logged = logged(MAX_JWS_LENGTH)

const Der = z.string().min(4).max(MAX_TRUST_LIST_LENGTH).meta({ description: 'Base64 DER' })

const RulesPart = z.strictObject({
  text: z.string().min(2).max(MAX_RULES_LENGTH).meta({
    description: 'Exact text of `rules/1`: the program, its settings and its rules in their words',
  }),
  act: z.string().min(2).max(4096).meta({
    description:
      'The administrative act that put them in force, as it is hashed: its subject is SHA-256 of the text',
  }),
  nonce: z.string().min(1).max(100).meta({
    description: 'With it and the act anybody computes the digest in the leaf of the proof',
  }),
  proof: Proof,
})

/** What a pack lacks, and why that matters. */
export const MISSING_KINDS = [
  'proof',
  'quorum',
  'bytes',
  'receipt',
  'revocation',
  'rules',
  'too-many',
] as const

/** Subject of what is missing where only lists are too many on which no answer hangs. */
export const EARLIER_TRUST_LISTS = 'earlierTrustLists'

/** One file that proves a certificate and its history without any node (docs/evidence.md). */
export const EvidencePack = z.strictObject({
  schema: z.literal(EVIDENCE_SCHEMA),
  state: State.meta({
    description: 'The state whose node made the pack: the proofs are of its log',
  }),
  document: Logged.meta({ description: 'The certificate; its chain stands in its x5c' }),
  statusChanges: z.array(Logged).max(MOST_PARTS.statusChanges).meta({
    description: 'Every status change in the log of the node, in the order of the log',
  }),
  secondSignatures: z.array(Logged).max(MOST_PARTS.secondSignatures),
  attestations: z.array(Logged).max(MOST_PARTS.attestations),
  securityNotices: z.array(Logged).max(MOST_PARTS.securityNotices).meta({
    description: 'About its seal or a CA above it, with what narrows and releases them',
  }),
  receipts: z.array(Logged).max(MOST_PARTS.receipts).meta({
    description: 'Decisions of recipients on the certificate and its changes, or of this node',
  }),
  trustLists: z.array(logged(MAX_TRUST_LIST_LENGTH)).max(MOST_PARTS.trustLists).meta({
    description:
      'Of each state concerned: the versions in force when these documents were logged, and the newest',
  }),
  crls: z.array(Der).max(MOST_PARTS.crls),
  ocspResponses: z.array(Der).max(MOST_PARTS.ocspResponses),
  rules: z.array(RulesPart).max(MOST_PARTS.rules).meta({
    description:
      'The rules of the node as they were in force when the certificate, its changes and its own decisions were logged, oldest first',
  }),
  policy: z.record(z.string(), z.unknown()).meta({
    description: 'Settings of the node when it made the pack',
  }),
  timestamps: z.array(z.unknown()).max(0).meta({
    description: 'Place of RFC 3161 timestamps and JAdES evidence; none in this version',
  }),
  complete: z
    .boolean()
    .meta({ description: 'Whether anything is missing, by the word of its maker' }),
  missing: z
    .array(
      z.strictObject({
        what: z.enum(MISSING_KINDS),
        subject: z.string().max(200),
        detail: z.string().max(20_000).optional().meta({
          description: 'Of a quorum: the witnesses and groups of the policy that it lacks',
        }),
      }),
    )
    .max(2000)
    .meta({ description: 'What is missing, each with the digest or name of what it belongs to' }),
  statement: jws(MAX_JWS_LENGTH)
    .optional()
    .meta({ description: 'evidence-statement/1: that these are all parts, by the registry seal' }),
})
export type EvidencePack = z.infer<typeof EvidencePack>
export type LoggedPart = z.infer<typeof Logged>
export type RulesPart = z.infer<typeof RulesPart>
export type Missing = EvidencePack['missing'][number]

/**
 * Reads a pack. Nothing in it is verified yet.
 *
 * @param input UTF-8
 */
export function readEvidencePack(input: Uint8Array): EvidencePack | { readonly malformed: string } {
  if (input.length > MAX_EVIDENCE_BYTES)
    return { malformed: `it is longer than ${MAX_EVIDENCE_BYTES} bytes` }
  let json: unknown
  try {
    json = parseStrictJson(input)
  } catch (error) {
    if (error instanceof JsonError) return { malformed: error.message }
    throw error
  }
  const parsed = EvidencePack.safeParse(json)
  if (parsed.success) {
    const { complete, missing } = parsed.data
    if (complete !== (missing.length === 0))
      return { malformed: 'complete: it contradicts what is missing' }
    return parsed.data
  }
  const [issue] = parsed.error.issues
  return { malformed: `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? ''}` }
}

/** Digests of the parts of a pack, by kind and in order: what a statement about it binds. */
export type PartDigests = Readonly<Record<PartKind, readonly string[]>> & {
  readonly policy: string
  readonly missing: string
}

const utf8 = new TextEncoder()
const digestOfText = async (text: string) => encodeBase64url(await sha256(utf8.encode(text)))

/**
 * SHA-256 of each part's text: of a JWS, of base64, of rules with their act and nonce and of other members
 * as JSON without white space.
 */
export async function partDigests(
  pack: Pick<EvidencePack, PartKind | 'policy' | 'missing'>,
): Promise<PartDigests> {
  const kinds = await Promise.all(
    PART_KINDS.map(async (kind) => {
      const parts: readonly (string | LoggedPart | RulesPart)[] = pack[kind]
      const texts = parts.map(boundText)
      return [kind, await Promise.all(texts.map(digestOfText))] as const
    }),
  )
  return {
    ...(Object.fromEntries(kinds) as Record<PartKind, string[]>),
    policy: await digestOfText(JSON.stringify(pack.policy)),
    missing: await digestOfText(JSON.stringify(pack.missing)),
  }
}

function boundText(part: string | LoggedPart | RulesPart): string {
  if (typeof part === 'string') return part
  if ('jws' in part) return part.jws
  const { text, act, nonce } = part
  return JSON.stringify({ text, act, nonce })
}
