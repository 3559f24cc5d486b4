import {
  type Bilingual,
  PROBLEM_SLUGS,
  PROBLEMS,
  type ProblemKind,
  type ProblemSlug,
} from './problem-registry.ts'

/** For the pages below: nothing is loaded, nothing runs, only their own style applies. */
export const PROBLEM_PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}' +
  'h1{font-size:1.5rem}h2{font-size:1.1rem}a{color:#0b4f9e}li{margin:.4rem 0}code{background:#f0f0f0;padding:0 .3em}'

/** The page that the `type` of a problem leads to (RFC 9457 §3.1.1), in both languages. */
export function problemPage(slug: ProblemSlug): string {
  const kind: ProblemKind = PROBLEMS[slug]
  const section = (language: keyof Bilingual) =>
    `<section lang="${language}"><h2>${escape(kind.title[language])}</h2>` +
    `<p>${escape(kind.explanation[language])}</p></section>`
  return page(
    `${kind.title.en} · ${kind.title.ru}`,
    `<h1><code>${slug}</code></h1><p>HTTP ${kind.status}</p>${section('en')}${section('ru')}` +
      '<p><a href="../problems">All problems · <span lang="ru">Все ошибки</span></a></p>',
  )
}

/** The list of all problems. */
export function problemIndexPage(): string {
  const items = PROBLEM_SLUGS.map((slug) => {
    const { status, title }: ProblemKind = PROBLEMS[slug]
    return (
      `<li><a href="problems/${slug}"><code>${slug}</code></a> ${status} – ` +
      `${escape(title.en)} · <span lang="ru">${escape(title.ru)}</span></li>`
    )
  })
  const title = 'Problems · Ошибки'
  return page(title, `<h1>${title}</h1><ul>${items.join('')}</ul>`)
}

export function isProblemSlug(text: string): text is ProblemSlug {
  return Object.hasOwn(PROBLEMS, text)
}

function page(title: string, body: string): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width,initial-scale=1">' +
    `<title>${escape(title)}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`
  )
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
