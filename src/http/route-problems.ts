import type { ProblemSlug } from './problem-registry.ts'
import type { RouteDeclaration } from './route.ts'

/**
 * Everything a route can refuse with: what its handler names, and what the framework refuses before the
 * handler is reached.
 */
export function problemsOf(route: RouteDeclaration): ProblemSlug[] {
  const problems = new Set<ProblemSlug>([...bodyProblems(route), ...accessProblems(route)])
  problems.add('invalid-parameter').add('too-many-requests')
  if (offersOf(route).length > 1) problems.add('not-acceptable')
  for (const slug of route.problems) problems.add(slug)
  return [...problems, 'internal']
}

/** The media types among which Accept chooses. */
export function offersOf({ answers }: RouteDeclaration): string[] {
  return Object.values(answers).flatMap((answer) =>
    'mediaTypes' in answer ? (answer.mediaTypes ?? []) : [],
  )
}

function bodyProblems({ body }: RouteDeclaration): ProblemSlug[] {
  // Also where HTTP expects none: a GET may bring one (RFC 9110 §9.3.1).
  if (!body) return ['unexpected-body']
  return [
    'body-too-large',
    'incomplete-body',
    'empty-body',
    'unsupported-media-type',
    ...(body.json ? (['malformed-json', 'duplicate-member', 'invalid-body'] as const) : []),
    ...(body.form ? (['invalid-body'] as const) : []),
  ]
}

function accessProblems({ callers }: RouteDeclaration): ProblemSlug[] {
  const roles = new Set(callers)
  const peer = roles.delete('peer')
  const open = roles.delete('public')
  const tokens = roles.size > 0
  return [
    // A token is looked at wherever credentials are, also where none admits.
    ...(tokens || peer ? (['invalid-token'] as const) : []),
    ...(tokens && !open ? (['unauthenticated'] as const) : []),
    ...(peer ? PEER_PROBLEMS : []),
    ...((tokens || peer) && !open ? (['forbidden'] as const) : []),
  ]
}

const PEER_PROBLEMS = [
  'signature-required',
  'signature-invalid',
  'digest-mismatch',
  'clock-skew',
  'unknown-peer',
  'wrong-recipient',
  'message-replayed',
  // This node has no node key in force to sign its answer with.
  'unavailable',
] as const satisfies readonly ProblemSlug[]
