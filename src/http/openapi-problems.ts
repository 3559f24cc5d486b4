import { PROBLEM_MEDIA_TYPE, problemType } from './problem.ts'
import { PROBLEMS, type ProblemSlug } from './problem-registry.ts'

const BODY_ERROR = { pointer: '/goods/0/hsCode', message: 'Invalid string' }
const PARAMETER_ERROR = { parameter: 'limit', message: 'Too big: expected number to be <=500' }

/** Extension members as they look in the examples of the problems that have some. */
const EXTENSIONS: Partial<Record<ProblemSlug, Readonly<Record<string, unknown>>>> = {
  'invalid-body': { errors: [BODY_ERROR] },
  'invalid-parameter': { errors: [PARAMETER_ERROR] },
  'unsupported-media-type': { accepted: ['application/json'] },
  'not-acceptable': { offered: ['application/pdf', 'text/html'] },
  'body-too-large': { maxBytes: 65536 },
  'signature-invalid': { reason: 'signature-wrong' },
}

/** Components that every problem response refers to. */
export const PROBLEM_COMPONENTS = {
  headers: {
    'Request-Id': {
      description: 'Names this call in the logs of the node.',
      schema: { type: 'string', format: 'uuid' },
    },
    'Retry-After': {
      description: 'Seconds to wait before the next attempt.',
      schema: { type: 'string' },
    },
  },
  schemas: {
    Problem: {
      type: 'object',
      description: 'Problem details (RFC 9457).',
      properties: {
        type: {
          type: 'string',
          format: 'uri',
          description: 'Names the kind of problem; leads to a page.',
        },
        title: {
          type: 'string',
          description: 'In English, or in Russian if Accept-Language prefers it.',
        },
        status: { type: 'integer' },
        detail: { type: 'string' },
        instance: { type: 'string', format: 'uri', description: 'The request id as a URN.' },
        errors: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              pointer: { type: 'string', description: 'Where in the body (RFC 6901).' },
              parameter: { type: 'string' },
              message: { type: 'string' },
            },
            required: ['message'],
          },
        },
      },
      required: ['type', 'title', 'status', 'instance'],
      additionalProperties: true,
    },
  },
} as const

/** One response component stands for all problems of one status that an operation may have. */
export function problemResponseName(slugs: readonly ProblemSlug[]): string {
  return slugs.join('.')
}

export function problemResponseObject(slugs: readonly ProblemSlug[]) {
  const waits = slugs.some((slug) => PROBLEMS[slug].status === 429)
  return {
    description: slugs.map((slug) => PROBLEMS[slug].title.en).join('; or: '),
    headers: {
      'Request-Id': { $ref: '#/components/headers/Request-Id' },
      ...(waits && { 'Retry-After': { $ref: '#/components/headers/Retry-After' } }),
    },
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(
          slugs.map((slug) => [slug, { $ref: `#/components/examples/${slug}` }]),
        ),
      },
    },
  }
}

export function problemExample(slug: ProblemSlug, publicUrl: string) {
  const { status, title, explanation } = PROBLEMS[slug]
  return {
    summary: title.en,
    description: explanation.en,
    value: {
      type: problemType(publicUrl, slug),
      title: title.en,
      status,
      instance: 'urn:uuid:5f0c1c9e-4a43-4e0b-9d0e-3f5f4f0f9a11',
      ...EXTENSIONS[slug],
    },
  }
}
