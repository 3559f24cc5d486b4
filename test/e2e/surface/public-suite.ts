import { describe, expect, it } from 'vitest'
import { parseJws } from '../../../src/jose/parse.ts'
import type { Surface } from '../../support/surface.ts'
import { slugOf } from './surface-steps.ts'

async function fetched(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init)
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  const body: unknown = isJson ? JSON.parse(text) : text
  return { status: response.status, headers: response.headers, text, body }
}

/** What anybody may ask, and how what is wrong is answered. */
export function publicSuite(running: () => Surface): void {
  describe('for anybody', () => {
    const get = (path: string, init?: RequestInit) => fetched(`${running().BY.url}${path}`, init)
    const post = (path: string, body: string, headers: Record<string, string>) =>
      get(path, { method: 'POST', headers, body })

    it('says that it lives and is ready', async () => {
      expect((await get('/health')).body).toMatchObject({ status: 'ok', state: 'BY' })
      expect((await get('/ready')).body).toEqual({ status: 'ready' })
      expect((await get('/v1/rules')).status).toBe(200)
    })

    it('describes itself, at its own address', async () => {
      const { status, body } = await get('/openapi.json')
      expect(status).toBe(200)
      const { servers, paths } = body as { servers: { url: string }[]; paths: object }
      expect(servers[0]?.url).toBe(running().BY.url)
      expect(Object.keys(paths)).toContain('/v1/certificates')
    })

    it('publishes trust: the list, its versions, the CRLs', async () => {
      const list = await get('/trust/list')
      expect(list.status).toBe(200)
      const parsed = parseJws(list.text)
      if ('malformed' in parsed) throw new Error(parsed.malformed)
      expect(parsed.payload).toMatchObject({ schema: 'trust-list/1', state: 'BY', version: 1 })
      expect((await get('/trust/list/1')).text).toBe(list.text)
      expect((await get('/trust/list/99')).status).toBe(404)
      const { pki } = running().BY
      for (const crl of pki.manifest.keys.flatMap(({ crlFile }) => crlFile ?? [])) {
        const answer = await get(`/trust/${crl}`)
        expect([crl, answer.status]).toEqual([crl, 200])
        expect(answer.headers.get('content-type')).toBe('application/pkix-crl')
      }
    })

    it('answers what is wrong with problems, in the language asked for', async () => {
      const unknown = await get('/nowhere', { headers: { 'accept-language': 'ru' } })
      expect(slugOf(unknown)).toBe('404 not-found')
      expect(unknown.headers.get('content-type')).toBe('application/problem+json')
      expect(unknown.headers.get('content-language')).toBe('ru')
      const { type } = unknown.body as { type: string }
      expect((await fetched(type)).text).toContain('<html')
      const wrong = await get('/health', { method: 'DELETE' })
      expect(slugOf(wrong)).toBe('405 method-not-allowed')
      expect(wrong.headers.get('allow')).toContain('GET')
    })

    it('gives no token to who does not prove who it is', async () => {
      const form = { 'content-type': 'application/x-www-form-urlencoded' }
      const grant = 'grant_type=client_credentials'
      const type = `client_assertion_type=${encodeURIComponent('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')}`
      const refused = await post('/oauth/token', `${grant}&${type}&client_assertion=a.b.c`, form)
      expect([400, 401]).toContain(refused.status)
      expect(slugOf(await get('/v1/certificates?number=1'))).toBe('401 unauthenticated')
      const forged = { headers: { authorization: 'Bearer forged' } }
      expect(slugOf(await get('/v1/certificates?number=1', forged))).toBe('401 invalid-token')
    })

    it('takes no message that no peer has signed', async () => {
      const json = { 'content-type': 'application/json' }
      const refused = await post('/exchange/v1/messages', '{"messages":[]}', json)
      expect(slugOf(refused)).toBe('401 signature-required')
    })
  })
}
