import { parseCertificateId } from '../certificate/certificate-id.ts'
import type { DocumentType } from '../certificate/document-type.ts'
import { blocksIssue, judge } from '../certificate/judge.ts'
import { isWithin, type PartyId } from '../certificate/party-id.ts'
import type { Policy } from '../certificate/policy.ts'
import type { Finding, RuleId } from '../certificate/rule.ts'
import { signJws } from '../jose/sign.ts'
import type { Body } from '../trust/trust-list.ts'
import { coveringScope } from '../trust/trust-view.ts'
import type { CurrentTrust, Trust } from '../trust/trust.ts'
import { digestOf } from './authenticate.ts'
import type { PathCache } from '../x509/path-cache.ts'
import type { CertificateStore, StoredCertificate } from './certificate-store.ts'
import type { Append } from './journal.ts'
import { certificateEffect } from './projection.ts'
import { payloadOf, registryFor } from './registered.ts'
import { sealInForce, type Seals } from './seals.ts'
import type { StatusPositions } from './status-positions.ts'

export interface IssueDependencies {
  readonly state: string
  readonly now: () => Date
  readonly policy: Policy
  readonly trust: CurrentTrust
  readonly paths: PathCache
  readonly certificates: CertificateStore
  readonly positions: StatusPositions
  readonly seals: Seals
  readonly append: Append
}

export interface IssueInput {
  readonly type: DocumentType
  readonly certificate: unknown
  /** States it is for, where the type leaves that to the request. */
  readonly to?: readonly string[] | undefined
  /** The organisation on whose behalf the client acts. */
  readonly actor: PartyId
  /** Only judge: nothing is signed, reserved or stored. */
  readonly checkOnly: boolean
}

interface IssuedDocument {
  readonly sha256: string
  readonly jws: string
  readonly findings: readonly Finding[]
}

export type IssueOutcome =
  | ({ readonly outcome: 'issued' } & IssuedDocument)
  | ({ readonly outcome: 'already-issued' } & IssuedDocument)
  | {
      readonly outcome: 'judged'
      readonly issuer: PartyId
      readonly to: readonly string[]
      readonly findings: readonly Finding[]
      readonly notEvaluated: readonly RuleId[]
    }
  | { readonly outcome: 'rules-broken'; readonly findings: readonly Finding[] }
  /** The digest is told to those alone who may see the document. */
  | { readonly outcome: 'content-differs'; readonly existing: string | undefined }
  | {
      readonly outcome:
        | 'number-unusable'
        | 'addressee-missing'
        | 'addressee-unknown'
        | 'issuer-unknown'
        | 'not-your-body'
        | 'out-of-scope'
        | 'body-signs-itself'
        | 'seal-not-available'
      readonly detail: string
    }

/** Issues a certificate: judge it, seal it, append it. The same content again gives the same document. */
export function issueCertificate(deps: IssueDependencies) {
  return async (input: IssueInput): Promise<IssueOutcome> => {
    const { type, certificate, actor, checkOnly } = input
    const now = deps.now()
    const identity = type.identity(certificate)
    const id = parseCertificateId({ ...identity, type: type.type })
    if (!id) return { outcome: 'number-unusable', detail: identity.number }

    const trust = await deps.trust()
    const to = [...new Set(type.addressees(certificate) ?? input.to)].sort()
    if (to.length === 0) return { outcome: 'addressee-missing', detail: type.type }

    const body = issuingBody(deps.state, trust, type, certificate, actor)
    if ('outcome' in body) return body

    const stranger = to.find((state) => state === deps.state || !trust.view.list(state))
    if (stranger !== undefined) return { outcome: 'addressee-unknown', detail: stranger }
    const covered = coveringScope(
      body,
      { type: type.type, to, hsCodes: type.productGroups(certificate) },
      now,
    )
    if (!covered)
      return { outcome: 'out-of-scope', detail: `${body.id}: ${type.type} → ${to.join(', ')}` }

    const existing = await deps.certificates.find(id)
    const earlier = existing && (await repeated(deps, existing, certificate, to, actor))
    if (earlier && (!checkOnly || earlier.outcome === 'content-differs')) return earlier

    const registry = await registryFor(deps.certificates, type, certificate, deps.policy)
    const { findings, notEvaluated } = judge(type, certificate, {
      stage: 'issue',
      policy: deps.policy,
      issuer: body.id,
      now,
      enteredAt: now,
      registry,
      message: [id],
    })
    if (checkOnly) return { outcome: 'judged', issuer: body.id, to, findings, notEvaluated }
    if (blocksIssue(findings)) return { outcome: 'rules-broken', findings }

    if (body.custody === 'body') return { outcome: 'body-signs-itself', detail: body.id }
    const choice = await sealInForce(deps.seals, body.id, { trust, paths: deps.paths, now })
    if ('obstacle' in choice) return { outcome: 'seal-not-available', detail: choice.obstacle }

    const payload = {
      schema: type.schemaId,
      iss: body.id,
      aud: to,
      status: { status_list: await deps.positions.reserve() },
      certificate,
    }
    const jws = await signJws({
      typ: 'product-certificate+jwt',
      payload,
      seal: choice.seal,
      signedAt: now,
    })
    const sha256 = await digestOf(jws)
    const appended = await deps.append({
      entries: [
        {
          kind: 'certificate',
          sha256,
          jws,
          to,
          effects: [certificateEffect({ sha256, payload, type, node: deps.state })],
        },
      ],
    })
    if (appended !== 'duplicate') return { outcome: 'issued', sha256, jws, findings }
    const winner = await deps.certificates.find(id)
    if (!winner) throw new Error(`The number ${identity.number} is taken and yet not found`)
    return repeated(deps, winner, certificate, to, actor)
  }
}

/** The body that the certificate names, if the actor may act for it. */
function issuingBody(
  state: string,
  trust: Trust,
  type: DocumentType,
  certificate: unknown,
  actor: PartyId,
): Body | Extract<IssueOutcome, { detail: string }> {
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

async function repeated(
  deps: IssueDependencies,
  stored: StoredCertificate,
  certificate: unknown,
  to: readonly string[],
  actor: PartyId,
): Promise<IssueOutcome> {
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
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}
