import { expect } from 'vitest'
import type { Delivery, ValidationReport, ValidationRequest } from '../../../openapi/client.ts'
import type { DemoCertificate } from '../../../src/cli/demo/documents.ts'
import type { ApiAnswer, ApiClient } from '../../../src/node/api-client.ts'
import { freshCertificate } from '../../support/hostile.ts'
import type { Surface } from '../../support/surface.ts'
import { eventually } from '../../support/two-nodes.ts'
import { answered, content } from '../../support/typed.ts'

/** Steps that several parts of the suite take. */

export interface Issued {
  readonly certificate: DemoCertificate
  readonly sha256: string
  readonly document: string
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
  const answer = await chamber.api.issueCertificate({ body: { certificate: content(certificate) } })
  return { certificate, ...answered(answer, 201).body }
}

export const pathOf = ({ number }: DemoCertificate, rest = ''): string =>
  `/v1/certificates/BY/origin.ct1/${encodeURIComponent(number)}${rest}`

/** What customs is told of a certificate. */
export async function validate(
  { UZ }: Surface,
  subject: ValidationRequest['items'][number],
): Promise<ValidationReport> {
  const context = { officer: 'Test', purpose: 'test' }
  const { api } = UZ.clients.customs
  const answer = await api.createValidations({ body: { context, items: [subject] } })
  return answered(answer, 200).body.reports[0]!
}

export const identityOf = ({ type, number }: DemoCertificate) => ({
  identity: { state: 'BY', type, number },
})

/** Waits for the decision of Uzbekistan on a certificate. */
export function decided({ BY }: Surface, certificate: DemoCertificate): Promise<Delivery> {
  return eventually(`a decision on ${certificate.number}`, async () => {
    const { type, number } = certificate
    const answer = await BY.clients.chamber.api.getDelivery({
      params: { state: 'BY', type, number },
    })
    const [delivery] = answered(answer, 200).body.certificate
    return delivery?.state === 'decided' ? delivery : undefined
  })
}
