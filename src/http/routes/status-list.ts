import { z } from 'zod'
import { publishStatusList } from '../../exchange/status-lists/publish.ts'
import {
  STATUS_LIST_MEDIA_TYPE,
  STATUS_LIST_TTL_SECONDS,
} from '../../exchange/status-lists/token.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'

const headers = { ETag: 'Digest of the token' } as const

const statusListRoute = declareRoute({
  operationId: 'getStatusList',
  method: 'get',
  path: '/status/{id}',
  summary: 'Read a status list of certificates that this state issued',
  description:
    'A Status List Token with two bits a certificate (draft-ietf-oauth-status-list): 0 valid, 1 withdrawn, 2 suspended. It shows a change at once; the end of validity is in the certificate itself.',
  tags: ['Trust'],
  callers: ['public'],
  params: z.strictObject({
    id: z
      .string()
      .regex(/^[1-9]\d{0,8}$/)
      .transform(Number)
      .meta({ description: 'Number of the list, as the certificate refers to it' }),
  }),
  query: z.strictObject({
    time: z.string().optional().meta({ description: 'Not served: the past follows from the log' }),
  }),
  requestHeaders: z.strictObject({
    'If-None-Match': z
      .string()
      .max(1000)
      .optional()
      .meta({ description: 'ETag of the token at hand' }),
  }),
  answers: {
    200: { description: 'Compact JWS', mediaTypes: [STATUS_LIST_MEDIA_TYPE], headers },
    304: { description: 'The token at hand is the present one', headers },
  },
  problems: ['status-list-not-found', 'status-history-not-served', 'unavailable'],
  cacheControl: `public, max-age=${STATUS_LIST_TTL_SECONDS}`,
})

export function mountStatusList(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const publish = publishStatusList(deps)

  mount(app, statusListRoute, async ({ params, query, requestHeaders }) => {
    if (query.time !== undefined) throw new ProblemError('status-history-not-served')
    const published = await publish(params.id)
    switch (published.outcome) {
      case 'unknown':
        throw new ProblemError('status-list-not-found')
      case 'signer-not-available':
        throw new ProblemError('unavailable', { detail: published.detail })
      case 'incomplete':
        throw new ProblemError('unavailable', {
          detail:
            'This node has lost certificates or status changes that the list may have to show; it is signed again when it is known which they were',
        })
      case 'signed': {
        const headers = { ETag: `"${published.sha256}"` }
        return names(requestHeaders['If-None-Match'], headers.ETag)
          ? { status: 304, headers }
          : { status: 200, body: published.jws, mediaType: STATUS_LIST_MEDIA_TYPE, headers }
      }
    }
  })
}

/** Whether If-None-Match names an entity tag, compared weakly (RFC 9110 §13.1.2). */
function names(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch?.trim() === '*') return true
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag)
}
