import { documentTypeOf } from '../../certificate/document-types.ts'
import type { CertificatePayload } from '../../certificate/payload.ts'
import { searchTermsOf } from '../../certificate/search-terms.ts'
import { payloadOf, signatureOf } from '../registered.ts'
import type { IndexedTerms, SearchDependencies } from './search-index.ts'

/** Documents read and indexed in one step: few enough that requests in between do not wait. */
const PAGE = 50

/**
 * Makes the terms of some certificates again that an older version made, from their documents, and tells
 * who signed them.
 * Called again until it answers 0, the number of certificates it found to do.
 */
export function reindexSearch({ certificates, search }: SearchDependencies) {
  return async (): Promise<number> => {
    const page = await search.outdated(PAGE)
    if (page.length === 0) return 0
    const documents = await certificates.documents(page.map(({ sha256 }) => sha256))
    await search.rewrite(
      page.map(({ idx, sha256 }) => ({ idx, ...readAgain(documents.get(sha256)) })),
    )
    return page.length
  }
}

function readAgain(jws = ''): Omit<IndexedTerms, 'idx'> {
  // Bytes lawfully destroyed or damaged, which the comparison with the log tells: the certificate is found
  // by nothing, and must not keep those after it from being found.
  try {
    const payload = payloadOf(jws) as CertificatePayload
    const type = documentTypeOf(payload.schema)
    const terms = type ? searchTermsOf(type, payload.certificate) : []
    return { terms, signature: signatureOf(jws) }
  } catch {
    return { terms: [], signature: { seal: undefined, signedAt: undefined } }
  }
}
