import { expect } from 'vitest'
import type { DemoCertificate } from '../../../src/cli/demo/documents.ts'
import type { ApiAnswer, ApiClient } from '../../../src/node/api-client.ts'
import { freshCertificate } from '../../support/hostile.ts'
import type { Surface } from '../../support/surface.ts'
import { eventually } from '../../support/two-nodes.ts'

/** Steps that several parts of the suite take. */

export interface Issued {
  readonly certificate: DemoCertificate
  readonly sha256: string
  readonly document: string
}

export interface Report {
  readonly id: string
  readonly answer: string
  readonly reasons: readonly string[]
  readonly status?: { readonly status: string }
}

/** An answer that came out right; its body. */
export function bodyOf<T>({ status, body }: ApiAnswer, expected: number): T {
  expect(status, JSON.stringify(body)).toBe(expected)
  return body as T
}

/** The slug of a problem. */
export function slugOf({ status, body }: ApiAnswer): string {
  const { type = '' } = body as { type?: string }
  return `${status} ${type.split('/').at(-1)}`
}

export async function issue(chamber: ApiClient, change: object = {}): Promise<Issued> {
  const certificate = { ...(await freshCertificate()), ...change }
  const answer = await chamber.post('/v1/certificates', { certificate })
  return { certificate, ...bodyOf<Omit<Issued, 'certificate'>>(answer, 201) }
}

export const pathOf = ({ number }: DemoCertificate, rest = ''): string =>
  `/v1/certificates/BY/origin.ct1/${encodeURIComponent(number)}${rest}`

/** What customs is told of a certificate. */
export async function validate({ UZ }: Surface, subject: object): Promise<Report> {
  const context = { officer: 'Test', purpose: 'test' }
  const answer = await UZ.clients.customs.post('/v1/validations', { context, items: [subject] })
  return bodyOf<{ reports: [Report] }>(answer, 200).reports[0]
}

export const identityOf = ({ type, number }: DemoCertificate) => ({
  identity: { state: 'BY', type, number },
})

interface Delivery {
  readonly recipient: string
  readonly state: string
  readonly outcome?: string
}

/** Waits for the decision of Uzbekistan on a certificate. */
export function decided({ BY }: Surface, certificate: DemoCertificate): Promise<Delivery> {
  return eventually(`a decision on ${certificate.number}`, async () => {
    const answer = await BY.clients.chamber.get(pathOf(certificate, '/delivery'))
    const [delivery] = bodyOf<{ certificate: Delivery[] }>(answer, 200).certificate
    return delivery?.state === 'decided' ? delivery : undefined
  })
}
