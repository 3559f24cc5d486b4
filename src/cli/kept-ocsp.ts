import type { Workbench } from '../node/bootstrap.ts'
import type { OcspResponse } from '../x509/ocsp-response.ts'

export interface FoundOcspResponse {
  readonly file: string
  readonly der: Uint8Array
  readonly response: OcspResponse
}

/** What became of a response that was not refused. */
export type KeptOcspResponse = {
  readonly file: string
} & (
  | { readonly outcome: 'not-in-use' }
  | {
      readonly outcome: 'stored' | 'not-newer'
      readonly key: string
      readonly ski: string
      readonly serial: string
      readonly status: string
      readonly nextUpdate: string
    }
)

/**
 * Takes in what a folder holds, whatever becomes of one of them: an authority signs about every key that it
 * certified, those among them that the list does not name yet, or that have ended. If none is about a key in
 * use, it is the wrong folder.
 */
export async function keepOcspResponses(
  bench: Pick<Workbench, 'publishOcsp'>,
  found: readonly FoundOcspResponse[],
  state: string,
): Promise<{ answered: readonly KeptOcspResponse[]; refused: readonly string[] }> {
  const answered: KeptOcspResponse[] = []
  const refused: string[] = []
  for (const { file, der } of found) {
    const kept = await bench.publishOcsp(der, state)
    if (kept.outcome === 'refused') refused.push(`${file}: ${kept.detail}`)
    else if (kept.outcome === 'not-in-use') answered.push({ file, outcome: kept.outcome })
    else
      for (const { outcome, response, target } of [kept, ...kept.further]) {
        const { ski, serial, status, nextUpdate } = response
        const key = target.certificate.subject.attributes.at(-1)?.value ?? serial
        answered.push({ file, key, ski, serial, outcome, status, nextUpdate })
      }
  }
  if (answered.length > 0 && answered.every(({ outcome }) => outcome === 'not-in-use'))
    refused.push(`None of these is about a key in use of the trust list of ${state}`)
  return { answered, refused }
}

export function ocspText(kept: KeptOcspResponse): string {
  if (kept.outcome === 'not-in-use')
    return `OCSP response ${kept.file}: passed over, it is about no key in use`
  const { key, outcome, status, nextUpdate } = kept
  return `OCSP response about ${key}: ${outcome}, ${status}, next update by ${nextUpdate}`
}
