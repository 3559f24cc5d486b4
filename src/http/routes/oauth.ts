import { z } from 'zod'
import { sha256 } from '../../crypto/suite.ts'
import { encodeBase64url } from '../../encoding/base64url.ts'
import { formatInstant } from '../../encoding/time.ts'
import { ASSERTION_TYPE, verifyClientAssertion } from '../client-assertion.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'

const TOKEN_SECONDS = 600

const tokenRoute = declareRoute({
  operationId: 'getToken',
  method: 'post',
  path: '/oauth/token',
  summary: 'Get an access token',
  description:
    'OAuth 2.0 client credentials with private_key_jwt (RFC 7523): `aud` is the public URL of this node, `exp` at most 300 s ahead, `jti` used once. Role and organisation come from the registration of the client.',
  tags: ['Access'],
  callers: ['public'],
  body: {
    form: z.strictObject({
      grant_type: z.literal('client_credentials'),
      client_assertion_type: z.literal(ASSERTION_TYPE),
      client_assertion: z.string().min(1).max(8192),
      client_id: z.string().max(128).optional(),
    }),
    maxBytes: 16 * 1024,
    examples: {
      assertion: {
        grant_type: 'client_credentials',
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: 'eyJhbGciOiJFUzI1NiJ9…',
      },
    },
  },
  answers: {
    200: {
      description: 'An opaque token',
      schema: z.strictObject({
        access_token: z.string(),
        token_type: z.literal('Bearer'),
        expires_in: z.int(),
      }),
    },
  },
  problems: ['invalid-client'],
  limit: 'token',
})

export function mountOauth(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  mount(app, tokenRoute, async ({ body }) => {
    const now = deps.now()
    const client = await verifyClientAssertion(body.client_assertion, {
      issuer: deps.publicUrl,
      clients: deps.clients,
      usedOnce: deps.usedOnce,
      now,
    })
    const mismatch = 'id' in client && body.client_id !== undefined && body.client_id !== client.id
    if (mismatch || 'refused' in client)
      throw new ProblemError('invalid-client', {
        detail:
          'refused' in client ? client.refused : 'client_id is not the subject of the assertion',
        extensions: { error: 'invalid_client' },
      })
    const token = encodeBase64url(deps.randomBytes(32))
    const expiresAt = formatInstant(new Date(now.getTime() + TOKEN_SECONDS * 1000))
    await deps.tokens.insert(await tokenDigest(token), client.id, expiresAt)
    return {
      status: 200,
      body: { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS },
    }
  })
}

/** Under which an access token is stored: whoever reads the database cannot use it. */
export async function tokenDigest(token: string): Promise<string> {
  return encodeBase64url(await sha256(new TextEncoder().encode(token)))
}
