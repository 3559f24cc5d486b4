import { PROBLEM_MEDIA_TYPE } from '../../src/http/problem.ts'
import { PROBLEMS, type ProblemSlug } from '../../src/http/problem-registry.ts'
import { problemsOf } from '../../src/http/route-problems.ts'
import type { RouteDeclaration } from '../../src/http/route.ts'
import type { Matrix, Received } from './matrix.ts'

const LEAKS = /node_modules|\.ts:\d|SQLITE|sqlite|Zod|at async|PRIVATE KEY/

/** The slug of a problem; empty for any other answer. */
export function slugOf({ headers, text }: Received): string {
  if (headers['content-type'] !== PROBLEM_MEDIA_TYPE) return ''
  const { type } = JSON.parse(text) as { type: string }
  return type.slice(type.lastIndexOf('/') + 1)
}

/** `422 invalid-body`, or `200`; of an answer by lines that refuses all of them what the first says. */
export function wordOf(answer: Received): string {
  const [first] = refusedLines(answer)
  if (first) return `${first.status} ${first.problem.type.split('/').at(-1)}`
  return `${answer.status} ${slugOf(answer)}`.trimEnd()
}

interface RefusedLine {
  readonly status: number
  readonly problem: { readonly type: string }
}

/** The lines of an answer by lines, if it refuses all. */
function refusedLines({ headers, text }: Received): RefusedLine[] {
  if (headers['content-type'] !== 'application/x-ndjson') return []
  const lines = text.split('\n').filter((line) => line !== '')
  const outcomes = lines.map((line) => JSON.parse(line) as Partial<RefusedLine>)
  return outcomes.filter((line): line is RefusedLine => line.problem !== undefined).length ===
    outcomes.length
    ? (outcomes as RefusedLine[])
    : []
}

/**
 * What is wrong with an answer, whatever was asked: a failure, a refusal that is no declared problem, a
 * change of state by what was refused, a word about the inside.
 */
export function wrongWith(
  matrix: Matrix,
  route: RouteDeclaration | undefined,
  answer: Received,
  method: string = route?.method ?? 'get',
): string[] {
  const { status, headers, text } = answer
  const wrong: string[] = []
  const reads = /^(get|head|options)$/i.test(method)
  const lines = refusedLines(answer)
  const isRefused = status >= 300 || lines.length > 0
  wrong.push(...harmIn(matrix, isRefused ? 'refused' : reads ? 'read' : 'written'))
  if (lines.some((line) => line.status >= 500)) wrong.push('a line failed')
  if (status < 400 && LEAKS.test(text) && lines.length > 0) wrong.push('a line tells of the inside')
  for (const secret of matrix.secrets)
    if (text.includes(secret)) wrong.push('a secret is in the answer')
  if (status >= 400) wrong.push(...wrongWithProblem(matrix, route, answer, method))
  else if (route && method.toLowerCase() === route.method && !(status in route.answers))
    wrong.push(`answers an undeclared ${status}`)
  if (headers['request-id'] === undefined) wrong.push('the answer has no Request-Id')
  return wrong.map((what) => `${what} (${status}): ${text.slice(0, 300)}`)
}

/** Changes of state that this kind of call may not make, and faults, since the last look. */
export function harmIn(matrix: Matrix, kind: 'refused' | 'read' | 'written'): string[] {
  return [
    ...matrix.state.changed(kind).map((table) => `${table} changed`),
    ...faultsIn(matrix).map((line) => `a fault was logged: ${line.slice(0, 400)}`),
  ]
}

const FRAMEWORK = ['not-found', 'method-not-allowed']

function wrongWithProblem(
  { node }: Matrix,
  route: RouteDeclaration | undefined,
  { status, headers, text }: Received,
  method: string,
): string[] {
  const wrong: string[] = []
  if (LEAKS.test(text)) wrong.push('it tells of the inside')
  if (headers['cache-control'] !== 'no-store') wrong.push('a refusal may be kept in caches')
  if (method.toLowerCase() === 'head') return wrong
  if (headers['content-type'] !== PROBLEM_MEDIA_TYPE) return [...wrong, 'a refusal is no problem']
  const problem = JSON.parse(text) as Record<string, unknown>
  const slug = String(problem['type']).replace(`${node.url}/problems/`, '')
  const kind = PROBLEMS[slug as ProblemSlug] as (typeof PROBLEMS)[ProblemSlug] | undefined
  if (!kind) return [...wrong, 'the problem is unknown']
  if (kind.status !== status || problem['status'] !== status) wrong.push('it says two statuses')
  if (problem['title'] !== kind.title.en) wrong.push('the title is another')
  if (problem['instance'] !== `urn:uuid:${String(headers['request-id'])}`) wrong.push('no instance')
  const declared: readonly string[] = route ? problemsOf(route) : []
  if (route && !declared.includes(slug) && !FRAMEWORK.includes(slug))
    wrong.push(`the route does not declare ${slug}`)
  if (slug === 'internal') wrong.push('it failed')
  if (status === 401 && headers['www-authenticate'] === undefined) wrong.push('no challenge')
  return wrong
}

/** Lines that the node logged about failed requests, each told once. */
function faultsIn({ node }: Matrix): string[] {
  const told = faults.get(node) ?? 0
  const lines = node.log.slice(told)
  faults.set(node, node.log.length)
  return lines.filter((line) => line.includes('"request failed"'))
}
const faults = new WeakMap<object, number>()
