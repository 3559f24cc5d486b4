import type { ExtensionsOf } from './problem-extensions.ts'
import { PROBLEMS, type ProblemSlug } from './problem-registry.ts'

export const PROBLEM_MEDIA_TYPE = 'application/problem+json'

export type Language = 'en' | 'ru'

export interface ProblemOptions {
  /** What is particular to this occurrence; never internal text. */
  detail?: string
  /** Extension members (RFC 9457 §3.2). */
  extensions?: Readonly<Record<string, unknown>>
  headers?: Readonly<Record<string, string>>
}

/** Options of a problem of one kind: with no other members than the contract gives it. */
type OptionsOf<S extends ProblemSlug> = Omit<ProblemOptions, 'extensions'> & {
  extensions?: ExtensionsOf<S>
}

/** Refuses a request: thrown by handlers and the framework, nowhere below HTTP. */
export class ProblemError<S extends ProblemSlug = ProblemSlug> extends Error {
  override name = 'ProblemError'
  readonly slug: ProblemSlug
  readonly options: ProblemOptions & ErrorOptions

  constructor(slug: S, options: OptionsOf<S> & ErrorOptions = {}) {
    super(options.detail ?? PROBLEMS[slug].title.en, 'cause' in options ? options : undefined)
    this.slug = slug
    this.options = options
  }
}

/** What the writer needs to know about the request that is answered. */
export interface ProblemContext {
  publicUrl: string
  language: Language
  /** A UUID: it becomes the `instance` (RFC 9457 §3.1.5). */
  requestId: string
}

/** Problem details as they are sent; `type` leads to the page of `problem-page.ts`. */
export interface ProblemDetails {
  type: string
  title: string
  status: number
  detail?: string
  instance: string
  [extension: string]: unknown
}

/** The answer that refuses a request. */
export function problemResponse(
  context: ProblemContext,
  slug: ProblemSlug,
  options: ProblemOptions = {},
): Response {
  const details = problemDetails(context, slug, options)
  return new Response(JSON.stringify(details), {
    status: details.status,
    headers: {
      ...challengeOf(slug),
      ...options.headers,
      'Content-Type': PROBLEM_MEDIA_TYPE,
      'Content-Language': context.language,
    },
  })
}

/** The only writer of problem details (RFC 9457 §3). */
export function problemDetails(
  { publicUrl, language, requestId }: ProblemContext,
  slug: ProblemSlug,
  { detail, extensions }: ProblemOptions = {},
): ProblemDetails {
  const { status, title } = PROBLEMS[slug]
  const members: ProblemDetails = {
    type: problemType(publicUrl, slug),
    title: title[language],
    status,
    ...(detail !== undefined && { detail }),
    instance: `urn:uuid:${requestId}`,
  }
  // Standard members come first for readers, and last so that no extension replaces them.
  return { ...members, ...extensions, ...members }
}

export function problemType(publicUrl: string, slug: ProblemSlug): string {
  return `${publicUrl.replace(/\/+$/, '')}/problems/${slug}`
}

/** Russian if the caller prefers it to English (RFC 9110 §12.5.4), else English. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const weights = { en: 0, ru: 0 }
  for (const range of (acceptLanguage ?? '').toLowerCase().split(',').slice(0, 20)) {
    const [tag = '', quality] = range.split(';')
    const language = tag.trim().split('-')[0]
    if (language !== 'en' && language !== 'ru') continue
    const weight = quality === undefined ? 1 : Number(quality.replace(/^\s*q\s*=/, ''))
    if (weight > weights[language]) weights[language] = weight
  }
  return weights.ru > weights.en ? 'ru' : 'en'
}

/** The challenge that a 401 has to carry (RFC 9110 §15.5.2, RFC 6750 §3). */
function challengeOf(slug: ProblemSlug): Record<string, string> {
  if (PROBLEMS[slug].status !== 401) return {}
  if (slug === 'invalid-token') return { 'WWW-Authenticate': 'Bearer error="invalid_token"' }
  if (slug === 'unauthenticated' || slug === 'invalid-client')
    return { 'WWW-Authenticate': 'Bearer' }
  return { 'WWW-Authenticate': 'Signature label="exc"' }
}
