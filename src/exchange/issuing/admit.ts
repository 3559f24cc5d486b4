import { type CertificateId, parseCertificateId } from '../../certificate/certificate-id.ts'
import type { DocumentType } from '../../certificate/document-type.ts'
import { judge } from '../../certificate/judge.ts'
import { isWithin, type PartyId } from '../../certificate/party-id.ts'
import type { Policy } from '../../certificate/policy.ts'
import type { Finding, RuleId } from '../../certificate/rule.ts'
import type { CountedBody } from '../../trust/additions.ts'
import type { Goods } from '../../trust/scope.ts'
import type { Body } from '../../trust/trust-list.ts'
import { coveringScope, scopeAwaitedUntil } from '../../trust/counted-bodies.ts'
import type { Trust } from '../../trust/trust.ts'
import type { CertificateStore, StoredCertificate } from '../certificate-store.ts'
import type { LostDocuments } from '../log/lost-documents.ts'
import { payloadOf, registryFor } from '../registered.ts'
import { hasEnded, type ReservationStore } from './reservations.ts'

export interface AdmitDependencies {
  readonly state: string
  readonly policy: Policy
  readonly certificates: CertificateStore
  readonly reservations: Pick<ReservationStore, 'find'>
  readonly lost: Pick<LostDocuments, 'numberState' | 'displaced'>
}

/** What somebody asks to issue. */
export interface Draft {
  readonly type: DocumentType
  readonly certificate: unknown
  /** States it is for, where the type leaves that to the request. */
  readonly to?: readonly string[] | undefined
  /** The organisation on whose behalf the client acts. */
  readonly actor: PartyId
  /** The certificate that it replaces, if it does, ends in the step that issues it. */
  readonly inReplacement?: boolean
}

/** A draft that its body may issue here and now, with what the rules say of its content. */
export interface Admitted {
  readonly outcome: 'admitted'
  readonly id: CertificateId
  readonly body: Body
  readonly to: readonly string[]
  readonly findings: readonly Finding[]
  readonly notEvaluated: readonly RuleId[]
}

export interface IssuedDocument {
  readonly sha256: string
  readonly jws: string
  readonly findings: readonly Finding[]
}

/** The number is taken: by this very content, or by another. */
export type Repeated =
  | ({ readonly outcome: 'already-issued' } & IssuedDocument)
  /** The digest is told to those alone who may see the document. */
  | { readonly outcome: 'content-differs'; readonly existing: string | undefined }

export interface AdmissionRefusal {
  readonly outcome:
    | 'number-unusable'
    | 'addressee-missing'
    | 'addressee-unknown'
    | 'issuer-unknown'
    | 'not-your-body'
    | 'out-of-scope'
    /** It names a certificate that it replaces and that still stands: both change together. */
    | 'replacement-required'
    /** A restore lost certificates, and nobody has said which numbers they bore. */
    | 'numbers-unsettled'
  readonly detail: string
}

export type Admission = Admitted | Repeated | AdmissionRefusal

/**
 * Everything that is checked before a certificate is signed, whoever signs it: number, addressees,
 * body, scope, whether the number is free, and the rules. What the findings mean is for the caller.
 */
export async function admit(
  deps: AdmitDependencies,
  draft: Draft,
  { trust, now }: { trust: Trust; now: Date },
): Promise<Admission> {
  const { type, certificate, actor } = draft
  const identity = type.identity(certificate)
  const id = parseCertificateId({ ...identity, type: type.type })
  if (!id) return { outcome: 'number-unusable', detail: identity.number }

  const to = [...new Set(type.addressees(certificate) ?? draft.to)].sort()
  if (to.length === 0) return { outcome: 'addressee-missing', detail: type.type }

  const body = issuingBody(deps.state, trust, type, certificate, actor)
  if ('outcome' in body) return body

  const stranger = to.find((state) => state === deps.state || !trust.view.list(state))
  if (stranger !== undefined) return { outcome: 'addressee-unknown', detail: stranger }
  const goods = { type: type.type, to, hsCodes: type.productGroups(certificate) }
  const counted = trust.view.body(body.id)
  if (!counted || !coveringScope(counted, goods, now))
    return { outcome: 'out-of-scope', detail: withoutScope(body.id, goods, counted, now) }

  const [existing, held, number] = await Promise.all([
    deps.certificates.find(id),
    deps.reservations.find(id),
    deps.lost.numberState(id),
  ])
  if (existing) return repeated(deps, existing, { certificate, to, actor })
  if (number === 'used') return { outcome: 'content-differs', existing: undefined }
  if (number === 'unsettled') return { outcome: 'numbers-unsettled', detail: id.number }
  if (held && held.issuer !== body.id && !hasEnded(held, now))
    return { outcome: 'content-differs', existing: undefined }

  const formerId = type.replaces(certificate)
  const former = formerId && (await deps.certificates.find(formerId))
  const ends = former?.issuer === body.id && isStanding(former)
  if (ends && !draft.inReplacement)
    return { outcome: 'replacement-required', detail: formerId!.number }
  const registry = await registryFor(
    deps.certificates,
    {
      type,
      certificate,
      ...(ends && { replaces: { id: formerId!, by: id } }),
      // Certificates of other states that came here are the basis of its own: those it must be told of.
      hidden: ({ state, issuer, sha256 }) =>
        state === deps.state &&
        (!isWithin(issuer, actor) || (sha256 === former?.sha256 && issuer !== body.id)),
    },
    deps.policy,
  )
  const { findings, notEvaluated } = judge(type, certificate, {
    stage: 'issue',
    policy: deps.policy,
    issuer: body.id,
    now,
    enteredAt: now,
    registry,
    message: [id],
  })
  return { outcome: 'admitted', id, body, to, findings, notEvaluated }
}

/** What was asked for, and from when it may be where only its delay stands against it. */
function withoutScope(
  body: PartyId,
  goods: Goods,
  counted: CountedBody | undefined,
  now: Date,
): string {
  const asked = `${body}: ${goods.type} → ${goods.to.join(', ')}`
  const from = counted && scopeAwaitedUntil(counted, goods, now)
  return from === undefined
    ? asked
    : `${asked}: this is new in the trust list and counts from ${from}, or as soon as two persons hasten that version (certex trust hasten)`
}

/** Whether nothing has ended it for good: then it can be replaced. */
function isStanding({ status }: StoredCertificate): boolean {
  return status !== 'annulled' && status !== 'replaced'
}

/** The body that the certificate names, if the actor may act for it. */
function issuingBody(
  state: string,
  trust: Trust,
  type: DocumentType,
  certificate: unknown,
  actor: PartyId,
): Body | AdmissionRefusal {
  const named = type.issuingBody(certificate)
  const name = 'code' in named ? named.code : named.authorityId
  const bodies = (trust.view.list(state)?.bodies ?? []).filter((body) => namesBody(named, body))
  if (type.identity(certificate).state !== state || bodies.length === 0)
    return { outcome: 'issuer-unknown', detail: name }
  const own = bodies.find((body) => isWithin(body.id, actor))
  return own ?? { outcome: 'not-your-body', detail: name }
}

/** Whether this is the body of the trust list that a certificate names. */
export function namesBody(named: ReturnType<DocumentType['issuingBody']>, body: Body): boolean {
  return 'code' in named ? body.code === named.code : body.authorityId === named.authorityId
}

/** What holds the number, seen from this draft. */
export async function repeated(
  deps: Pick<AdmitDependencies, 'certificates'>,
  stored: StoredCertificate,
  { certificate, to, actor }: { certificate: unknown; to: readonly string[]; actor: PartyId },
): Promise<Repeated> {
  const jws = await deps.certificates.document(stored.sha256)
  if (jws === undefined) throw new Error(`The bytes of document ${stored.sha256} are missing`)
  const { certificate: issued } = payloadOf(jws) as { certificate: unknown }
  const same =
    stored.origin === 'issued' &&
    canonical(issued) === canonical(certificate) &&
    canonical(stored.recipients.toSorted()) === canonical(to)
  const visible = stored.origin === 'issued' && isWithin(stored.issuer, actor)
  if (!same) return { outcome: 'content-differs', existing: visible ? stored.sha256 : undefined }
  return { outcome: 'already-issued', sha256: stored.sha256, jws, findings: [] }
}

/** Content without regard to the order of members. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}
