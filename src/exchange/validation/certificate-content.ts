import { type CertificateId, parseCertificateId } from '../../certificate/certificate-id.ts'
import type { DocumentType } from '../../certificate/document-type.ts'
import { type CertificatePayload, parsePayload } from '../../certificate/payload.ts'
import { bodyAt, coveringScope } from '../../trust/counted-bodies.ts'
import { NEVER } from '../../trust/counting-instants.ts'
import type { AuthenticDocument } from './authenticate.ts'
import { passed, type Check, type CheckName } from './check.ts'
import { namesBody } from '../issuing/admit.ts'

export interface CertificateContent {
  readonly type: DocumentType
  readonly payload: CertificatePayload
  readonly id: CertificateId
}

const END_OF_TIME = new Date(NEVER)

export interface ContentCheck {
  readonly checks: readonly Check[]
  readonly content: CertificateContent | undefined
}

/**
 * Does an authentic certificate say what its signer may say? Schema, binding of signer, `iss` and the
 * body named in it, scope at the instant of signing. The last check decided if there is no content.
 */
export function checkContent(
  document: AuthenticDocument,
  at: Date,
  /** By what counts here now. */
  now: Date = at,
): ContentCheck {
  const checks: Check[] = []
  const parsed = parsePayload(document.payload)
  if (parsed.outcome === 'not-readable')
    return stopped(checks, 'schema', 'schema-unknown', parsed.schema, 'unknown')
  if (parsed.outcome === 'malformed') {
    const [issue] = parsed.issues
    return stopped(
      checks,
      'schema',
      'schema-broken',
      `${issue?.path ?? ''} ${issue?.message ?? ''}`.trim(),
    )
  }
  const { type, payload } = parsed
  const { state, number } = type.identity(payload.certificate)
  const id = parseCertificateId({ state, number, type: type.type })
  if (!id) return stopped(checks, 'schema', 'number-unusable', number)
  checks.push(passed('schema'))

  const { body, signer } = document
  if (payload.iss !== signer)
    return stopped(checks, 'binding', 'issuer-differs', `${payload.iss} ≠ ${signer}`)
  if (!body) return stopped(checks, 'binding', 'body-unknown', signer)
  const named = type.issuingBody(payload.certificate)
  // What waits may still be taken back: until then neither its name of a body nor the former one is wrong.
  const isNamedAsOf = (clock: Date) => {
    const said = bodyAt(body, at, clock)
    return said !== undefined && namesBody(named, said)
  }
  const [isNamed, willBeNamed] = [isNamedAsOf(now), isNamedAsOf(END_OF_TIME)]
  if (state !== document.state || !(isNamed || willBeNamed))
    return stopped(checks, 'binding', 'body-differs', signer)
  checks.push(passed('binding'))

  const goods = {
    type: type.type,
    to: payload.aud,
    hsCodes: type.productGroups(payload.certificate),
  }
  if (!isNamed || !willBeNamed || !coveringScope(body, goods, at, now)) {
    const asked = `${signer}: ${type.type} → ${payload.aud.join(', ')}`
    if (coveringScope(body, goods, at, END_OF_TIME))
      return stopped(checks, 'scope', 'scope-pending', asked, 'unknown')
    return stopped(checks, 'scope', 'out-of-scope', asked)
  }
  checks.push(passed('scope'))
  return { checks, content: { type, payload, id } }
}

function stopped(
  checks: readonly Check[],
  check: CheckName,
  code: string,
  detail: string,
  outcome: 'failed' | 'unknown' = 'failed',
): ContentCheck {
  return { checks: [...checks, { check, outcome, code, detail }], content: undefined }
}
