import { z } from 'zod'
import { decodeBase64 } from '../../encoding/base64url.ts'
import { publishCrl, publishTrustList } from '../../exchange/keep-trust/publish-trust.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Digest } from '../schemas.ts'
import { MAX_CRL_OCTETS } from '../../x509/crl.ts'
import { actorOf } from './trust-decisions.ts'

const tags = ['Trust'] as const
const JOSE = 'application/jose'
const CRL = 'application/pkix-crl'
const cacheControl = 'public, max-age=60'

const listRoute = declareRoute({
  operationId: 'getTrustList',
  method: 'get',
  path: '/trust/list',
  summary: "Read the newest version of this state's trust list",
  description:
    'A list that only proves itself proves nothing: compare the fingerprint of its root first.',
  tags,
  callers: ['public'],
  answers: {
    200: {
      description: 'Compact JWS',
      mediaTypes: [JOSE],
      headers: { ETag: 'Digest of the list' },
    },
  },
  problems: ['not-found'],
  cacheControl,
})

const versionRoute = declareRoute({
  operationId: 'getTrustListVersion',
  method: 'get',
  path: '/trust/list/{version}',
  summary: "Read a version of this state's trust list",
  tags,
  callers: ['public'],
  params: z.strictObject({
    version: z.coerce
      .number()
      .int()
      .min(1)
      .max(2 ** 31),
  }),
  answers: { 200: { description: 'Compact JWS', mediaTypes: [JOSE] } },
  problems: ['not-found'],
  cacheControl,
})

const crlRoute = declareRoute({
  operationId: 'getCrl',
  method: 'get',
  path: '/trust/crls/{ski}.crl',
  summary: 'Read the newest CRL of a CA of this state',
  tags,
  callers: ['public'],
  params: z.strictObject({
    ski: z
      .string()
      .regex(/^[0-9a-f]{2,128}$/)
      .meta({ description: 'Subject key identifier, hex' }),
  }),
  answers: { 200: { description: 'DER', mediaTypes: [CRL] } },
  problems: ['crl-not-found'],
  cacheControl,
})

const publishListRoute = declareRoute({
  operationId: 'publishTrustList',
  method: 'post',
  path: '/v1/admin/trust-lists',
  summary: "Publish the next version of this state's trust list",
  description:
    'Signed offline by the list signer. It goes to all peers. What it removes ends at once, what it adds counts after the delay of the policy. The list of another state is refused (`state-differs`): the node fetches it by itself; where it cannot, its operator takes it in with `certex trust publish`.',
  tags: ['Administration'],
  callers: ['authority'],
  body: { raw: [JOSE], maxBytes: 8 * 1024 * 1024 },
  answers: {
    201: { description: 'In force', schema: z.strictObject({ version: z.int(), sha256: Digest }) },
    200: {
      description: 'Published before',
      schema: z.strictObject({ version: z.int(), sha256: Digest }),
    },
  },
  problems: ['trust-list-refused'],
})

const publishCrlRoute = declareRoute({
  operationId: 'publishCrl',
  method: 'post',
  path: '/v1/admin/crls',
  summary: 'Publish a CRL of a CA of this state',
  tags: ['Administration'],
  callers: ['authority'],
  body: { raw: [CRL], maxBytes: MAX_CRL_OCTETS },
  answers: {
    200: {
      description: 'Kept, or not newer than the one kept',
      schema: z.strictObject({ outcome: z.enum(['stored', 'not-newer']), ski: z.string() }),
    },
  },
  problems: ['crl-refused'],
})

export function mountTrust(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const publishList = publishTrustList(deps)
  const keepCrl = publishCrl(deps)

  mount(app, listRoute, async () => {
    const list = (await deps.trustStore.newest()).find(({ state }) => state === deps.state)
    if (!list)
      throw new ProblemError('not-found', { detail: 'No trust list has been published yet' })
    return { status: 200, body: list.jws, mediaType: JOSE, headers: { ETag: `"${list.sha256}"` } }
  })

  mount(app, versionRoute, async ({ params }) => {
    const jws = await deps.trustStore.version(deps.state, params.version)
    if (jws === undefined) throw new ProblemError('not-found')
    return { status: 200, body: jws, mediaType: JOSE }
  })

  mount(app, crlRoute, async ({ params }) => {
    const crl = await deps.trustStore.crl(deps.state, params.ski)
    if (!crl) throw new ProblemError('crl-not-found')
    return { status: 200, body: decodeBase64(crl.der)!, mediaType: CRL }
  })

  mount(app, publishListRoute, async ({ body, caller }) => {
    const jws = new TextDecoder().decode(body.bytes).trim()
    const published = await publishList(jws, { actor: actorOf(caller), state: deps.state })
    if (published.outcome === 'refused') {
      const { refused, detail } = published.refusal
      throw new ProblemError('trust-list-refused', { detail, extensions: { reason: refused } })
    }
    const { version, sha256, outcome } = published
    deps.outgoing()
    return { status: outcome === 'published' ? 201 : 200, body: { version, sha256 } }
  })

  mount(app, publishCrlRoute, async ({ body, caller }) => {
    const list = (await deps.trust()).view.list(deps.state)
    if (!list)
      throw new ProblemError('crl-refused', { detail: 'No trust list has been published yet' })
    const kept = await keepCrl(body.bytes, list, actorOf(caller))
    if (kept.outcome === 'refused') throw new ProblemError('crl-refused', { detail: kept.detail })
    return { status: 200, body: kept }
  })
}
