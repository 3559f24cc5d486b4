import type { Answer, CertificateContent } from '../../openapi/client.ts'
import type { DemoCertificate } from '../../src/cli/demo/documents.ts'

/** The answer, known to have this status; else the test fails and shows what came instead. */
export function answered<A extends Answer<number, unknown>, const S extends A['status']>(
  answer: A,
  status: S,
): Extract<A, { readonly status: S }> {
  if (answer.status !== status)
    throw new Error(`${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`)
  return answer as Extract<A, { readonly status: S }>
}

/** A sample as the contract types it: samples are read from files, whose members nobody knows. */
export function content(certificate: DemoCertificate): CertificateContent {
  return certificate as unknown as CertificateContent
}
