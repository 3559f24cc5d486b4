import { join } from 'node:path'
import { expect } from 'vitest'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'
import type { ApiClient } from '../../src/node/api-client.ts'
import type { PreparedState } from '../../src/node/dev-state.ts'
import { SqliteDatabase } from '../../src/node/sqlite-database.ts'
import { differencesFromLog } from '../../src/storage/rebuild-differences.ts'
import { freshCertificate, rowsOf, stateOf } from './hostile.ts'
import { eventually, type TestNode } from './two-nodes.ts'

type Named = Pick<DemoCertificate, 'type' | 'number'>
type Origin = Pick<PreparedState, 'state'>

/** Where the resources of a certificate stand at any node. */
export function pathOf({ state }: Origin, { type, number }: Named, rest = ''): string {
  // Numbers with slashes have an address of their own.
  if (!number.includes('/'))
    return `/v1/certificates/${state}/${type}/${encodeURIComponent(number)}${rest}`
  const query = new URLSearchParams({ state, type, number }).toString()
  return `/v1/certificates/by-number${rest}?${query}`
}

export interface Answered {
  readonly status: number
  readonly body: Record<string, unknown>
  /** The last part of the problem's `type`. */
  readonly slug: string
}

export async function ask(client: ApiClient, path: string, body?: unknown): Promise<Answered> {
  const answer = body === undefined ? await client.get(path) : await client.post(path, body)
  const members = answer.body as Record<string, unknown>
  const slug = String(members['type'] ?? '').replace(/^.*\//, '')
  return { status: answer.status, body: members, slug }
}

export type Issued = DemoCertificate & { readonly sha256: string; readonly document: string }

export async function issue(
  client: ApiClient,
  name: string,
  to?: readonly string[],
): Promise<Issued> {
  const certificate = await freshCertificate(name)
  const { status, body } = await ask(client, '/v1/certificates', { certificate, to })
  expect(status, JSON.stringify(body)).toBe(201)
  return { ...certificate, sha256: body['sha256'] as string, document: body['document'] as string }
}

/** A certificate that says it is issued in the place of another, in all else like a fresh one. */
export async function successorOf(
  former: Named & { readonly [member: string]: unknown },
): Promise<DemoCertificate> {
  const name = former.number.startsWith('UZ') ? 'origin-ct1-uz-dried-fruit' : 'origin-ct1-tractors'
  const fresh = await freshCertificate(name)
  const { date } = former['certification'] as { date: string }
  const remark = {
    kind: 'ISSUED_IN_REPLACEMENT',
    text: 'Выдан взамен сертификата формы СТ-1',
    refNumber: former.number,
    refDate: date,
  }
  return { ...fresh, remarks: [remark] }
}

/** Waits until the peer has decided on a document; its decision. */
export async function decisionAt(
  from: TestNode,
  to: string,
  sha256: string,
): Promise<{ outcome: string; findings: readonly string[] }> {
  const delivery = await eventually(`a decision of ${to}`, async () => {
    const found = await from.running.deps.outbox.delivery(to, sha256)
    return found?.decision
  })
  return { outcome: delivery.outcome, findings: delivery.findings }
}

export interface Report {
  readonly answer: string
  readonly reasons: readonly string[]
  readonly status?: { readonly status: string } & Record<string, unknown>
  readonly checks: readonly { check: string; outcome: string; code: string; detail?: string }[]
  readonly findings: readonly { rule: string }[]
  readonly replaces?: readonly unknown[]
  readonly replacedBy?: readonly unknown[]
  readonly certificate?: { readonly number: string } & Record<string, unknown>
}

/** What customs is told of a certificate, by its number, for a day. */
export async function validated(
  customs: ApiClient,
  origin: Origin,
  certificate: Named,
  date?: string,
): Promise<Report> {
  const { type, number } = certificate
  const declaration = date !== undefined && {
    declaration: { number: 'T-1', date, lines: [{ n: 1, hsCode: '8701931000', netKg: 1 }] },
  }
  const { status, body } = await ask(customs, '/v1/validations', {
    context: { officer: 'Test', purpose: 'test' },
    items: [{ identity: { state: origin.state, type, number }, ...declaration }],
  })
  expect(status, JSON.stringify(body)).toBe(200)
  return (body['reports'] as Report[])[0]!
}

/** The tables that a change of status would alter; receipts of earlier ones may still come in. */
export function registerOf(node: { readonly data: string }): unknown {
  const { certificates, status_changes } = stateOf(node)
  return { certificates, status_changes }
}

/** Once every message has its decision, the projections of the nodes follow from their logs alone. */
export async function expectLogsToTell(...nodes: readonly TestNode[]): Promise<void> {
  await eventually('every message is decided', () =>
    Promise.resolve(
      nodes.every((node) => rowsOf(node, 'outgoing').every(({ outcome }) => outcome !== null)),
    ),
  )
  for (const { data, state } of nodes) {
    const database = new SqliteDatabase(join(data, 'node.sqlite'))
    try {
      expect(await differencesFromLog(database, state)).toEqual([])
    } finally {
      database.close()
    }
  }
}
