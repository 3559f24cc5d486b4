import {
  type Content,
  type OpenApiDocument,
  type OperationObject,
  type ParameterObject,
  resolveReference,
  type ResponseObject,
} from '../openapi-document.ts'
import { type Language, PROBLEM_MEDIA_TYPE } from '../problem.ts'
import { PROBLEMS } from '../problem-registry.ts'
import { CALLERS, LABELS, type Labels } from './docs-labels.ts'
import { html, type Html, jsonBlock, prose } from './html.ts'
import { isProblemSlug } from './problem-page.ts'
import { memberView, schemaView } from './schema-view.ts'

export interface Operation {
  readonly path: string
  readonly method: string
  readonly declared: OperationObject
}

/** Everything that the contract says of one operation. */
export function operationView(
  { path, method, declared }: Operation,
  document: OpenApiDocument,
  language: Language,
): Html {
  const labels = LABELS[language]
  const { operationId, summary, description, parameters = [], requestBody } = declared
  const responses = Object.entries(declared.responses).map(
    ([status, response]) => [status, resolveReference(document, response)] as const,
  )
  const isRefusal = ([, { content }]: (typeof responses)[number]) =>
    content !== undefined && PROBLEM_MEDIA_TYPE in content
  return html`<article id="${operationId}">
    <h3 lang="en"><a href="#${operationId}">${summary}</a></h3>
    <p>
      <code><span class="method">${method}</span> ${path}</code>
      <span class="quiet">${operationId}</span>
    </p>
    <p>${labels.mayCall}: ${callersText(declared, language)} (${accessText(declared, labels)})</p>
    ${description !== undefined && html`<p lang="en">${prose(description)}</p>`}
    ${
      parameters.length > 0 &&
      html`<h4>${labels.parameters}</h4>
        <ul>
          ${parameters.map((one) => parameterView(one, labels))}
        </ul>`
    }
    ${
      requestBody &&
      html`<h4>${labels.body}</h4>
        <p lang="en">${requestBody.description}</p>
        ${contentView(requestBody.content, document, labels)}`
    }
    <h4>${labels.answers}</h4>
    <dl>
      ${responses
        .filter((response) => !isRefusal(response))
        .map(([status, response]) => answerView(status, response, document, labels))}
    </dl>
    <h4>${labels.refusals}</h4>
    <ul>
      ${responses
        .filter(isRefusal)
        .map(([status, response]) => refusalView(status, response, language))}
    </ul>
  </article> `
}

function callersText({ 'x-callers': callers }: OperationObject, language: Language): string {
  return callers.map((caller) => CALLERS[caller]?.[language] ?? caller).join(', ')
}

function accessText({ security }: OperationObject, labels: Labels): string {
  const ways = security.flatMap((scheme) => {
    const [name] = Object.keys(scheme)
    if (name === 'accessToken') return [labels.accessToken]
    if (name === 'httpSignature') return [labels.httpSignature]
    return [labels.none]
  })
  return ways.length === 0 ? labels.none : ways.join(` ${labels.or} `)
}

function parameterView(
  { name, in: place, required, description, schema }: ParameterObject,
  labels: Labels,
): Html {
  const need = required ? labels.required : labels.optional
  return memberView(name, schema, `${labels[place]}, ${need}`, labels, description)
}

function answerView(
  status: string,
  { description, headers = {}, content }: ResponseObject,
  document: OpenApiDocument,
  labels: Labels,
): Html {
  const named = Object.entries(headers).map(([name, header]) => {
    const { description: text } = resolveReference(document, header)
    return html`<li><code>${name}</code> – <span lang="en">${text}</span></li>`
  })
  return html`<dt>${status} <span lang="en">${description}</span></dt>
    <dd>
      ${content && contentView(content, document, labels)}${
        named.length > 0 &&
        html`<details>
          <summary>${labels.headers}</summary>
          <ul>
            ${named}
          </ul>
        </details>`
      }
    </dd>`
}

function contentView(content: Content, document: OpenApiDocument, labels: Labels): Html {
  const kinds = Object.entries(content).map(([mediaType, { schema, examples = {} }]) => {
    const shown = Object.entries(examples).map(([name, example]) => {
      const { value } = resolveReference(document, example)
      const title = name === 'example' ? labels.example : `${labels.example}: ${name}`
      return html`<details>
        <summary>${title}</summary>
        ${jsonBlock(value)}
      </details>`
    })
    return html`<p><code>${mediaType}</code></p>
      ${schemaView(schema, labels)}${shown}`
  })
  return html`${kinds}`
}

/** The problems of one status, each leading to its page. */
function refusalView(status: string, { content = {} }: ResponseObject, language: Language): Html {
  const slugs = Object.keys(content[PROBLEM_MEDIA_TYPE]?.examples ?? {}).filter(isProblemSlug)
  const links = slugs.map(
    (slug) =>
      html` <a href="problems/${slug}"><code>${slug}</code></a> ${PROBLEMS[slug].title[language]};`,
  )
  return html`<li>${status}:${links}</li>`
}
