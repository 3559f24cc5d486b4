import { type OpenApiDocument, resolveReference } from '../openapi-document.ts'
import { problemSchemaName } from '../openapi-problems.ts'
import { PROBLEM_MEDIA_TYPE } from '../problem.ts'
import {
  type Bilingual,
  PROBLEM_SLUGS,
  PROBLEMS,
  type ProblemKind,
  type ProblemSlug,
} from '../problem-registry.ts'
import { html, type Html, jsonBlock, page } from './html.ts'
import { schemaAnchor } from './schema-view.ts'

/** The page that the `type` of a problem leads to (RFC 9457 §3.1.1), in both languages. */
export function problemPage(slug: ProblemSlug, document: OpenApiDocument): string {
  const kind: ProblemKind = PROBLEMS[slug]
  const section = (language: keyof Bilingual) =>
    html`<section lang="${language}">
      <h2>${kind.title[language]}</h2>
      <p>${kind.explanation[language]}</p>
    </section>`
  return page(
    `${kind.title.en} · ${kind.title.ru}`,
    'en',
    html`<main>
      <h1><code>${slug}</code></h1>
      <p>HTTP ${kind.status}</p>
      ${section('en')}${section('ru')}
      ${exampleView(slug, document)}${operationsView(slug, document)}
      <p>
        <a href="../problems">All problems · <span lang="ru">Все ошибки</span></a> ·
        <a href="../docs">API</a>
      </p>
    </main>`,
  )
}

/** The list of all problems. */
export function problemIndexPage(): string {
  const items = PROBLEM_SLUGS.map((slug) => {
    const { status, title }: ProblemKind = PROBLEMS[slug]
    return html`<li>
      <a href="problems/${slug}"><code>${slug}</code></a> ${status} – ${title.en} ·
      <span lang="ru">${title.ru}</span>
    </li>`
  })
  const body = html`<main>
    <h1>Problems · <span lang="ru">Ошибки</span></h1>
    <ul>
      ${items}
    </ul>
    <p>
      <a href="docs">API</a> · <a href="rules">Rules · <span lang="ru">Правила</span></a> ·
      <a href="reasons">Reasons · <span lang="ru">Результаты</span></a>
    </p>
  </main>`
  return page('Problems · Ошибки', 'en', body)
}

export function isProblemSlug(text: string): text is ProblemSlug {
  return Object.hasOwn(PROBLEMS, text)
}

function exampleView(slug: ProblemSlug, { components }: OpenApiDocument): Html | undefined {
  const example = components.examples[slug]
  if (!example) return undefined
  const schema = problemSchemaName(slug)
  return html`<h2>Example · <span lang="ru">Пример</span></h2>
    <p><a href="../docs#${schemaAnchor(schema)}">${schema}</a></p>
    ${jsonBlock(example.value)}`
}

/** Which operations answer with it. */
function operationsView(slug: ProblemSlug, document: OpenApiDocument): Html | undefined {
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
  const answering = operations.filter(({ responses }) =>
    Object.values(responses).some((response) => {
      const { content = {} } = resolveReference(document, response)
      return slug in (content[PROBLEM_MEDIA_TYPE]?.examples ?? {})
    }),
  )
  if (answering.length === 0) return undefined
  const links = answering.map(
    ({ operationId, summary }) =>
      html`<li><a href="../docs#${operationId}">${operationId}</a> – ${summary}</li>`,
  )
  return html`<h2>Where · <span lang="ru">Где встречается</span></h2>
    <ul>
      ${links}
    </ul>`
}
