import { expect } from 'vitest'
import { formatInstant } from '../../src/encoding/time.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import { ask, type Report } from './changes.ts'
import { eventually, type TestNode } from './two-nodes.ts'

export interface NoticeView {
  readonly sha256: string
  readonly issuer: string
  readonly released: boolean
  readonly holdsHere: boolean
  readonly interval: { readonly from: string; readonly until?: string }
  readonly documents: readonly { readonly sha256: string; readonly change: string }[]
}

/** What an authority says when a key may be in wrong hands. */
export function suspicion(
  subject: object,
  interval: { from: string; until?: string },
  with_: object = {},
): object {
  return {
    change: 'declare',
    subject,
    severity: 'suspected',
    measure: 'hold',
    interval,
    reason: 'Утрачен носитель ключа',
    advice: 'Решение отложить',
    ...with_,
  }
}

/** Issues a notice or an amendment; digest of the document. */
export async function tell(authority: ApiClient, notice: object): Promise<string> {
  const { status, body } = await ask(authority, '/v1/security-notices', notice)
  expect(status, JSON.stringify(body)).toBe(201)
  return body['sha256'] as string
}

export async function noticesAt(reader: ApiClient): Promise<readonly NoticeView[]> {
  const { status, body } = await ask(reader, '/v1/security-notices')
  expect(status, JSON.stringify(body)).toBe(200)
  return body['notices'] as NoticeView[]
}

/** Waits until a document of a notice stands in the log of a node. */
export async function arrived(node: TestNode, sha256: string): Promise<void> {
  await eventually(`the notice ${sha256} at ${node.state}`, () =>
    node.running.deps.notices.find(sha256),
  )
}

/** The instant at which a node had a certificate in its log. */
export async function provenAt(node: TestNode, sha256: string): Promise<string> {
  const stored = await eventually(`the certificate at ${node.state}`, () =>
    node.running.deps.certificates.findByDigest(sha256),
  )
  return stored.appendedAt
}

/** Reports on documents as they lie before somebody. */
export async function reports(
  reader: ApiClient,
  documents: readonly string[],
): Promise<(Report & { indication: string; subIndication?: string })[]> {
  const { status, body } = await ask(reader, '/v1/validations', {
    context: { officer: 'Test', purpose: 'test' },
    items: documents.map((document) => ({ document })),
  })
  expect(status, JSON.stringify(body)).toBe(200)
  return body['reports'] as (Report & { indication: string })[]
}

/** Certificates are proven by the second: waits until another one has begun. */
export async function nextSecond(): Promise<string> {
  const before = formatInstant(new Date())
  await eventually('the next second', async () => formatInstant(new Date()) !== before)
  return formatInstant(new Date())
}

/** An instant some seconds before or after another one. */
export function shifted(instant: string, seconds: number): string {
  return formatInstant(new Date(Date.parse(instant) + seconds * 1000))
}
