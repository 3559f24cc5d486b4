import { serve } from '@hono/node-server'
import type { AddressInfo } from 'node:net'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RULE_CATALOGUE } from '../../src/certificate/rule-catalogue.ts'
import { contractApp } from '../support/contract.ts'
import { lacks } from '../support/counterparts.ts'

const PHONE = { viewport: { width: 360, height: 740 } }
const DESK = { viewport: { width: 1400, height: 900 } }

/** Debian's: `apt-get install chromium`. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const without = lacks(CHROMIUM)

let browser: Browser
let server: ReturnType<typeof serve>
let origin: string

beforeAll(async () => {
  const { hono } = contractApp()
  await new Promise<void>((resolve) => {
    server = serve({ fetch: hono.fetch, hostname: '127.0.0.1', port: 0 }, () => resolve())
  })
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  if (without) return
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking'],
  })
})
afterAll(async () => {
  await browser?.close()
  await new Promise((resolve) => server.close(resolve))
})

interface Seen {
  readonly page: Page
  /** Addresses that the browser asked for. */
  readonly asked: string[]
  /** Errors and refusals of the page's own policy. */
  readonly complaints: string[]
}

async function open(path: string, options: BrowserContextOptions): Promise<Seen> {
  const context = await browser.newContext({ locale: 'en-GB', ...options })
  const page = await context.newPage()
  const asked: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  const response = await page.goto(origin + path)
  expect(response?.status()).toBe(200)
  return { page, asked, complaints }
}

async function leave({ page }: Seen): Promise<void> {
  await page.context().close()
}

/** How much wider than the screen the page is. */
const overflow = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

describe.skipIf(without)('the documentation in a browser', () => {
  it.each([
    '/docs',
    '/docs?lang=ru',
    '/problems',
    '/problems/rule-violation',
    '/rules',
    `/rules/${RULE_CATALOGUE[0]!.id}`,
    '/reasons',
    '/reasons/revoked',
  ])('%s loads nothing but itself, fits a phone, and has nothing to complain of', async (path) => {
    for (const options of [PHONE, DESK]) {
      const seen = await open(path, options)
      expect(await overflow(seen.page)).toBe(0)
      const style = await seen.page.evaluate('getComputedStyle(document.body).fontFamily')
      expect(style).toContain('system-ui')
      expect(seen.asked.filter((url) => !url.endsWith('/favicon.ico'))).toEqual([origin + path])
      expect(seen.complaints).toEqual([])
      await leave(seen)
    }
  })

  it('leads from the contents to an operation, its schema and its problem, without script', async () => {
    const seen = await open('/docs', { ...DESK, javaScriptEnabled: false })
    const { page } = seen
    await page
      .locator('nav')
      .getByRole('link', { name: 'Issue a certificate', exact: true })
      .click()
    await page.waitForURL('**/docs#issueCertificate')
    const article = page.locator('article#issueCertificate')
    await article.locator('h3').waitFor()
    expect((await article.boundingBox())!.y).toBeLessThan(DESK.viewport.height)
    await article.getByRole('link', { name: 'IssueRequest' }).first().click()
    await page.waitForURL('**/docs#schema-IssueRequest')
    expect((await page.locator('#schema-IssueRequest').boundingBox())!.y).toBeLessThan(100)
    const example = article.locator('details', { hasText: 'CT-1 for tractors' })
    await example.locator('summary').click()
    expect(await example.locator('pre').isVisible()).toBe(true)
    await article.getByRole('link', { name: 'rule-violation' }).click()
    await page.waitForURL('**/problems/rule-violation')
    expect(await page.locator('h1').textContent()).toBe('rule-violation')
    await leave(seen)
  })

  it('is read with the keyboard alone', async () => {
    const seen = await open('/docs', DESK)
    const { page } = seen
    await page.keyboard.press('Tab')
    const first = page.locator(':focus')
    expect(await first.textContent()).toBe('Skip to the operations')
    expect((await first.boundingBox())!.x).toBeGreaterThanOrEqual(0)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/docs#operations')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.closest("main") !== null')).toBe(true)
    await leave(seen)
  })

  it('prints everything, examples too, without the contents', async () => {
    const seen = await open('/docs', DESK)
    const { page } = seen
    const pre = page.locator('article#getHealth details pre').first()
    expect(await pre.isVisible()).toBe(false)
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('nav').isVisible()).toBe(false)
    expect(await pre.isVisible()).toBe(true)
    await leave(seen)
  })
})
