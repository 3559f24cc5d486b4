import { stateOf } from '../../certificate/party-id.ts'
import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import { formatInstant } from '../../encoding/time.ts'
import { parseJws } from '../../jose/parse.ts'
import type { Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { authenticate } from '../validation/authenticate.ts'
import { whyDoubted } from './doubted-seal.ts'
import {
  EARLIER_TRUST_LISTS,
  type EvidencePack,
  type Missing,
  PART_KINDS,
  partDigests,
  type PartKind,
} from './pack.ts'
import { EVIDENCE_STATEMENT_TYP, EvidenceStatement } from './statement.ts'

/** That a pack holds all that its node knew at an instant; or why that cannot be told, as a reason code. */
export type StatementVerdict =
  | { readonly asOf: Date }
  | {
      readonly code: 'pack-statement-missing' | 'pack-statement-not-believed' | 'pack-not-whole'
      readonly detail: string
    }

/** The instant at which the statement says it was signed; not yet believed. */
export function claimedAsOf({ statement }: Pick<EvidencePack, 'statement'>): Date | undefined {
  const parsed = statement === undefined ? undefined : parseJws(statement)
  return !parsed || 'malformed' in parsed ? undefined : new Date(parsed.header.iat * 1000)
}

/** Whether the registry of the state that made the pack says that nothing is missing, and nothing is. */
export async function checkStatement(
  pack: EvidencePack,
  context: {
    /** Digest of the document that the pack is about. */
    readonly document: string
    readonly trust: Trust
    readonly paths: PathCache
    readonly now: Date
  },
): Promise<StatementVerdict> {
  const asOf = claimedAsOf(pack)
  const { trust, paths, now } = context
  if (pack.statement === undefined || !asOf)
    return { code: 'pack-statement-missing', detail: pack.state }
  const notBelieved = (detail: string): StatementVerdict => ({
    code: 'pack-statement-not-believed',
    detail,
  })
  if (asOf.getTime() > now.getTime() + CLOCK_SKEW_MS) return notBelieved(formatInstant(asOf))
  const { document, checks } = await authenticate(pack.statement, {
    trust,
    paths,
    purpose: 'registry-seal',
    at: asOf,
    now: asOf,
    typs: [EVIDENCE_STATEMENT_TYP],
  })
  const last = checks.at(-1)
  if (!document) return notBelieved(`${last?.check}: ${last?.code}`)
  const purpose = 'registry-seal'
  const doubt = await whyDoubted(document, { trust, paths, purpose, clock: now })
  if (doubt !== undefined) return notBelieved(doubt)
  const read = EvidenceStatement.safeParse(document.payload)
  if (!read.success) return notBelieved('schema-broken')
  const { iss, asOf: stated, document: about, parts } = read.data
  if (iss !== document.signer || stateOf(iss) !== pack.state || document.state !== pack.state)
    return notBelieved(iss)
  if (stated !== formatInstant(asOf)) return notBelieved(stated)

  const held = await partDigests(pack)
  const differing = [...PART_KINDS, 'policy' as const, 'missing' as const].filter(
    (kind) => JSON.stringify(parts[kind]) !== JSON.stringify(held[kind]),
  )
  const lost = pack.missing.filter(isDecisive)
  const names = [
    ...(about === context.document ? [] : ['document']),
    ...differing,
    ...lost.map(({ what, subject }) => `${what}: ${subject}`),
  ]
  return names.length === 0 ? { asOf } : { code: 'pack-not-whole', detail: names.join(', ') }
}

/** Of parts that decide nothing about the certificate a pack need not hold all. */
const DECIDING_NOTHING: ReadonlySet<string> = new Set<PartKind | typeof EARLIER_TRUST_LISTS>([
  'secondSignatures',
  'attestations',
  'receipts',
  'rules',
  EARLIER_TRUST_LISTS,
])

/** Whether what its maker says is missing may speak against the certificate. */
function isDecisive({ what, subject }: Missing): boolean {
  return what === 'bytes' || (what === 'too-many' && !DECIDING_NOTHING.has(subject))
}
