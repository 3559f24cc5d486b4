import type { JsonSchema } from '../openapi-schemas.ts'
import type { Labels } from './docs-labels.ts'
import { html, type Html, prose } from './html.ts'

/** A schema for readers: what it is, what bounds it, and its members, each with the same. */
export function schemaView(schema: JsonSchema, labels: Labels): Html {
  return html`<p>${typeLine(schema, labels)}</p>
    ${inside(schema, labels)}`
}

/** Id of a component on the page. */
export function schemaAnchor(name: string): string {
  return `schema-${name}`
}

/** One named part on a line of a list: its type, what else is to know of it, what it is for. */
export function memberView(
  name: string,
  schema: JsonSchema,
  note: string,
  labels: Labels,
  description = schema.description,
): Html {
  return html`<li>
    <code>${name}</code> ${typeLine(schema, labels)}
    <span class="quiet">(${note})</span>${described(description)}${inside(schema, labels)}
  </li>`
}

function described(description: string | undefined): Html | undefined {
  return description === undefined
    ? undefined
    : html` – <span lang="en">${prose(description)}</span>`
}

/** Type and bounds on one line. */
function typeLine(schema: JsonSchema, labels: Labels): Html {
  if (schema.$ref !== undefined) return reference(schema.$ref)
  if ('const' in schema) return html`<code>${JSON.stringify(schema.const)}</code>`
  if (schema.enum) {
    const values = schema.enum.map(
      (value, i) => html`${i > 0 && ' | '}<code>${JSON.stringify(value)}</code>`,
    )
    return html`${values}`
  }
  if (schema.anyOf ?? schema.oneOf) return html`${labels.oneOf}`
  if (isWhole(schema)) return html`${labels.allOf}`
  if (schema.type === 'array') {
    const items = schema.items || undefined
    const bounds = boundsOf(schema, labels)
    return html`${labels.listOf} ${items ? typeLine(items, labels) : labels.anything}${bounds}`
  }
  const type = schema.type === undefined ? labels.anything : [schema.type].flat().join(' | ')
  return html`${type}${boundsOf(schema, labels)}`
}

/** What a schema consists of. */
function inside(schema: JsonSchema, labels: Labels): Html {
  const alternatives = schema.anyOf ?? schema.oneOf ?? (isWhole(schema) ? schema.allOf : undefined)
  if (alternatives) {
    const parts = alternatives.map(
      (one) =>
        html`<li>${typeLine(one, labels)}${described(one.description)}${inside(one, labels)}</li>`,
    )
    return html`<ul class="schema">
      ${parts}
    </ul>`
  }
  const { properties = {}, required = [], additionalProperties: more, items } = schema
  const members = Object.entries(properties).map(([name, part]) =>
    memberView(name, part, required.includes(name) ? labels.required : labels.optional, labels),
  )
  if (typeof more === 'object') members.push(memberView('…', more, labels.optional, labels))
  else if (more === true && members.length > 0)
    members.push(html`<li class="quiet">${labels.moreMembers}</li>`)
  const line = schema['x-itemSchema']
  return html`${
    members.length > 0 &&
    html`<ul class="schema">
      ${members}
    </ul>`
  }${items && inside(items, labels)}${
    line &&
    html`<ul class="schema">
      <li>${labels.line}: ${typeLine(line, labels)}${inside(line, labels)}</li>
    </ul>`
  }`
}

/** Whether its parts make it; beside a type they only bound it, as two patterns do. */
function isWhole({ allOf, type }: JsonSchema): boolean {
  return allOf !== undefined && type === undefined
}

function reference(ref: string): Html {
  const name = ref.split('/').at(-1)!
  return html`<a href="#${schemaAnchor(name)}">${name}</a>`
}

function boundsOf(schema: JsonSchema, labels: Labels): Html {
  const { format, contentMediaType, pattern, multipleOf, default: preset } = schema
  const bounds = [
    format,
    contentMediaType,
    rangeOf(schema.minLength, schema.maxLength, labels.characters),
    rangeOf(schema.minItems, schema.maxItems, labels.items),
    rangeOf(schema.minimum, meaningful(schema.maximum)),
    schema.exclusiveMinimum !== undefined && `> ${schema.exclusiveMinimum}`,
    schema.exclusiveMaximum !== undefined && `< ${schema.exclusiveMaximum}`,
    multipleOf !== undefined && `× ${multipleOf}`,
    preset !== undefined && `${labels.preset} ${JSON.stringify(preset)}`,
  ].filter((bound) => typeof bound === 'string')
  const shown = bounds.map((bound) => `, ${bound}`).join('')
  return html`<span class="quiet">${shown}</span>${
      pattern !== undefined && html` <code>${pattern}</code>`
    }`
}

/** The greatest exact integer bounds every integer and says nothing. */
function meaningful(maximum: number | undefined): number | undefined {
  return maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum
}

function rangeOf(
  least: number | undefined,
  most: number | undefined,
  unit = '',
): string | undefined {
  if (least === Number.MIN_SAFE_INTEGER) return rangeOf(undefined, most, unit)
  if (least === undefined && most === undefined) return undefined
  const range =
    least === most ? `${least}` : [least ?? '', most ?? ''].join('…').replace(/^…/, '≤ ')
  return `${range.replace(/^(.+)…$/, '≥ $1')}${unit && ` ${unit}`}`
}
