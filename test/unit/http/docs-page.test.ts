import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { RULE_CATALOGUE } from '../../../src/certificate/rule-catalogue.ts'
import { docsPage } from '../../../src/http/pages/docs-page.ts'
import { html } from '../../../src/http/pages/html.ts'
import { PROBLEM_SLUGS } from '../../../src/http/problem-registry.ts'
import { askForPage, CONTRACT, OPERATIONS, contractApp } from '../../support/contract.ts'

const english = docsPage(CONTRACT, 'en')
const russian = docsPage(CONTRACT, 'ru')
const ids = (page: string) => [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!)

describe('/docs', () => {
  it('shows every operation and every schema under its own name, once', () => {
    const anchors = ids(english)
    expect(OPERATIONS.length).toBeGreaterThan(25)
    expect(new Set(anchors).size).toBe(anchors.length)
    for (const { operationId } of OPERATIONS) expect(anchors).toContain(operationId)
    for (const name of Object.keys(CONTRACT.components.schemas))
      expect(anchors).toContain(`schema-${name}`)
    expect(ids(russian)).toEqual(anchors)
  })

  it('leads nowhere that is not there', () => {
    const anchors = new Set(ids(english))
    const links = [...english.matchAll(/href="([^"]+)"/g)].map(([, link]) => link!)
    expect(links.length).toBeGreaterThan(200)
    for (const link of links) {
      if (link.startsWith('#')) expect(anchors.has(link.slice(1)), link).toBe(true)
      else if (link.startsWith('problems/'))
        expect(PROBLEM_SLUGS as string[]).toContain(link.slice('problems/'.length))
      else expect(['openapi.json', 'rules', 'problems', 'docs?lang=ru']).toContain(link)
    }
  })

  it('says who may call, what is sent and what comes back', () => {
    const start = english.indexOf('<article id="issueCertificate">')
    const article = english.slice(start, english.indexOf('</article>', start))
    for (const text of [
      '<span class="method">post</span> /v1/certificates',
      'issuing bodies (with an access token)',
      '<code>check</code>',
      'href="#schema-IssueRequest"',
      'Issued and durable; delivery has begun',
      'href="problems/rule-violation"',
      'BYUZ6001000301',
    ])
      expect(article).toContain(text)
  })

  it('runs nothing and loads nothing', () => {
    for (const page of [english, russian]) {
      expect(page).not.toMatch(/<script|<link|<img|<iframe|<form| on\w+=|javascript:|url\(|@import/)
      expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    }
  })

  it('escapes whatever the contract says', () => {
    const hostile = '<script>alert("1")</script>'
    const info = { ...CONTRACT.info, title: hostile, description: hostile }
    const tags = CONTRACT.tags.map((tag) => ({ ...tag, description: hostile }))
    const page = docsPage({ ...CONTRACT, info, tags }, 'en')
    expect(page).not.toContain('<script')
    expect(page).toContain('&lt;script&gt;alert(&quot;1&quot;)')
    expect(html`<a title="${`'"&`}">${['<', 1, false, undefined]}</a>`.html).toBe(
      '<a title="&#39;&quot;&amp;">&lt;1</a>',
    )
  })

  it('comes in the language asked for, and says so', async () => {
    const ask = async (path: string, accept = '') => {
      const response = await askForPage(path, { 'accept-language': accept })
      expect(response.status).toBe(200)
      const lang = /<html lang="(\w+)">/.exec(await response.text())?.[1]
      expect(response.headers.get('content-language')).toBe(lang)
      return lang
    }
    expect(await ask('/docs')).toBe('en')
    expect(await ask('/docs', 'ru-BY, en;q=0.5')).toBe('ru')
    expect(await ask('/docs?lang=en', 'ru')).toBe('en')
    expect(await ask('/docs?lang=ru')).toBe('ru')
    expect((await askForPage('/docs?lang=xx')).status).toBe(400)
    expect(russian).toContain('Кто может вызвать: органы, выдающие сертификаты')
    for (const { name, 'x-ru': ru } of CONTRACT.tags) {
      expect(ru?.name, name).toMatch(/^[А-Я][а-я]/)
      expect(ru?.description, name).toMatch(/[а-я]/)
    }
  })
})

describe('the pages for people', () => {
  it('have a policy that admits their own style and nothing else', async () => {
    const [rule] = RULE_CATALOGUE
    for (const path of [
      '/docs',
      '/problems',
      '/problems/internal',
      '/rules',
      `/rules/${rule!.id}`,
      '/reasons',
      '/reasons/revoked',
    ]) {
      const response = await askForPage(path)
      const text = await response.text()
      const style = /<style>(.*?)<\/style>/s.exec(text)![1]!
      const hash = createHash('sha256').update(style).digest('base64')
      const policy = response.headers.get('content-security-policy')!
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(policy).toContain(`default-src 'none'; style-src 'sha256-${hash}';`)
      expect(policy).not.toContain('unsafe')
      expect(text).not.toMatch(/ style=/)
    }
  })

  it('are routes like all others: other methods are told what is allowed', async () => {
    const { hono } = contractApp()
    for (const path of ['/docs', '/openapi.json', '/problems', '/problems/internal', '/rules']) {
      const refused = await hono.request(path, { method: 'POST' })
      expect(refused.status, path).toBe(405)
      expect(refused.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
      expect((await hono.request(`${path}?x=1`)).status, path).toBe(400)
    }
  })

  it('are refused for names that are none', async () => {
    for (const path of [
      '/problems/toString',
      '/rules/ORI-NOTHING',
      '/rules/constructor',
      '/reasons/ok',
      '/reasons/constructor',
      '/docs/x',
    ])
      expect((await askForPage(path)).status, path).toBe(404)
  })
})
