import { sha256Sync } from '../../crypto/suite.ts'
import { encodeBase64 } from '../../encoding/base64url.ts'
import { STYLE } from './style.ts'

/** Text that is HTML already; only `html` makes it. */
export interface Html {
  readonly html: string
}

type Value = Html | string | number | false | undefined | readonly Value[]

/** A template of HTML: every value that is not HTML itself is escaped, lists are joined. */
export function html(texts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { html: texts.reduce((done, text, i) => done + textOf(values[i - 1]) + text) }
}

/** For every page of this folder: nothing is loaded, nothing runs, only their own style applies. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${encodeBase64(
  sha256Sync(new TextEncoder().encode(STYLE)),
)}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** Not in the template below, where the formatter would change what the policy admits. */
const STYLE_ELEMENT: Html = { html: `<style>${STYLE}</style>` }

/** A whole page; `lang` is the language of what is not marked otherwise. */
export function page(title: string, lang: string, body: Html, kind?: 'wide'): string {
  const head = html`<head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width,initial-scale=1" />
    <title>${title}</title>
    ${STYLE_ELEMENT}
  </head>`
  return html`<!doctype html>
    <html lang="${lang}">
      ${head}
      <body class="${kind ?? ''}">
        ${body}
      </body>
    </html> `.html
}

/** Text of the contract, in which backquotes mark code. */
export function prose(text: string): Html {
  const parts = text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))
  return html`${parts}`
}

/** A value as indented JSON. */
export function jsonBlock(value: unknown): Html {
  const text = typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)
  return html`<pre tabindex="0"><code>${text}</code></pre>`
}

function textOf(value: Value): string {
  if (value === undefined || value === false) return ''
  if (typeof value === 'string' || typeof value === 'number') return escape(String(value))
  return 'html' in value ? value.html : value.map(textOf).join('')
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
