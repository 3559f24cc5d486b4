import { z } from 'zod'
import { appliedPolicy } from '../../exchange/log/policy.ts'
import { logReading } from '../../exchange/log/reading.ts'
import { noteKeyName } from '../../exchange/working-keys.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { mount } from '../mount.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { Digest } from '../schemas.ts'

const tags = ['Log'] as const
const TEXT = 'text/plain; charset=utf-8'
const OCTETS = 'application/octet-stream'

/** Whoever is named has an answer of his own: caches must not give him that of another. */
const VARY = 'Authorization, Signature-Input'
const witnessed = '`true`: the quorum of the policy has cosigned the checkpoint; `false`: not yet'

/** Peers, authority and auditors read the log; where the operator has opened it, everybody. */
function declareRoutes(isPublic: boolean) {
  const callers = [
    'peer',
    'authority',
    'auditor',
    ...(isPublic ? (['public'] as const) : []),
  ] as const
  const cached = isPublic ? 'public' : 'private'
  const text = (description: string) =>
    ({
      description,
      mediaTypes: [TEXT],
      headers: { Vary: 'Which callers it is the answer for' },
    }) as const

  const checkpoint = declareRoute({
    operationId: 'getLogCheckpoint',
    method: 'get',
    path: '/log/checkpoint',
    summary: 'Read the newest checkpoint of the log',
    description:
      'A C2SP tlog-checkpoint: the size of the log and the root hash of its Merkle tree, signed by the log key that the trust list names. It follows what is new within about a second. With `witness` it is the newest one that bears the cosignature of that key, if there is one: a witness that lost its database remembers by it what it had cosigned.',
    tags,
    callers,
    provesItself: true,
    query: z.strictObject({
      witness: z
        .string()
        .max(128)
        .regex(/^[^+\s]+\+[0-9a-f]{8}$/)
        .optional()
        .meta({
          description: 'Name and key ID of a witness key',
          example: 'exchange.uz/witness/1+53a1e0c2',
        }),
    }),
    answers: { 200: text('A signed note') },
    problems: ['not-found'],
    ...(isPublic && { cacheControl: 'public, max-age=1' }),
  })

  const tile = declareRoute({
    operationId: 'getLogTile',
    method: 'get',
    path: '/log/tile/{path*}',
    summary: 'Read a tile of the log',
    description:
      'Hashes (`0/000`, `1/x001/x234/067`) or entries (`entries/000`) as C2SP tlog-tiles names them, partial ones (`0/000.p/17`) too, as far as the newest checkpoint reaches. A tile never changes.',
    tags,
    callers,
    provesItself: true,
    params: z.strictObject({
      path: z
        .string()
        .max(64)
        .meta({ description: 'Level, index and width', example: '0/000.p/17' }),
    }),
    answers: {
      200: {
        description: 'Hashes, or entries behind their lengths',
        mediaTypes: [OCTETS],
        headers: { Vary: 'Which callers it is the answer for' },
      },
    },
    problems: ['not-found'],
    cacheControl: `${cached}, max-age=31536000, immutable`,
  })

  const proof = declareRoute({
    operationId: 'getLogProof',
    method: 'get',
    path: '/log/proof/{digest}',
    summary: 'Prove that a document stands in the log',
    description:
      'A C2SP tlog-proof against the newest checkpoint that the quorum has cosigned, or else the newest, with the leaf as extra data: verifiable without this node.',
    tags,
    callers,
    provesItself: true,
    params: z.strictObject({ digest: Digest }),
    answers: {
      200: {
        description: 'A proof',
        mediaTypes: [TEXT],
        headers: { 'Certex-Witnessed': witnessed },
      },
    },
    problems: ['not-found', 'unavailable'],
  })
  return { checkpoint, tile, proof }
}

export function mountLog(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const log = logReading(
    deps.log,
    async () => appliedPolicy((await deps.trust()).view, deps.state, deps.witnessing),
    () => deps.witnessed.unproven({ state: deps.state, origin: noteKeyName(deps.state, 'log') }),
  )
  const routes = declareRoutes(deps.publicLog)
  const headers = deps.publicLog ? { Vary: VARY } : {}

  mount(app, routes.checkpoint, async ({ query: { witness } }) => {
    const [name, keyId] = witness?.split('+') ?? []
    const note = await log.checkpoint(
      name === undefined || keyId === undefined
        ? undefined
        : { name, keyId: Number.parseInt(keyId, 16) },
    )
    if (note === undefined)
      throw new ProblemError('not-found', { detail: 'Nothing was appended to the log so far' })
    return { status: 200, body: note, mediaType: TEXT, headers }
  })

  mount(app, routes.tile, async ({ params }) => {
    const tile = await log.tile(`tile/${params.path}`)
    if (!tile)
      throw new ProblemError('not-found', { detail: 'The newest checkpoint covers no such tile' })
    return { status: 200, body: tile, mediaType: OCTETS, headers }
  })

  mount(app, routes.proof, async ({ params }) => {
    const found = await log.proof(params.digest)
    if (found === undefined)
      throw new ProblemError('not-found', { detail: 'No document with this digest is in the log' })
    if (found === 'not-yet')
      throw new ProblemError('unavailable', {
        detail: 'The document is in the log; its checkpoint is being signed, ask again in a second',
        headers: { 'Retry-After': '1' },
      })
    return {
      status: 200,
      body: found.proof,
      mediaType: TEXT,
      headers: { 'Certex-Witnessed': String(found.witnessed) },
    }
  })
}
