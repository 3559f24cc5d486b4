import { parseCertificateId } from '../certificate/certificate-id.ts'
import type { Day } from '../certificate/day.ts'
import type { Policy } from '../certificate/policy.ts'
import type { Finding } from '../certificate/rule.ts'
import { formatInstant } from '../encoding/time.ts'
import type { CurrentTrust, Trust } from '../trust/trust.ts'
import type { PathCache } from '../x509/path-cache.ts'
import { authenticate, digestOf } from './authenticate.ts'
import { type CertificateContent, checkContent } from './certificate-content.ts'
import type { CertificateStore, StoredCertificate } from './certificate-store.ts'
import { sentenceOf } from './check-texts.ts'
import type { Check } from './check.ts'
import type { Declaration, LineMatch } from './declaration.ts'
import { judgeContent } from './judge-content.ts'
import { explainNotFound } from './not-found.ts'
import type { PeerStore } from './peer-store.ts'
import { type ReplacementChain, replacementChain } from './replacement-chain.ts'
import type { StatusListSource } from './status-list-source.ts'
import { answerOf, indicationOf, type ValidationReport } from './validation-report.ts'

export interface ValidateDependencies {
  readonly state: string
  readonly now: () => Date
  readonly newId: () => string
  readonly policy: Policy
  readonly trust: CurrentTrust
  readonly paths: PathCache
  readonly certificates: CertificateStore
  readonly peers: PeerStore
  readonly statusLists: StatusListSource
}

export interface ValidationRequest {
  readonly subject:
    | { readonly document: string }
    | {
        readonly identity: {
          readonly state: string
          readonly type: string
          readonly number: string
          readonly issuedOn?: Day | undefined
        }
      }
  readonly declaration?: Declaration | undefined
}

/** Answers a question about a certificate with a report; never throws for a bad certificate. */
export function validateCertificate(deps: ValidateDependencies) {
  return async ({ subject, declaration }: ValidationRequest): Promise<ValidationReport> => {
    const now = deps.now()
    const trust = await deps.trust()
    if ('document' in subject) {
      const sha256 = await digestOf(subject.document)
      return report(deps, trust, now, { sha256, jws: subject.document, declaration })
    }
    const { identity } = subject
    const id = parseCertificateId(identity)
    const stored = id && (await deps.certificates.find(id))
    if (stored) {
      const jws = await deps.certificates.document(stored.sha256)
      if (jws === undefined) throw new Error(`The bytes of document ${stored.sha256} are missing`)
      return report(deps, trust, now, { sha256: stored.sha256, jws, declaration })
    }
    const peer = await deps.peers.find(identity.state)
    const { code, conclusive, detail } = explainNotFound(identity, {
      self: deps.state,
      policy: deps.policy,
      peer,
      now,
    })
    const outcome = conclusive ? 'failed' : 'unknown'
    const check: Check = { check: 'identity', outcome, code, detail }
    return {
      ...frame(deps, trust, now),
      answer: conclusive ? 'not-usable' : 'cannot-tell',
      indication: 'INDETERMINATE',
      subIndication: undefined,
      reasons: [code],
      instants: { claimed: undefined, proven: undefined, checked: formatInstant(now) },
      checks: [{ ...check, sentence: sentenceOf(check) }],
    }
  }
}

function frame(deps: ValidateDependencies, trust: Trust, now: Date) {
  return {
    id: deps.newId(),
    createdAt: formatInstant(now),
    certificate: undefined,
    status: undefined,
    findings: [] as readonly Finding[],
    notEvaluated: [] as readonly string[],
    lines: [] as readonly LineMatch[],
    evidence: {
      trustLists: trust.anchors.map(({ state }) => {
        const { version, nextUpdate } = trust.view.list(state)!
        return { state, version, nextUpdate }
      }),
    },
  }
}

async function report(
  deps: ValidateDependencies,
  trust: Trust,
  now: Date,
  subject: { sha256: string; jws: string; declaration: Declaration | undefined },
): Promise<ValidationReport> {
  const { sha256, jws, declaration } = subject
  const stored = await deps.certificates.findByDigest(sha256)
  const provenAt = stored && new Date(stored.appendedAt)
  const at = provenAt ?? now
  const { checks, document } = await authenticate(jws, {
    trust,
    paths: deps.paths,
    purpose: 'document-seal',
    at,
    now,
    typs: ['product-certificate+jwt'],
  })
  const all: Check[] = [...checks]
  const content = document && checkContent(document, at)
  if (content) all.push(...content.checks)
  const claimedAt = document && new Date(document.iat * 1000)
  const judged =
    content?.content &&
    claimedAt &&
    (await judgeContent(
      deps,
      now,
      { sha256, stored, signedAt: claimedAt },
      content.content,
      declaration,
    ))
  if (judged) all.push(...judged.checks)

  const stale = trust.anchors.find(
    ({ state }) =>
      (!document || document.state === state) &&
      formatInstant(now) > trust.view.list(state)!.nextUpdate,
  )
  const fresh = stale === undefined && trust.anchors.length > 0
  if (stale) {
    const detail = trust.view.list(stale.state)!.nextUpdate
    all.push({ check: 'registration', outcome: 'unknown', code: 'trust-list-stale', detail })
  }
  const { answer, reasons } = answerOf(all, fresh)
  const { indication, subIndication } = indicationOf(all, provenAt !== undefined)
  const framed = frame(deps, trust, now)
  const list = judged?.statusList
  return {
    ...framed,
    answer,
    indication,
    subIndication,
    reasons,
    instants: {
      claimed: claimedAt && formatInstant(claimedAt),
      proven: provenAt && formatInstant(provenAt),
      checked: formatInstant(now),
    },
    certificate: content?.content && {
      sha256,
      ...content.content.type.identity(content.content.payload.certificate),
      type: content.content.type.type,
      issuer: content.content.payload.iss,
      content: content.content.payload.certificate,
    },
    status: judged?.status,
    chain: content?.content && (await chainOf(deps, content.content, { sha256, stored })),
    checks: all.map((check) => ({ ...check, sentence: sentenceOf(check) })),
    findings: judged?.findings ?? [],
    notEvaluated: judged?.notEvaluated ?? [],
    lines: judged?.lines ?? [],
    evidence: {
      ...framed.evidence,
      statusList: list && {
        uri: list.uri,
        issuedAt: formatInstant(list.issuedAt),
        expiresAt: formatInstant(list.expiresAt),
      },
    },
  }
}

/** The chain of replacements that a certificate says it stands in, or that has ended it. */
async function chainOf(
  { certificates }: Pick<ValidateDependencies, 'certificates'>,
  { type, payload }: CertificateContent,
  { sha256, stored }: { sha256: string; stored: StoredCertificate | undefined },
): Promise<ReplacementChain | undefined> {
  const replacedBy = stored?.replacedBy
  if (replacedBy === undefined && !type.replaces(payload.certificate)) return undefined
  return replacementChain(certificates, { sha256, replacedBy })
}
