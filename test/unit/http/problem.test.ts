import { describe, expect, it } from 'vitest'
import { languageOf, ProblemError, problemResponse } from '../../../src/http/problem.ts'
import {
  isProblemSlug,
  problemIndexPage,
  problemPage,
} from '../../../src/http/pages/problem-page.ts'
import { PROBLEM_EXTENSIONS } from '../../../src/http/problem-extensions.ts'
import { PROBLEM_SLUGS, PROBLEMS } from '../../../src/http/problem-registry.ts'
import { problemsOf } from '../../../src/http/route-problems.ts'
import { CONTRACT, ROUTES } from '../../support/contract.ts'

const context = {
  publicUrl: 'https://node.gov.by/',
  language: 'en',
  requestId: '5f0c1c9e-4a43-4e0b-9d0e-3f5f4f0f9a11',
} as const

describe('the problem registry', () => {
  it.each(PROBLEM_SLUGS)('%s has a status, both languages, and a page', (slug) => {
    const { status, title, explanation } = PROBLEMS[slug]
    expect(status).toBeGreaterThanOrEqual(400)
    expect(slug).toMatch(/^[a-z]+(-[a-z]+)*$/)
    for (const text of [title.ru, explanation.ru]) expect(text).toMatch(/[а-я]/)
    for (const text of [title.en, explanation.en]) expect(text).not.toMatch(/[а-я]/i)
    for (const text of [explanation.en, explanation.ru]) expect(text).toMatch(/\.$/)
    const page = problemPage(slug, CONTRACT)
    for (const text of [title.en, title.ru, explanation.ru])
      expect(page).toContain(text.replaceAll('"', '&quot;').replaceAll("'", '&#39;'))
    expect(problemIndexPage()).toContain(`href="problems/${slug}"`)
  })

  it('has pages that run nothing and load nothing', () => {
    const pages = PROBLEM_SLUGS.map((slug) => problemPage(slug, CONTRACT))
    for (const page of [problemIndexPage(), ...pages])
      expect(page).not.toMatch(/<script|<link|<img|(?:href|src)="https?:|url\(/)
  })

  it('is what the contract tells, no more and no less', () => {
    // Answered outside every route, and where a route offers several media types, as none does yet.
    const unrouted = ['not-found', 'method-not-allowed', 'not-acceptable']
    const answered = new Set<string>([...ROUTES.flatMap(problemsOf), ...unrouted])
    expect(PROBLEM_SLUGS.filter((slug) => !answered.has(slug))).toEqual([])
    const told = Object.keys(CONTRACT.components.examples)
    expect([...new Set([...told, ...unrouted])].toSorted()).toEqual([...PROBLEM_SLUGS].toSorted())
  })

  it('shows on the page of a problem what it has beside others, and where it is met', () => {
    const page = problemPage('rule-violation', CONTRACT)
    for (const text of [
      '../docs#schema-RuleViolationProblem',
      'ORI-NET-GT-GROSS',
      'docs#issueCertificate',
    ])
      expect(page).toContain(text)
    expect(problemPage('internal', CONTRACT)).toContain('docs#getHealth')
  })

  it('names no extension member that every problem has already', () => {
    for (const [slug, { members, example }] of Object.entries(PROBLEM_EXTENSIONS)) {
      expect(members.safeParse(example).success, slug).toBe(true)
      for (const name of Object.keys(members.shape))
        expect(['type', 'title', 'status', 'detail', 'instance'], slug).not.toContain(name)
    }
  })

  it('knows its own slugs only', () => {
    expect(isProblemSlug('internal')).toBe(true)
    expect(isProblemSlug('toString')).toBe(false)
  })
})

describe('a problem response', () => {
  it('has exactly the members of RFC 9457', async () => {
    const response = problemResponse(context, 'not-found')
    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toEqual({
      type: 'https://node.gov.by/problems/not-found',
      title: 'Nothing is here',
      status: 404,
      instance: 'urn:uuid:5f0c1c9e-4a43-4e0b-9d0e-3f5f4f0f9a11',
    })
  })

  it('carries detail and extensions, which cannot overwrite its members', async () => {
    const extensions = { findings: ['R1'], status: 200, type: 'x' }
    const response = problemResponse({ ...context, language: 'ru' }, 'rule-violation', {
      detail: 'R1',
      extensions,
    })
    expect(response.headers.get('content-language')).toBe('ru')
    expect(await response.json()).toMatchObject({
      type: 'https://node.gov.by/problems/rule-violation',
      title: 'Сертификат нарушает правило',
      status: 422,
      detail: 'R1',
      findings: ['R1'],
    })
  })

  it.each([
    ['invalid-token', 'Bearer error="invalid_token"'],
    ['unauthenticated', 'Bearer'],
    ['unknown-peer', 'Signature label="exc"'],
    ['forbidden', null],
  ] as const)('%s challenges with %s', (slug, challenge) => {
    expect(problemResponse(context, slug).headers.get('www-authenticate')).toBe(challenge)
  })

  it('keeps the cause of its error', () => {
    const cause = new Error('why')
    expect(new ProblemError('unavailable', { cause }).cause).toBe(cause)
    expect(new ProblemError('unavailable', { detail: 'x' }).message).toBe('x')
  })
})

it.each([
  [undefined, 'en'],
  ['', 'en'],
  ['ru', 'ru'],
  ['ru-BY, en;q=0.8', 'ru'],
  ['en, ru;q=0.9', 'en'],
  ['en;q=0.2, ru;q=0.9', 'ru'],
  ['uz, ru;q=0.5', 'ru'],
  ['ru;q=0', 'en'],
  ['ru;q=x', 'en'],
  ['*', 'en'],
])('Accept-Language %j gives %s', (header, language) => {
  expect(languageOf(header)).toBe(language)
})
