import type { Caller } from '../caller.ts'
import type { OpenApiDocument } from '../openapi-document.ts'
import { type Language, languageOf } from '../problem.ts'
import type { HttpContext, RoutedApp } from '../routed-app.ts'
import { docsPage } from './docs-page.ts'
import { PAGE_POLICY } from './html.ts'
import { isProblemSlug, problemIndexPage, problemPage } from './problem-page.ts'
import { findRule, ruleIndexPage, rulePage } from './rule-page.ts'

/** The contract and everything a person reads about it: operations, problems, rules. */
export function mountPages({ hono }: RoutedApp<Caller>, describe: () => OpenApiDocument): void {
  // Made when first asked for: on Workers a node may start for one request.
  let made: OpenApiDocument | undefined
  const document = () => (made ??= describe())
  let json: string | undefined
  hono.get('/openapi.json', (c) =>
    c.body((json ??= JSON.stringify(document())), 200, { 'Content-Type': 'application/json' }),
  )

  const docs: Partial<Record<Language, string>> = {}
  hono.get('/docs', (c) => {
    const language = languageAsked(c)
    return answer((docs[language] ??= docsPage(document(), language)), language)
  })
  hono.get('/problems', () => answer(problemIndexPage()))
  hono.get('/problems/:slug', (c) => {
    const slug = c.req.param('slug')
    return isProblemSlug(slug) ? answer(problemPage(slug, document())) : c.notFound()
  })
  hono.get('/rules', () => answer(ruleIndexPage()))
  hono.get('/rules/:id', (c) => {
    const rule = findRule(c.req.param('id'))
    return rule ? answer(rulePage(rule)) : c.notFound()
  })
}

/** As `?lang=` says, else as Accept-Language prefers. */
function languageAsked(c: HttpContext): Language {
  const asked = c.req.query('lang')
  return asked === 'en' || asked === 'ru' ? asked : languageOf(c.req.header('accept-language'))
}

/** Without a language the page shows both. */
function answer(text: string, language?: Language): Response {
  return new Response(text, {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': PAGE_POLICY,
      'Content-Language': language ?? 'en, ru',
      ...(language && { Vary: 'Accept-Language' }),
      'Cache-Control': 'no-cache',
    },
  })
}
