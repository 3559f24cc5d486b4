import { describe, expect, it } from 'vitest'
import type { RequestContext, ResponseMessage } from '../../../src/http-signature/http-message.ts'
import { verifyRequest, verifyResponse } from '../../../src/http-signature/verify.ts'
import { answer, makeNode, NOW, resolverOf, send, signerOf } from './exchange-of-messages.ts'
import { signResponse } from '../../../src/http-signature/sign.ts'

const by = await makeNode('BY', 'ES256')
const uz = await makeNode('UZ', 'Ed25519')
const expected = { now: NOW, resolveKey: resolverOf(by, uz) }
const { request, signed } = await send(by)

async function codeOf(
  response: ResponseMessage,
  context: RequestContext = signed.context,
  now: Date = NOW,
) {
  const result = await verifyResponse(response, context, { ...expected, now })
  return result.ok ? 'ok' : result.code
}

describe('a signed response', () => {
  it('is accepted by the node that asked, and covers what the profile lists', async () => {
    const received = await verifyRequest(request, { ...expected, self: 'UZ' })
    if (!received.ok) throw new Error(received.code)
    const body = new TextEncoder().encode('{}')
    const headers = await signResponse({ status: 200, body }, received.context, signerOf(uz))
    expect(headers['Signature-Input']).toContain(
      'exc=("@status" "content-digest" "signature";req;key="exc" "@method";req "@target-uri";req);created=',
    )
    const result = await verifyResponse(
      { status: 200, body, headers: new Headers(headers) },
      signed.context,
      expected,
    )
    expect(result).toMatchObject({ ok: true, keyid: uz.keyid, sender: 'UZ' })
  })

  it('has a digest without a body too', async () => {
    expect(await codeOf(await answer(uz, signed, new Uint8Array()))).toBe('ok')
  })

  it('is refused for another request, though it is the same to the letter', async () => {
    const other = await send(by)
    expect(await codeOf(await answer(uz, signed), other.signed.context)).toBe('signature-wrong')
  })

  it('is refused with another status', async () => {
    const response = await answer(uz, signed)
    expect(await codeOf({ ...response, status: 201 })).toBe('signature-wrong')
  })

  it('is refused with another body', async () => {
    const response = await answer(uz, signed)
    expect(await codeOf({ ...response, body: new Uint8Array() })).toBe('digest-mismatch')
  })

  it('is refused without a signature', async () => {
    const response = await answer(uz, signed)
    response.headers.delete('signature')
    expect(await codeOf(response)).toBe('signature-missing')
  })

  it('is refused when it omits the request it answers', async () => {
    const response = await answer(uz, signed)
    const value = response.headers.get('signature-input')!
    response.headers.set('signature-input', value.replace(' "signature";req;key="exc"', ''))
    expect(await codeOf(response)).toBe('components-wrong')
  })

  it('is refused when signed by the asking node itself', async () => {
    expect(await codeOf(await answer(by, signed))).toBe('sender-mismatch')
  })

  it('is refused after its window', async () => {
    const later = new Date(NOW.getTime() + 361_000)
    expect(await codeOf(await answer(uz, signed), signed.context, later)).toBe('outside-window')
  })
})
