import { z } from 'zod'
import { findReason } from '../../exchange/validation/reason-catalogue.ts'
import type { Caller } from '../caller.ts'
import { mount } from '../mount.ts'
import type { OpenApiDocument } from '../openapi-document.ts'
import { type Language, languageOf, ProblemError } from '../problem.ts'
import { declareRoute } from '../route.ts'
import type { RoutedApp } from '../routed-app.ts'
import { docsPage } from './docs-page.ts'
import { PAGE_POLICY } from './html.ts'
import { isProblemSlug, problemIndexPage, problemPage } from './problem-page.ts'
import { reasonIndexPage, reasonPage } from './reason-page.ts'
import { findRule, ruleIndexPage, rulePage } from './rule-page.ts'

const HTML = 'text/html; charset=utf-8'

const page = {
  method: 'get',
  tags: ['Documentation'],
  callers: ['public'],
  cacheControl: 'no-cache',
  answers: {
    200: {
      description: 'A page that loads nothing and runs nothing',
      mediaTypes: [HTML],
      headers: {
        'Content-Security-Policy': 'Admits the style of the page and nothing else',
        'Content-Language': 'Languages of the page',
        Vary: 'Where the language was chosen by Accept-Language',
      },
    },
  },
} as const

const openApiRoute = declareRoute({
  operationId: 'getOpenApi',
  method: 'get',
  path: '/openapi.json',
  summary: 'This contract',
  tags: ['Documentation'],
  callers: ['public'],
  answers: { 200: { description: 'OpenAPI 3.1', mediaTypes: ['application/json'] } },
  problems: [],
  cacheControl: 'no-cache',
})

const docsRoute = declareRoute({
  ...page,
  operationId: 'readDocs',
  path: '/docs',
  summary: 'The contract as a page',
  query: z.strictObject({
    lang: z.enum(['en', 'ru']).optional().meta({ description: 'Else as Accept-Language prefers' }),
  }),
  problems: [],
})

const problemsRoute = declareRoute({
  ...page,
  operationId: 'readProblems',
  path: '/problems',
  summary: 'Every problem that a call may be answered with',
  problems: [],
})

const problemRoute = declareRoute({
  ...page,
  operationId: 'readProblem',
  path: '/problems/{slug}',
  summary: 'What a problem means and what to do, in English and Russian',
  params: z.strictObject({ slug: z.string().max(100) }),
  problems: ['not-found'],
})

const rulesRoute = declareRoute({
  ...page,
  operationId: 'readRules',
  path: '/rules',
  summary: 'Every rule that certificates are judged by',
  problems: [],
})

const ruleRoute = declareRoute({
  ...page,
  operationId: 'readRule',
  path: '/rules/{rule}',
  summary: 'What a rule asks and what to do, in English and Russian',
  params: z.strictObject({ rule: z.string().max(100) }),
  problems: ['not-found'],
})

const reasonsRoute = declareRoute({
  ...page,
  operationId: 'readReasons',
  path: '/reasons',
  summary: 'Every reason code that a validation report may give',
  problems: [],
})

const reasonRoute = declareRoute({
  ...page,
  operationId: 'readReason',
  path: '/reasons/{code}',
  summary: 'What a reason code means for the goods and what to do, in English and Russian',
  params: z.strictObject({ code: z.string().max(100) }),
  problems: ['not-found'],
})

/** The contract and everything a person reads about it: operations, problems, rules, reasons. */
export function mountPages(app: RoutedApp<Caller>, describe: () => OpenApiDocument): void {
  // Made when first asked for: on Workers a node may start for one request.
  let made: OpenApiDocument | undefined
  const document = () => (made ??= describe())
  let json: string | undefined
  const docs: Partial<Record<Language, string>> = {}

  mount(app, openApiRoute, () => ({
    status: 200,
    body: (json ??= JSON.stringify(document())),
    mediaType: 'application/json',
  }))
  mount(app, docsRoute, ({ query, received }) => {
    const language = query.lang ?? languageOf(received.headers.get('accept-language') ?? undefined)
    return shown((docs[language] ??= docsPage(document(), language)), language)
  })
  mount(app, problemsRoute, () => shown(problemIndexPage()))
  mount(app, problemRoute, ({ params: { slug } }) => {
    if (!isProblemSlug(slug)) throw new ProblemError('not-found')
    return shown(problemPage(slug, document()))
  })
  mount(app, rulesRoute, () => shown(ruleIndexPage()))
  mount(app, ruleRoute, ({ params }) => {
    const rule = findRule(params.rule)
    if (!rule) throw new ProblemError('not-found')
    return shown(rulePage(rule))
  })
  mount(app, reasonsRoute, () => shown(reasonIndexPage()))
  mount(app, reasonRoute, ({ params }) => {
    const reason = findReason(params.code)
    if (!reason) throw new ProblemError('not-found')
    return shown(reasonPage(reason))
  })
}

/** Without a language the page shows both. */
function shown(body: string, language?: Language) {
  return {
    status: 200,
    body,
    mediaType: HTML,
    headers: {
      'Content-Security-Policy': PAGE_POLICY,
      'Content-Language': language ?? 'en, ru',
      ...(language && { Vary: 'Accept-Language' }),
    },
  } as const
}
