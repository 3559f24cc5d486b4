import { documentTypeOf } from '../certificate/document-types.ts'
import type { CertificatePayload } from '../certificate/payload.ts'
import { type SearchTerm, searchTermsOf } from '../certificate/search-terms.ts'
import { payloadOf } from './registered.ts'
import type { SearchDependencies } from './search-index.ts'

/** Documents read and indexed in one step: few enough that requests in between do not wait. */
const PAGE = 50

/**
 * Makes the terms of some certificates again that an older version made, from their documents.
 * Called again until it answers 0, the number of certificates it found to do.
 */
export function reindexSearch({ certificates, search }: SearchDependencies) {
  return async (): Promise<number> => {
    const page = await search.outdated(PAGE)
    if (page.length === 0) return 0
    const documents = await certificates.documents(page.map(({ sha256 }) => sha256))
    await search.rewrite(
      page.map(({ idx, sha256 }) => ({ idx, terms: termsOf(documents.get(sha256)) })),
    )
    return page.length
  }
}

function termsOf(jws: string | undefined): readonly SearchTerm[] {
  // Bytes lawfully destroyed or damaged, which the comparison with the log tells: the certificate is found
  // by nothing, and must not keep those after it from being found.
  try {
    const payload = payloadOf(jws ?? '') as CertificatePayload
    const type = documentTypeOf(payload.schema)
    return type ? searchTermsOf(type, payload.certificate) : []
  } catch {
    return []
  }
}
