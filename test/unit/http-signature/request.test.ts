import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RequestMessage } from '../../../src/http-signature/http-message.ts'
import { signRequest } from '../../../src/http-signature/sign.ts'
import { verifyRequest } from '../../../src/http-signature/verify.ts'
import { makeNode, NOW, outgoing, resolverOf, send, signerOf } from './exchange-of-messages.ts'

const by = await makeNode('BY', 'ES256')
const ed = await makeNode('BY', 'Ed25519')
const uz = await makeNode('UZ', 'ES384')
const rsa = await makeNode('BY', 'PS256')
const expected = { now: NOW, self: 'UZ', resolveKey: resolverOf(by, ed, uz, rsa) }

async function codeOf(request: RequestMessage, changes: Partial<typeof expected> = {}) {
  const result = await verifyRequest(request, { ...expected, ...changes })
  return result.ok ? 'ok' : result.code
}

/** A signed request with one header replaced, or removed. */
async function withHeader(name: string, change: (value: string) => string | undefined) {
  const { request } = await send(by)
  const value = change(request.headers.get(name)!)
  if (value === undefined) request.headers.delete(name)
  else request.headers.set(name, value)
  return request
}

const input = (change: (value: string) => string | undefined) =>
  withHeader('signature-input', change)

describe('a signed request', () => {
  it.each([
    ['ES256', by],
    ['Ed25519', ed],
  ] as const)('is accepted when signed with %s', async (_, node) => {
    const { request, signed } = await send(node)
    const result = await verifyRequest(request, expected)
    expect(result).toMatchObject({
      ok: true,
      keyid: node.keyid,
      sender: 'BY',
      messageId: outgoing().messageId,
      created: NOW,
      expires: new Date('2026-11-02T10:05:00Z'),
      acceptableUntil: new Date('2026-11-02T10:06:00Z'),
      context: signed.context,
    })
  })

  it('covers exactly the components of the profile, content-type only with a body', async () => {
    const full =
      '("@method" "@target-uri" "content-digest" "exc-message-id" "exc-sender" "exc-recipient"'
    const { signed } = await send(by)
    expect(signed.headers['Signature-Input']).toContain(`exc=${full} "content-type");created=`)
    const empty = await send(by, { method: 'GET', body: new Uint8Array(), contentType: undefined! })
    expect(empty.signed.headers['Signature-Input']).toContain(`exc=${full});created=`)
    expect(empty.signed.headers).not.toHaveProperty('Content-Type')
    expect(empty.signed.headers['Content-Digest']).toBe(
      'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
    )
    expect(await codeOf(empty.request)).toBe('ok')
  })

  it('is accepted with the components in another order', async () => {
    // The order is the signer's choice (RFC 9421 §2.5), so sign the base the other way round by hand.
    const { request } = await send(by)
    const result = await verifyRequest(request, expected)
    if (!result.ok) throw new Error(result.code)
    const [method, uri, ...rest] = result.signatureBase.split('\n')
    const swapped = [uri, method, ...rest]
      .join('\n')
      .replace('("@method" "@target-uri"', '("@target-uri" "@method"')
    const signature = await by.signing.sign(new TextEncoder().encode(swapped))
    request.headers.set('signature', `exc=:${Buffer.from(signature).toString('base64')}:`)
    request.headers.set('signature-input', `exc=${swapped.split('"@signature-params": ')[1]}`)
    expect(await codeOf(request)).toBe('ok')
  })

  it('verifies with openssl over the signature base', async () => {
    const { request } = await send(by)
    const result = await verifyRequest(request, expected)
    if (!result.ok) throw new Error(result.code)
    const folder = mkdtempSync(join(tmpdir(), 'exc-'))
    try {
      const file = (name: string, content: string | Uint8Array) => {
        writeFileSync(join(folder, name), content)
        return join(folder, name)
      }
      const key = file('key.pem', by.publicKey.export({ type: 'spki', format: 'pem' }))
      const signature = file('signature', derOf(result.signature))
      const verify = (base: string) =>
        execFileSync(
          'openssl',
          ['dgst', '-sha256', '-verify', key, '-signature', signature, base],
          {
            encoding: 'utf8',
          },
        )
      expect(verify(file('base', result.signatureBase))).toContain('Verified OK')
      expect(() => verify(file('other', `${result.signatureBase} `))).toThrow()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

/** r and s as the DER that openssl wants. */
function derOf(raw: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array) => {
    const trimmed = bytes.subarray(bytes.findIndex((byte) => byte !== 0))
    const positive = trimmed[0]! >= 0x80 ? [0, ...trimmed] : [...trimmed]
    return [2, positive.length, ...positive]
  }
  const content = [...integer(raw.subarray(0, 32)), ...integer(raw.subarray(32))]
  return Uint8Array.of(0x30, content.length, ...content)
}

describe('a request is refused', () => {
  it.each([
    ['signature', 'signature-missing'],
    ['signature-input', 'signature-missing'],
    ['content-digest', 'components-wrong'],
    ['content-type', 'components-wrong'],
    ['exc-message-id', 'components-wrong'],
    ['exc-sender', 'components-wrong'],
    ['exc-recipient', 'components-wrong'],
  ])('without %s', async (name, code) => {
    expect(await codeOf(await withHeader(name, () => undefined))).toBe(code)
  })

  it.each<[string, (value: string) => string, string]>([
    ['another label', (v) => v.replace('exc=', 'sig='), 'signature-malformed'],
    ['a second label', (v) => `${v}, b=();created=1`, 'signature-malformed'],
    ['the label twice', (v) => `${v}, ${v}`, 'signature-malformed'],
    ['an item for a list', () => 'exc="@method"', 'signature-malformed'],
    ['garbage', () => ')(', 'signature-malformed'],
    ['an unclosed list', () => 'exc=("@method"', 'signature-malformed'],
    ['a parameter twice', (v) => `${v};created=1`, 'signature-malformed'],
    ['an over-long field', (v) => `${v};x="${'a'.repeat(3000)}"`, 'signature-malformed'],
    [
      'a repeated component',
      (v) => v.replace('"@method"', '"@method" "@method"'),
      'components-wrong',
    ],
    ['a missing component', (v) => v.replace('"@target-uri" ', ''), 'components-wrong'],
    ['a foreign component', (v) => v.replace('"@method"', '"@method" "date"'), 'components-wrong'],
    [
      'a component with a parameter',
      (v) => v.replace('"@method"', '"@method";req'),
      'components-wrong',
    ],
    [
      'a component as a token',
      (v) => v.replace('"content-type"', 'content-type'),
      'components-wrong',
    ],
    ['a missing nonce', (v) => v.replace(/;nonce="[^"]*"/, ''), 'parameters-wrong'],
    [
      'a short nonce',
      (v) => v.replace(/nonce="[^"]*"/, 'nonce="AAAAAAAAAAAAAAAAAAAA"'),
      'parameters-wrong',
    ],
    [
      'an over-long nonce',
      (v) => v.replace(/nonce="/, `nonce="${'A'.repeat(44)}`),
      'parameters-wrong',
    ],
    ['a nonce that is no base64url', (v) => v.replace(/nonce="/, 'nonce="!'), 'parameters-wrong'],
    ['a missing created', (v) => v.replace(/;created=\d+/, ''), 'parameters-wrong'],
    ['a missing expires', (v) => v.replace(/;expires=\d+/, ''), 'parameters-wrong'],
    [
      'a created that is no integer',
      (v) => v.replace(/created=\d+/, 'created="1"'),
      'parameters-wrong',
    ],
    ['a missing keyid', (v) => v.replace(/;keyid="[^"]*"/, ''), 'parameters-wrong'],
    [
      'a keyid that is no thumbprint',
      (v) => v.replace(/keyid="[^"]*"/, 'keyid="node-1"'),
      'parameters-wrong',
    ],
    ['a missing tag', (v) => v.replace(';tag="exc-v1"', ''), 'parameters-wrong'],
    ['another tag', (v) => v.replace('exc-v1', 'exc-v2'), 'parameters-wrong'],
    ['a foreign parameter', (v) => `${v};x=1`, 'parameters-wrong'],
    [
      'a window above 300 s',
      (v) => v.replace(/expires=(\d+)/, (_, s) => `expires=${Number(s) + 1}`),
      'window-too-long',
    ],
    ['expires before created', (v) => v.replace(/expires=\d+/, 'expires=1'), 'window-too-long'],
    ['alg of another key type', (v) => `${v};alg="ed25519"`, 'algorithm-not-allowed'],
    ['an alg that was not signed', (v) => `${v};alg="ecdsa-p256-sha256"`, 'signature-wrong'],
    [
      'a later created',
      (v) => v.replace(/created=(\d+)/, (_, s) => `created=${Number(s) + 1}`),
      'signature-wrong',
    ],
  ])('with %s in Signature-Input', async (_, change, code) => {
    expect(await codeOf(await input(change))).toBe(code)
  })

  it.each<[string, (value: string) => string]>([
    ['a second label', (v) => `${v}, b=:AAAA:`],
    ['another label', (v) => v.replace('exc=', 'sig=')],
    ['a string', () => 'exc="AAAA"'],
    ['a parameter', (v) => `${v};x`],
    ['base64 that is not canonical', (v) => v.replace('==:', '=:')],
    ['a list', () => 'exc=(:AAAA:)'],
  ])('with %s in Signature', async (_, change) => {
    expect(await codeOf(await withHeader('signature', change))).toBe('signature-malformed')
  })

  it('with a signature of another length', async () => {
    expect(await codeOf(await withHeader('signature', () => 'exc=:AAAA:'))).toBe('signature-wrong')
    expect(await codeOf(await withHeader('signature', () => 'exc=::'))).toBe('signature-wrong')
  })

  it.each([
    ['2026-11-02T09:58:59Z', 'outside-window'],
    ['2026-11-02T09:59:00Z', 'ok'],
    ['2026-11-02T10:06:00Z', 'ok'],
    ['2026-11-02T10:06:01Z', 'outside-window'],
  ])('or accepted at %s: %s', async (now, code) => {
    const { request } = await send(by)
    expect(await codeOf(request, { now: new Date(now) })).toBe(code)
  })

  it('when addressed to another node', async () => {
    expect(await codeOf((await send(by, { recipient: 'KZ' })).request)).toBe('recipient-mismatch')
  })

  it('when the key is not known', async () => {
    const { request } = await send(by)
    expect(await codeOf(request, { resolveKey: resolverOf(uz) })).toBe('key-unknown')
  })

  it("when signed with another state's key", async () => {
    expect(await codeOf((await send(uz)).request)).toBe('sender-mismatch')
  })

  it('when the key is RSA, though its signature would verify', async () => {
    const { request } = await send(by)
    const value = request.headers.get('signature-input')!
    request.headers.set('signature-input', value.replace(by.keyid, rsa.keyid))
    expect(await codeOf(request)).toBe('algorithm-not-allowed')
    await expect(signRequest(outgoing(), signerOf(rsa))).rejects.toThrow('signs no HTTP messages')
  })

  it('when the body or its digest was changed', async () => {
    const { request } = await send(by)
    const body = new TextEncoder().encode('{"messages":[1]}')
    expect(await codeOf({ ...request, body })).toBe('digest-mismatch')
    const mismatch = 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'
    expect(await codeOf(await withHeader('content-digest', () => mismatch))).toBe('digest-mismatch')
  })

  it.each<[string, (value: string) => string]>([
    ['sha-512', (v) => v.replace('sha-256', 'sha-512')],
    ['two algorithms', (v) => `${v}, md5=:AAAA:`],
    ['garbage', () => '???'],
    ['a string', () => 'sha-256="AAAA"'],
  ])('with a digest that is %s', async (_, change) => {
    expect(await codeOf(await withHeader('content-digest', change))).toBe('digest-malformed')
  })

  it('when the body was removed, or content-type covered without one', async () => {
    const { request } = await send(by)
    expect(await codeOf({ ...request, body: new Uint8Array() })).toBe('components-wrong')
  })

  it('with a message id of foreign characters', async () => {
    expect(await codeOf((await send(by, { messageId: 'a b' })).request)).toBe(
      'message-id-malformed',
    )
    expect(await codeOf((await send(by, { messageId: 'a'.repeat(129) })).request)).toBe(
      'message-id-malformed',
    )
  })

  it('with a covered header that is not ASCII', async () => {
    const foreign = await withHeader('content-type', () => 'application/j\xe9')
    expect(await codeOf(foreign)).toBe('components-wrong')
  })

  it('when method or address are others', async () => {
    const { request } = await send(by)
    expect(await codeOf({ ...request, method: 'PUT' })).toBe('signature-wrong')
    expect(await codeOf({ ...request, targetUri: `${request.targetUri}0` })).toBe('signature-wrong')
  })
})

describe('any change', () => {
  it('of one byte of the body is refused', async () => {
    const { request } = await send(by)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(request.body.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, mask) => {
          const body = Uint8Array.from(request.body)
          body[at]! ^= mask
          expect(await codeOf({ ...request, body })).toBe('digest-mismatch')
        },
      ),
    )
  })

  it('of one byte of the signature is refused', async () => {
    const { request, signed } = await send(by)
    await fc.assert(
      fc.asyncProperty(fc.nat(63), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const signature = Uint8Array.from(signed.context.signature)
        signature[at]! ^= mask
        const headers = new Headers(request.headers)
        headers.set('signature', `exc=:${Buffer.from(signature).toString('base64')}:`)
        expect(await codeOf({ ...request, headers })).toBe('signature-wrong')
      }),
    )
  })

  it('of one character of a header is refused', async () => {
    const { request } = await send(ed)
    const names = [...request.headers.keys()]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(),
        fc.integer({ min: 0x21, max: 0x7e }),
        async (name, place, code) => {
          const value = request.headers.get(name)!
          const at = place % value.length
          fc.pre(value.charCodeAt(at) !== code)
          const headers = new Headers(request.headers)
          headers.set(name, value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1))
          expect(await codeOf({ ...request, headers })).not.toBe('ok')
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('to arbitrary text never throws', async () => {
    const { request } = await send(ed)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('signature', 'signature-input', 'content-digest', 'exc-sender'),
        fc.string({ unit: fc.constantFrom(...'exc=();,":?1a A-@%\\\xe9') }),
        async (name, value) => {
          const headers = new Headers(request.headers)
          headers.set(name, value)
          expect(await codeOf({ ...request, headers })).not.toBe('ok')
        },
      ),
      { numRuns: 2000 },
    )
  })
})
