import { type BareItem, type Item, serializeByteSequence } from 'structured-headers'
import type { RequestContext, RequestMessage, ResponseMessage } from './http-message.ts'

/** The one signature label of the profile (EXC-HTTPSIG-1 H1). */
export const LABEL = 'exc'

/** A component that the profile demands, and its value in this message, if it has one. */
export interface RequiredComponent {
  item: Item
  value: string | undefined
}

/** What a request signature covers, no more and no less (EXC-HTTPSIG-1 H2). */
export function requestComponents(request: RequestMessage): RequiredComponent[] {
  const fields = ['content-digest', 'exc-message-id', 'exc-sender', 'exc-recipient']
  if (request.body.length > 0) fields.push('content-type')
  return [
    { item: component('@method'), value: request.method },
    { item: component('@target-uri'), value: request.targetUri },
    ...fields.map((name) => ({ item: component(name), value: fieldValue(request.headers, name) })),
  ]
}

/** What a response signature covers: itself, and through `req` the request it answers (RFC 9421 §2.4). */
export function responseComponents(
  response: ResponseMessage,
  request: RequestContext,
): RequiredComponent[] {
  const signature = component('signature', ['req', true], ['key', LABEL])
  return [
    { item: component('@status'), value: String(response.status) },
    {
      item: component('content-digest'),
      value: fieldValue(response.headers, 'content-digest'),
    },
    { item: signature, value: serializeByteSequence(Uint8Array.from(request.signature)) },
    { item: component('@method', ['req', true]), value: request.method },
    { item: component('@target-uri', ['req', true]), value: request.targetUri },
  ]
}

function component(name: string, ...parameters: [string, BareItem][]): Item {
  return [name, new Map(parameters)]
}

/** The canonical field value (RFC 9421 §2.1); anything but printable ASCII has none. */
function fieldValue(headers: Headers, name: string): string | undefined {
  const value = headers.get(name)?.trim()
  return value && /^[\x20-\x7e]+$/.test(value) ? value : undefined
}
