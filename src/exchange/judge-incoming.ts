import { type CertificateId, certificateKey } from '../certificate/certificate-id.ts'
import { judge } from '../certificate/judge.ts'
import { isWithin } from '../certificate/party-id.ts'
import type { Policy } from '../certificate/policy.ts'
import { StatusChange } from '../certificate/status-change.ts'
import { applyStatusChange } from '../certificate/status-transition.ts'
import { parseJws } from '../jose/parse.ts'
import { judgeTrustList } from '../trust/accept-trust-list.ts'
import { TrustList } from '../trust/trust-list.ts'
import type { TrustStore } from '../trust/trust-store.ts'
import type { Trust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'
import { authenticate, type AuthenticDocument, type Authentication } from './authenticate.ts'
import { checkContent, type ContentCheck } from './certificate-content.ts'
import type { CertificateStore } from './certificate-store.ts'
import type { Check } from './check.ts'
import type { Effect } from './effect.ts'
import type { Inbox } from './inbox.ts'
import { certificateEffect, statusChangeEffect, trustListEffect } from './projection.ts'
import type { Outcome } from './receipt.ts'
import type { StatusPosition } from './status-positions.ts'
import { loadCertificate, payloadOf, registryFor } from './registered.ts'
import { earlierChangeWaits } from './waiting-changes.ts'
import type { EntryKind } from '../tlog/leaf.ts'

export interface IncomingDependencies {
  readonly state: string
  readonly policy: Policy
  readonly certificates: CertificateStore
  readonly trustStore: TrustStore
  readonly inbox: Inbox
  readonly paths: PathCache
}

export interface Incoming {
  readonly sha256: string
  readonly jws: string
  readonly sender: string
  readonly seq: number
  /** When it first came in; a trust list fetched since then is asked before a key counts as unknown. */
  readonly arrivedAt: string
}

/** The form of a document and, unless its kind has a validation of its own, who signed it. */
export interface Examined extends Incoming {
  readonly kind: EntryKind
  readonly authentication: Authentication | undefined
  readonly content: ContentCheck | undefined
}

export type Verdict =
  | {
      readonly verdict: 'decided'
      readonly outcome: Outcome
      readonly findings: readonly string[]
      /** What goes into the log with the document; refused documents stay out of it. */
      readonly effects: readonly Effect[]
      readonly conflictsWith?: string
    }
  | { readonly verdict: 'wait'; readonly waitsFor: string }

/** Before the digest of the certificate that a change waits for. */
export const TARGET_PREFIX = 'target '

const KINDS: Readonly<Record<string, EntryKind>> = {
  'product-certificate+jwt': 'certificate',
  'status-change+jwt': 'status-change',
  'trust-list+jwt': 'trust-list',
}

/** The part of judging that costs signatures and depends on no other document: many run at once. */
export async function examine(
  incoming: Incoming,
  deps: IncomingDependencies,
  context: { trust: Trust; now: Date },
): Promise<Examined> {
  const parsed = parseJws(incoming.jws)
  const typ = 'malformed' in parsed ? undefined : parsed.header.typ
  const kind = typ === undefined ? 'unknown' : (KINDS[typ] ?? 'unknown')
  if (kind === 'trust-list')
    return { ...incoming, kind, authentication: undefined, content: undefined }
  const authenticateAs = (purpose: 'document-seal' | 'registry-seal') =>
    authenticate(incoming.jws, {
      trust: context.trust,
      paths: deps.paths,
      purpose,
      at: context.now,
      now: context.now,
      typs: typ === undefined || typ === 'receipt+jwt' ? [] : [typ],
    })
  let authentication = await authenticateAs('document-seal')
  // Of a kind this node does not know yet it cannot know who has to sign it either.
  if (kind === 'unknown' && typ !== undefined && !authentication.document) {
    const asRegistry = await authenticateAs('registry-seal')
    if (asRegistry.document) authentication = asRegistry
  }
  const { document } = authentication
  const content =
    kind === 'certificate' && document ? checkContent(document, context.now) : undefined
  return { ...incoming, kind, authentication, content }
}

/**
 * The decision on one document as if its sender were hostile (wire.md "Refuse"): refused only if it is
 * not authentic, out of scope, not addressed here, unreadable or in conflict; accepted with findings if
 * its content breaks rules; waiting while something is missing that may come.
 */
export async function judgeIncoming(
  examined: Examined,
  deps: IncomingDependencies,
  context: {
    trust: Trust
    now: Date
    /** Digests of certificates accepted earlier in the same step, by identity and status position. */
    accepted: ReadonlyMap<string, string>
    /** Identities of all certificates of the message. */
    message: readonly CertificateId[]
    trustCheckedAt: string | undefined
  },
): Promise<Verdict> {
  if (examined.kind === 'trust-list') return judgeIncomingTrustList(examined, deps, context)
  const { document, checks } = examined.authentication!
  if (!document) return verdictOf(checks.at(-1)!, examined, context.trustCheckedAt)
  if (document.state !== examined.sender) return refused('SENDER-DIFFERS')
  switch (examined.kind) {
    case 'certificate':
      return judgeCertificate(examined, deps, context)
    case 'status-change':
      return judgeStatusChange(examined, document, deps)
    default:
      return {
        verdict: 'decided',
        outcome: 'not-readable',
        findings: ['TYPE-UNKNOWN'],
        effects: [],
      }
  }
}

async function judgeCertificate(
  { sha256, content: check }: Examined,
  deps: IncomingDependencies,
  context: Parameters<typeof judgeIncoming>[2],
): Promise<Verdict> {
  const { content, checks } = check!
  if (!content) {
    const last = checks.at(-1)!
    if (last.code === 'schema-unknown')
      return {
        verdict: 'decided',
        outcome: 'not-readable',
        findings: ['SCHEMA-UNKNOWN'],
        effects: [],
      }
    return refused(last.code.toUpperCase())
  }
  const { type, payload, id } = content
  if (!payload.aud.includes(deps.state)) return refused('NOT-ADDRESSED-HERE')
  const taken =
    context.accepted.get(certificateKey(id)) ?? (await deps.certificates.find(id))?.sha256
  if (taken !== undefined) return { ...refused('CONFLICT'), conflictsWith: taken }
  const position = payload.status.status_list
  if (isListOfAnother(position.uri, id.state, context.trust)) return refused('STATUS-LIST-FOREIGN')
  const holder =
    context.accepted.get(positionKey(position)) ??
    (await deps.certificates.findByPosition(position))?.sha256
  if (holder !== undefined) return { ...refused('STATUS-POSITION-TAKEN'), conflictsWith: holder }

  const { findings } = judge(type, payload.certificate, {
    stage: 'receive',
    policy: deps.policy,
    issuer: payload.iss,
    now: context.now,
    registry: await registryFor(deps.certificates, type, payload.certificate, deps.policy),
    message: context.message,
  })
  const rules = [
    ...new Set(findings.filter(({ severity }) => severity !== 'info').map(({ rule }) => rule)),
  ]
  return {
    verdict: 'decided',
    outcome: rules.length > 0 ? 'accepted-with-findings' : 'accepted',
    findings: rules,
    effects: [certificateEffect({ sha256, payload, type, node: deps.state })],
  }
}

/** A status list position as a key beside those of certificates. */
export function positionKey({ uri, idx }: StatusPosition): string {
  return `${uri} ${idx}`
}

/** Whether the list is published by the node of another state than the issuer's: it says nothing of us. */
function isListOfAnother(uri: string, issuer: string, { view }: Trust): boolean {
  return view
    .states()
    .filter((state) => state !== issuer)
    .flatMap((state) => view.list(state)?.nodes ?? [])
    .some(({ url }) => uri.startsWith(`${url}/`))
}

async function judgeStatusChange(
  examined: Examined,
  document: AuthenticDocument,
  deps: IncomingDependencies,
): Promise<Verdict> {
  const claims = document.payload as { schema?: unknown } | null
  if (
    typeof claims?.schema === 'string' &&
    /^status-change\/\d+$/.test(claims.schema) &&
    claims.schema !== 'status-change/1'
  )
    return {
      verdict: 'decided',
      outcome: 'not-readable',
      findings: ['SCHEMA-UNKNOWN'],
      effects: [],
    }
  const parsed = StatusChange.safeParse(document.payload)
  if (!parsed.success) return refused('SCHEMA-BROKEN')
  const change = parsed.data
  if (change.iss !== document.signer) return refused('ISSUER-DIFFERS')
  if (!change.aud.includes(deps.state)) return refused('NOT-ADDRESSED-HERE')
  const stored = await deps.certificates.findByDigest(change.target)
  if (!stored) return { verdict: 'wait', waitsFor: `${TARGET_PREFIX}${change.target}` }
  if (!isWithin(stored.issuer, change.iss)) return refused('NOT-YOUR-CERTIFICATE')

  const { type, payload, state, changes } = await loadCertificate(deps.certificates, stored)
  const result = applyStatusChange(type, state, change, type.validity(payload.certificate))
  if (result.outcome === 'refused')
    return (await earlierChangeWaits(deps.inbox, examined, change.target))
      ? { verdict: 'wait', waitsFor: `an earlier change of ${change.target}` }
      : refused(`CHANGE-${result.reason.toUpperCase()}`)
  return {
    verdict: 'decided',
    outcome: 'accepted',
    findings: [],
    effects: [
      statusChangeEffect({
        sha256: examined.sha256,
        target: change.target,
        earlier: changes.length,
        state: result.state,
      }),
    ],
  }
}

async function judgeIncomingTrustList(
  { sha256, jws, sender }: Examined,
  { trustStore }: IncomingDependencies,
  { trust, now }: { trust: Trust; now: Date },
): Promise<Verdict> {
  const known = (await trustStore.newest()).find(({ state }) => state === sender)
  const previous = known && { list: TrustList.parse(payloadOf(known.jws)), sha256: known.sha256 }
  const list = await judgeTrustList(jws, { pins: trust.pins, previous, crls: trust.crls, now })
  if (!('refused' in list)) {
    if (list.state !== sender) return refused('SENDER-DIFFERS')
    const effects = [trustListEffect(sha256, list)]
    return { verdict: 'decided', outcome: 'accepted', findings: [], effects }
  }
  if (list.refused === 'cannot-tell') return { verdict: 'wait', waitsFor: 'revocation data' }
  if (list.refused === 'gap') return { verdict: 'wait', waitsFor: 'earlier trust lists' }
  // The poll may have fetched this very version before the message with it arrived.
  if (list.refused === 'rollback') {
    const versions = await trustStore.versions(sender)
    if (versions.some((version) => version.sha256 === sha256))
      return { verdict: 'decided', outcome: 'accepted', findings: [], effects: [] }
  }
  return refused(`TRUST-LIST-${list.refused.toUpperCase()}`)
}

function verdictOf(
  check: Check,
  { arrivedAt }: Incoming,
  trustCheckedAt: string | undefined,
): Verdict {
  if (check.outcome === 'unknown')
    return { verdict: 'wait', waitsFor: `${check.check}: ${check.code}` }
  const mayBeNew = check.code === 'key-unknown' || check.code === 'no-anchor'
  if (mayBeNew && (trustCheckedAt === undefined || trustCheckedAt <= arrivedAt))
    return { verdict: 'wait', waitsFor: 'trust list' }
  return refused(check.code.toUpperCase())
}

function refused(finding: string): Verdict & { verdict: 'decided' } {
  return { verdict: 'decided', outcome: 'refused', findings: [finding], effects: [] }
}
