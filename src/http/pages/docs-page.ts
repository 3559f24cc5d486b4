import {
  type OpenApiDocument,
  type OperationObject,
  resolveReference,
  type TagObject,
} from '../openapi-document.ts'
import type { Language } from '../problem.ts'
import { LABELS, type Labels } from './docs-labels.ts'
import { html, type Html, page, prose } from './html.ts'
import { type Operation, operationView } from './operation-view.ts'
import { schemaAnchor, schemaView } from './schema-view.ts'

/**
 * The documentation of a node, written from its own contract: every operation, whole and on one page, for
 * reading, searching and printing. It runs nothing and loads nothing.
 */
export function docsPage(document: OpenApiDocument, language: Language): string {
  const labels = LABELS[language]
  const { info } = document
  const groups = groupsOf(document)
  const other = language === 'en' ? 'ru' : 'en'
  const header = html`<header>
    <a class="skip" href="#operations">${labels.skip}</a>
    <h1 lang="en">${info.title}</h1>
    <p lang="en">${prose(info.description)}</p>
    <p>
      ${labels.version} ${info.version} · <a href="openapi.json">${labels.machine}</a> ·
      <a href="rules">${labels.rules}</a> · <a href="problems">${labels.problems}</a>
      <span class="lang"
        >·
        <a href="docs?lang=${other}" hreflang="${other}" lang="${other}"
          >${other === 'ru' ? 'Русский' : 'English'}</a
        ></span
      >
    </p>
  </header>`
  const main = html`<main id="operations">
    ${groups.map((group) => groupView(group, document, language))}${schemasView(document, labels)}
  </main>`
  const body = html`${header}${contents(groups, document, language)}${main}`
  return page(info.title, language, body, 'wide')
}

interface Group {
  readonly tag: TagObject
  readonly operations: readonly Operation[]
}

/** Every operation below its first tag, in the order of the tags; the unknown ones last. */
function groupsOf(document: OpenApiDocument): Group[] {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, declared]) => ({ path, method, declared })),
  )
  const named = document.tags.map(({ name }) => name)
  const others = operations
    .map(({ declared }) => tagOf(declared))
    .filter((name) => !named.includes(name))
  const tags = [
    ...document.tags,
    ...[...new Set(others)].map((name) => ({ name, description: '' })),
  ]
  return tags
    .map((tag) => ({
      tag,
      operations: operations.filter(({ declared }) => tagOf(declared) === tag.name),
    }))
    .filter((group) => group.operations.length > 0)
}

function tagOf({ tags: [first = ''] }: OperationObject): string {
  return first
}

function tagText({ name, description, 'x-ru': ru }: TagObject, language: Language) {
  return language === 'ru' && ru ? { ...ru, lang: 'ru' } : { name, description, lang: 'en' }
}

function tagAnchor({ name }: TagObject): string {
  return `tag-${name.toLowerCase().replace(/\W+/g, '-')}`
}

function contents(groups: readonly Group[], document: OpenApiDocument, language: Language): Html {
  const labels = LABELS[language]
  const lists = groups.map(({ tag, operations }) => {
    const { name, lang } = tagText(tag, language)
    const links = operations.map(
      ({ declared: { operationId, summary } }) =>
        html`<li><a href="#${operationId}" lang="en">${summary}</a></li>`,
    )
    return html`<li>
      <a href="#${tagAnchor(tag)}" lang="${lang}">${name}</a>
      <ul>
        ${links}
      </ul>
    </li>`
  })
  const schemas = Object.keys(document.components.schemas).map(
    (name) => html`<li><a href="#${schemaAnchor(name)}">${name}</a></li>`,
  )
  return html`<nav class="toc" aria-label="${labels.contents}">
    <details>
      <summary>${labels.contents}</summary>
      <ul>
        ${lists}
        <li>
          <a href="#schemas">${labels.schemas}</a>
          <ul>
            ${schemas}
          </ul>
        </li>
      </ul>
    </details>
  </nav>`
}

function groupView(
  { tag, operations }: Group,
  document: OpenApiDocument,
  language: Language,
): Html {
  const { name, description, lang } = tagText(tag, language)
  return html`<section aria-labelledby="${tagAnchor(tag)}">
    <h2 id="${tagAnchor(tag)}" lang="${lang}">${name}</h2>
    <p lang="${lang}">${description}</p>
    ${operations.map((operation) => operationView(operation, document, language))}
  </section>`
}

function schemasView(document: OpenApiDocument, labels: Labels): Html {
  const views = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      html`<article id="${schemaAnchor(name)}">
        <h3>${name}</h3>
        ${
          schema.description !== undefined && html`<p lang="en">${prose(schema.description)}</p>`
        }${schemaView(resolveReference(document, schema), labels)}
      </article> `,
  )
  return html`<section aria-labelledby="schemas">
    <h2 id="schemas">${labels.schemas}</h2>
    ${views}
  </section>`
}
