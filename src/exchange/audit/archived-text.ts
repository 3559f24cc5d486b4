import type { RequestMessage, ResponseMessage } from '../../http-signature/http-message.ts'
import { signedRequestFields, signedResponseFields } from '../../http-signature/signed-fields.ts'

/** A request as it is archived: what its signature covers and the signature, and nothing else. */
export function archivedRequest(request: RequestMessage): string {
  const { method, targetUri, body } = request
  const headers = signedRequestFields(request)
  return JSON.stringify({ method, targetUri, headers, body: decoded(body) })
}

/** The answer to it. */
export function archivedResponse({ status, headers, body }: ResponseMessage): string {
  return JSON.stringify({ status, headers: signedResponseFields(headers), body: decoded(body) })
}

function decoded(body: Uint8Array): string {
  return new TextDecoder().decode(body)
}
