import { z } from 'zod'
import { answerOcsp } from '../../exchange/keep-trust/answer-ocsp.ts'
import { type KeptOcsp, publishOcsp } from '../../exchange/keep-trust/publish-ocsp.ts'
import { CURRENCIES, revocationStatus } from '../../exchange/keep-trust/revocation-status.ts'
import { MAX_OCSP_REQUEST_OCTETS } from '../../x509/ocsp-request.ts'
import { MAX_OCSP_OCTETS } from '../../x509/ocsp-response.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Instant, State, Text } from '../schemas.ts'

const OCSP_REQUEST = 'application/ocsp-request'
const OCSP_RESPONSE = 'application/ocsp-response'

const ocspRoute = declareRoute({
  operationId: 'askOcsp',
  method: 'post',
  path: '/trust/ocsp',
  summary: "Ask by OCSP about a key of this state's trust list",
  description:
    'RFC 6960 A.1 over responses that a responder of the authority signed beforehand. A nonce is not answered. What was not published is `unauthorized`: ask the CRL.',
  tags: ['Trust'],
  callers: ['public'],
  body: { raw: [OCSP_REQUEST], maxBytes: MAX_OCSP_REQUEST_OCTETS },
  answers: { 200: { description: 'OCSPResponse, DER', mediaTypes: [OCSP_RESPONSE] } },
  problems: [],
})

const KeptOcspAnswer = {
  outcome: z.enum(['stored', 'not-newer']),
  ski: z.string(),
  serial: z.string().meta({ examples: ['5a0102031e'] }),
  status: z.enum(['good', 'on-hold', 'revoked']),
  nextUpdate: Instant,
}

const publishRoute = declareRoute({
  operationId: 'publishOcspResponse',
  method: 'post',
  path: '/v1/admin/ocsp-responses',
  summary: "Publish an OCSP response about a key of this state's trust list",
  description:
    'Signed beforehand by the authority that issued the key or a responder of it. The newest about a key is kept; a revocation is not taken back, and it alone is kept about a key that has ended.',
  tags: ['Administration'],
  callers: ['authority'],
  body: { raw: [OCSP_RESPONSE], maxBytes: MAX_OCSP_OCTETS },
  answers: {
    200: {
      description: 'Kept, or not newer than the one kept',
      schema: z.strictObject({
        ...KeptOcspAnswer,
        further: z
          .array(z.strictObject(KeptOcspAnswer))
          .optional()
          .meta({ description: 'Of other keys that the same response is about' }),
      }),
    },
  },
  problems: ['ocsp-response-refused'],
})

const Times = {
  thisUpdate: Instant,
  nextUpdate: Instant,
  storedAt: Instant,
  countsUntil: Instant.meta({
    description: 'Its own end, or earlier that of the window that validation allows',
  }),
}
const Currency = z.enum(CURRENCIES).meta({
  description: '`due`: it counts still and should have been renewed; `stale`: it counts no longer',
})
const FetchedFrom = z
  .strictObject({
    url: z.string().meta({ examples: ['https://node.example/trust/ocsp'] }),
    succeededAt: Instant.optional(),
    failedAt: Instant.optional(),
    failure: z
      .string()
      .optional()
      .meta({ examples: ['HTTP 503'] }),
    attempts: z.int().meta({ description: 'Failures in a row' }),
    nextAttemptAt: Instant.optional(),
  })
  .optional()
  .meta({ description: 'Absent: it is published here, or fetched from nowhere' })

const statusRoute = declareRoute({
  operationId: 'getRevocationStatus',
  method: 'get',
  path: '/v1/trust/revocation',
  summary: 'How current the evidence of revocation is',
  description:
    'Every CRL that there should be, and every OCSP response that is asked for or was published: how long it counts, whence it comes, what failed, what to do.',
  tags: ['Operations'],
  callers: ['authority', 'auditor'],
  answers: {
    200: {
      description: 'By state and authority',
      schema: z.strictObject({
        crls: z.array(
          z.strictObject({
            state: State,
            authority: z.string().meta({ examples: ['BY State CA'] }),
            ski: z.string(),
            currency: Currency,
            crl: z
              .strictObject({
                ...Times,
                number: z.string().meta({ description: 'CRLNumber, decimal', examples: ['12'] }),
                revoked: z.int().meta({ description: 'Entries' }),
              })
              .optional(),
            fetchedFrom: FetchedFrom,
            advice: Text.optional(),
          }),
        ),
        ocsp: z.array(
          z.strictObject({
            state: State,
            ski: z.string().meta({ description: 'Of the authority that issued the key' }),
            serial: z.string().meta({ examples: ['5a0102031e'] }),
            key: z.string().meta({ description: 'Common name', examples: ['BY Exchange Node'] }),
            currency: Currency,
            response: z
              .strictObject({ ...Times, status: z.enum(['good', 'on-hold', 'revoked']) })
              .optional(),
            fetchedFrom: FetchedFrom,
            advice: Text.optional(),
          }),
        ),
      }),
    },
  },
  problems: [],
})

/** OCSP beside CRLs, and what operators see of both. */
export function mountRevocation(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const answer = answerOcsp(deps)
  const publish = publishOcsp(deps)
  const status = revocationStatus(deps)

  mount(app, ocspRoute, async ({ body }) => ({
    status: 200,
    body: await answer(body.bytes),
    mediaType: OCSP_RESPONSE,
  }))

  mount(app, publishRoute, async ({ body, caller }) => {
    if (caller.clientId === undefined) throw new Error('Who publishes is no client')
    const kept = await publish(body.bytes, deps.state, `client:${caller.clientId}`)
    if ('detail' in kept) throw new ProblemError('ocsp-response-refused', { detail: kept.detail })
    const further = kept.further.map(answerOf)
    return { status: 200, body: { ...answerOf(kept), ...(further.length > 0 && { further }) } }
  })

  mount(app, statusRoute, async () => ({ status: 200, body: await status() }))
}

function answerOf({ outcome, response }: KeptOcsp) {
  const { ski, serial, status, nextUpdate } = response
  return { outcome, ski, serial, status, nextUpdate }
}
