import { z } from 'zod'
import { logReading } from '../../exchange/log-reading.ts'
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

const checkpointRoute = declareRoute({
  operationId: 'getLogCheckpoint',
  method: 'get',
  path: '/log/checkpoint',
  summary: 'Read the newest checkpoint of the log',
  description:
    'A C2SP tlog-checkpoint: the size of the log and the root hash of its Merkle tree, signed by the log key that the trust list names. It follows what is new within about a second.',
  tags,
  callers: ['peer', 'authority', 'auditor'],
  provesItself: true,
  answers: { 200: { description: 'A signed note', mediaTypes: [TEXT] } },
  problems: ['not-found'],
})

const tileRoute = declareRoute({
  operationId: 'getLogTile',
  method: 'get',
  path: '/log/tile/{path*}',
  summary: 'Read a tile of the log',
  description:
    'Hashes (`0/000`, `1/x001/x234/067`) or entries (`entries/000`) as C2SP tlog-tiles names them, partial ones (`0/000.p/17`) too, as far as the newest checkpoint reaches. A tile never changes.',
  tags,
  callers: ['peer', 'authority', 'auditor'],
  provesItself: true,
  params: z.strictObject({
    path: z.string().max(64).meta({ description: 'Level, index and width', example: '0/000.p/17' }),
  }),
  answers: {
    200: { description: 'Hashes, or entries behind their lengths', mediaTypes: [OCTETS] },
  },
  problems: ['not-found'],
  cacheControl: 'private, max-age=31536000, immutable',
})

const proofRoute = declareRoute({
  operationId: 'getLogProof',
  method: 'get',
  path: '/log/proof/{digest}',
  summary: 'Prove that a document stands in the log',
  description:
    'A C2SP tlog-proof against the newest checkpoint, with the leaf as extra data: verifiable without this node.',
  tags,
  callers: ['peer', 'authority', 'auditor'],
  provesItself: true,
  params: z.strictObject({ digest: Digest }),
  answers: { 200: { description: 'A proof', mediaTypes: [TEXT] } },
  problems: ['not-found', 'unavailable'],
})

export function mountLog(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const log = logReading(deps.log)

  mount(app, checkpointRoute, async () => {
    const note = await log.checkpoint()
    if (note === undefined)
      throw new ProblemError('not-found', { detail: 'Nothing was appended to the log so far' })
    return { status: 200, body: note, mediaType: TEXT }
  })

  mount(app, tileRoute, async ({ params }) => {
    const tile = await log.tile(`tile/${params.path}`)
    if (!tile)
      throw new ProblemError('not-found', { detail: 'The newest checkpoint covers no such tile' })
    return { status: 200, body: tile, mediaType: OCTETS }
  })

  mount(app, proofRoute, async ({ params }) => {
    const found = await log.proof(params.digest)
    if (found === undefined)
      throw new ProblemError('not-found', { detail: 'No document with this digest is in the log' })
    if (found === 'not-yet')
      throw new ProblemError('unavailable', {
        detail: 'The document is in the log; its checkpoint is being signed, ask again in a second',
        headers: { 'Retry-After': '1' },
      })
    return { status: 200, body: found.proof, mediaType: TEXT }
  })
}
