import type { ExampleObject, ResponseObject } from './openapi-document.ts'
import type { JsonSchema, SchemaCollector } from './openapi-schemas.ts'
import { PROBLEM_MEDIA_TYPE, problemType } from './problem.ts'
import { extensionOf } from './problem-extensions.ts'
import { PROBLEMS, type ProblemSlug } from './problem-registry.ts'

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
        status: { type: 'integer', description: 'The HTTP status again.' },
        detail: { type: 'string', description: 'What is particular to this occurrence.' },
        instance: { type: 'string', format: 'uri', description: 'The request id as a URN.' },
      },
      required: ['type', 'title', 'status', 'instance'],
      additionalProperties: true,
    },
  },
} as const

/** The schema of one kind of problem: that of all, or with the members that this kind adds. */
export function problemSchemaName(slug: ProblemSlug): string {
  if (!extensionOf(slug)) return 'Problem'
  const words = slug.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return `${words.join('')}Problem`
}

/** The schemas of those problems that add members, by name. */
export function problemSchemas(
  slugs: readonly ProblemSlug[],
  schemas: SchemaCollector,
): Record<string, JsonSchema> {
  return Object.fromEntries(
    slugs.flatMap((slug) => {
      const extension = extensionOf(slug)
      if (!extension) return []
      const members = schemas.add(extension.members, 'input')
      const allOf = [{ $ref: '#/components/schemas/Problem' }, members]
      return [[problemSchemaName(slug), { description: PROBLEMS[slug].title.en, allOf }]]
    }),
  )
}

/** One response component stands for all problems of one status that an operation may have. */
export function problemResponseName(slugs: readonly ProblemSlug[]): string {
  return slugs.join('.')
}

export function problemResponseObject(slugs: readonly ProblemSlug[]): ResponseObject {
  const waits = slugs.some((slug) => PROBLEMS[slug].status === 429)
  const kinds = [...new Set(slugs.map(problemSchemaName))].map((name) => ({
    $ref: `#/components/schemas/${name}`,
  }))
  return {
    description: slugs.map((slug) => PROBLEMS[slug].title.en).join('; or: '),
    headers: {
      'Request-Id': { $ref: '#/components/headers/Request-Id' },
      ...(waits && { 'Retry-After': { $ref: '#/components/headers/Retry-After' } }),
    },
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        schema: kinds.length === 1 ? kinds[0]! : { anyOf: kinds },
        examples: Object.fromEntries(
          slugs.map((slug) => [slug, { $ref: `#/components/examples/${slug}` }]),
        ),
      },
    },
  }
}

export function problemExample(slug: ProblemSlug, publicUrl: string): ExampleObject {
  const { status, title, explanation } = PROBLEMS[slug]
  return {
    summary: title.en,
    description: explanation.en,
    value: {
      type: problemType(publicUrl, slug),
      title: title.en,
      status,
      instance: 'urn:uuid:5f0c1c9e-4a43-4e0b-9d0e-3f5f4f0f9a11',
      ...extensionOf(slug)?.example,
    },
  }
}
