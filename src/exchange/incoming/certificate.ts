import { type CertificateId, certificateKey } from '../../certificate/certificate-id.ts'
import { judge } from '../../certificate/judge.ts'
import type { Policy } from '../../certificate/policy.ts'
import type { Trust } from '../../trust/trust.ts'
import type { CertificateStore } from '../certificate-store.ts'
import type { Examined } from './examine.ts'
import { certificateEffect, signatureFacts } from '../projection.ts'
import { registryFor } from '../registered.ts'
import { timeToCome } from '../validation/signing-time.ts'
import type { StatusPosition } from '../status-lists/status-positions.ts'
import { accepted, notReadable, refused, type Verdict, waiting } from './verdict.ts'
import { WAITS_FOR_ITS_TIME } from './waiting-changes.ts'

/** What a certificate of a peer is judged beside. */
export interface CertificateContext {
  readonly trust: Trust
  readonly now: Date
  /** Digests of certificates accepted earlier in the same step, by identity and status position. */
  readonly accepted: ReadonlyMap<string, string>
  /** Identities of all certificates of the message. */
  readonly message: readonly CertificateId[]
}

/** The decision on an authentic certificate: in scope, addressed here, under a free number and position. */
export async function judgeIncomingCertificate(
  { sha256, otherForm, authentication, content: check }: Examined,
  deps: { state: string; policy: Policy; certificates: CertificateStore },
  context: CertificateContext,
): Promise<Verdict> {
  const { content, checks } = check!
  if (!content) {
    const last = checks.at(-1)!
    if (last.code === 'schema-unknown') return notReadable('SCHEMA-UNKNOWN')
    if (last.outcome === 'unknown') return waiting(`${last.check}: ${last.code}`)
    return refused(last.code.toUpperCase())
  }
  const { type, payload, id } = content
  if (!payload.aud.includes(deps.state)) return refused('NOT-ADDRESSED-HERE')
  const taken =
    context.accepted.get(certificateKey(id)) ?? (await deps.certificates.find(id))?.sha256
  if (taken !== undefined && taken === otherForm) return accepted([])
  if (taken !== undefined) return conflict('CONFLICT', sha256, taken)
  const position = payload.status.status_list
  if (isListOfAnother(position.uri, id.state, context.trust)) return refused('STATUS-LIST-FOREIGN')
  const holder =
    context.accepted.get(positionKey(position)) ??
    (await deps.certificates.findByPosition(position))?.sha256
  if (holder !== undefined) return conflict('STATUS-POSITION-TAKEN', sha256, holder)

  const { certificate } = payload
  const { findings } = judge(type, certificate, {
    stage: 'receive',
    policy: deps.policy,
    issuer: payload.iss,
    now: context.now,
    registry: await registryFor(
      deps.certificates,
      { type, certificate, document: { sha256, id } },
      deps.policy,
    ),
    message: context.message,
  })
  const rules: string[] = findings
    .filter(({ severity }) => severity !== 'info')
    .map(({ rule }) => rule)
  const { claimedAt } = authentication!
  const ahead = claimedAt ? timeToCome(claimedAt, context.now) : 'none'
  if (ahead === 'soon') return waiting(WAITS_FOR_ITS_TIME)
  // The issuer is told now: from here on every validation finds the two times in contradiction.
  if (ahead === 'far') rules.push('SIGNED-IN-FUTURE')
  return accepted(
    [
      certificateEffect({
        sha256,
        payload,
        type,
        signature: signatureFacts(authentication!.document!),
        node: deps.state,
      }),
    ],
    [...new Set(rules)],
  )
}

/** Refused, because another document is there already; people have to find out which of them is wrong. */
function conflict(
  finding: 'CONFLICT' | 'STATUS-POSITION-TAKEN',
  sha256: string,
  other: string,
): Verdict {
  const detail = `${sha256} bears identity or status position of ${other}`
  return { ...refused(finding), alarms: [{ kind: 'identity-conflict', detail }] }
}

/** A status list position as a key beside those of certificates. */
export function positionKey({ uri, idx }: StatusPosition): string {
  return `${uri} ${idx}`
}

/**
 * Whether the list stands under the node of another state than the issuer's: it says nothing of us. Of
 * nodes that share a host the one with the longest address counts. A state speaks for its own node only:
 * what its list says of others' must not make their certificates foreign.
 */
function isListOfAnother(uri: string, issuer: string, { view }: Trust): boolean {
  const nearness = (state: string) =>
    Math.max(
      0,
      ...(view.list(state)?.nodes ?? [])
        .filter((node) => node.state === state && uri.startsWith(`${node.url}/`))
        .map(({ url }) => url.length),
    )
  const own = nearness(issuer)
  return view.states().some((state) => state !== issuer && nearness(state) > own)
}
