import { addCheckpoint, type WitnessAnswer } from '../../exchange/log/witness.ts'
import type { Caller } from '../caller.ts'
import type { NodeDependencies } from '../dependencies.ts'
import { ANY_MEDIA_TYPE } from '../media-type.ts'
import { mount } from '../mount.ts'
import { type ProblemSlug } from '../problem-registry.ts'
import { ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'

const TEXT = 'text/plain; charset=utf-8'
const SIZE = 'text/x.tlog.size'

type Refusal = Exclude<WitnessAnswer['answer'], 'cosigned' | 'conflict'>
const PROBLEMS = {
  malformed: 'checkpoint-malformed',
  'old-size-too-large': 'checkpoint-malformed',
  'log-unknown': 'log-unknown',
  'not-signed': 'checkpoint-not-signed',
  'not-consistent': 'checkpoint-not-consistent',
  'no-key': 'unavailable',
  'too-many': 'unavailable',
  recalling: 'unavailable',
} as const satisfies Record<Refusal, ProblemSlug>

const route = declareRoute({
  operationId: 'addCheckpoint',
  method: 'post',
  path: '/witness/add-checkpoint',
  summary: 'Have a checkpoint cosigned',
  description:
    'C2SP tlog-witness. This node witnesses the logs that the trust lists of other states name: it cosigns a checkpoint that is signed by its log and continues the one cosigned before. The signature under the checkpoint is all the authentication there is. Whatever media type the request names, or none, its body is the text of the specification.',
  tags: ['Log'],
  callers: ['public'],
  limit: 'anonymous',
  body: {
    // The specification names none, and its witnesses look at none.
    raw: ['text/plain', ANY_MEDIA_TYPE],
    maxBytes: 140_000,
  },
  answers: {
    200: { description: 'The cosignature, as lines of a signed note', mediaTypes: [TEXT] },
    409: { description: 'The size of the tree that was last cosigned', mediaTypes: [SIZE] },
  },
  problems: [...new Set(Object.values(PROBLEMS))],
})

export function mountWitness(app: RoutedApp<Caller>, deps: NodeDependencies): void {
  const add = addCheckpoint(deps)

  mount(app, route, async ({ body }) => {
    const given = await add(body.bytes)
    switch (given.answer) {
      case 'cosigned':
        return { status: 200, body: given.lines, mediaType: TEXT }
      case 'conflict':
        return { status: 409, body: `${given.size}\n`, mediaType: SIZE }
      default:
        throw new ProblemError(PROBLEMS[given.answer], { detail: given.detail })
    }
  })
}
