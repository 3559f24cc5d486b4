import { JSON_MEDIA_TYPE } from './media-type.ts'
import type { RouteDeclaration } from './route.ts'

/** What a handler answered, its type forgotten. */
export interface Answer {
  status: number
  body?: unknown
  mediaType?: string
  headers?: Readonly<Record<string, string | undefined>> | undefined
}

/** Makes the response of a declared answer; a status the route does not declare is a bug. */
export function toResponse(route: RouteDeclaration, answer: Answer): Response {
  const declared = route.answers[answer.status]
  if (!declared) throw new Error(`${route.operationId} answers an undeclared ${answer.status}`)
  const headers = new Headers()
  if (route.cacheControl !== undefined) headers.set('Cache-Control', route.cacheControl)
  for (const [name, value] of Object.entries(answer.headers ?? {}))
    if (value !== undefined) headers.set(name, value)
  const { status } = answer
  if ('schema' in declared && declared.schema) {
    headers.set('Content-Type', JSON_MEDIA_TYPE)
    return new Response(JSON.stringify(answer.body), { status, headers })
  }
  if ('mediaTypes' in declared && declared.mediaTypes) {
    const { mediaType = declared.mediaTypes[0] } = answer
    headers.set('Content-Type', mediaType)
    if (declared.mediaTypes.length > 1) headers.append('Vary', 'Accept')
    return new Response(answer.body as Uint8Array<ArrayBuffer> | string, { status, headers })
  }
  return new Response(null, { status, headers })
}
