import { describe, expect, it } from 'vitest'
import { parsePublicKey, verifyJwsSignature } from '../../../src/crypto/suite.ts'
import { decodeBase64, decodeBase64url } from '../../../src/encoding/base64url.ts'
import { componentKey, signatureBase } from '../../../src/http-signature/signature-base.ts'
import { targetUriOf } from '../../../src/http-signature/target-uri.ts'

describe('signature base', () => {
  it('is the one of RFC 9421 appendix B.2.6: the published signature verifies over it', async () => {
    const base = signatureBase(
      [
        { identifier: '"date"', value: 'Tue, 20 Apr 2021 02:07:55 GMT' },
        { identifier: '"@method"', value: 'POST' },
        { identifier: '"@path"', value: '/foo' },
        { identifier: '"@authority"', value: 'example.com' },
        { identifier: '"content-type"', value: 'application/json' },
        { identifier: '"content-length"', value: '18' },
      ],
      '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    )
    const point = decodeBase64url('JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs')!
    const prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]
    const key = parsePublicKey(Uint8Array.of(...prefix, ...point))!
    const signature = decodeBase64(
      'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
    )!
    const signed = new TextEncoder().encode(base)
    expect(await verifyJwsSignature('Ed25519', key, signature, signed)).toBe(true)
    signed[0]! ^= 1
    expect(await verifyJwsSignature('Ed25519', key, signature, signed)).toBe(false)
  })

  it('knows one component under one key, whatever the order of its parameters', () => {
    const a = componentKey([
      'signature',
      new Map<string, string | boolean>([
        ['req', true],
        ['key', 'exc'],
      ]),
    ])
    const b = componentKey([
      'signature',
      new Map<string, string | boolean>([
        ['key', 'exc'],
        ['req', true],
      ]),
    ])
    expect(a).toBe(b)
    expect(a).not.toBe(componentKey(['signature', new Map([['req', true]])]))
  })
})

describe('target URI', () => {
  it('takes host and scheme from the configuration, path and query from the request', () => {
    expect(targetUriOf('https://exchange.gov.uz', 'http://evil.example:81/a%2Fb?q=%20&x')).toBe(
      'https://exchange.gov.uz/a%2Fb?q=%20&x',
    )
    expect(targetUriOf('https://Exchange.GOV.uz:443/', 'http://x/')).toBe(
      'https://exchange.gov.uz/',
    )
    expect(targetUriOf('https://gov.uz/certex/', 'http://10.0.0.1/exchange/v1/feed')).toBe(
      'https://gov.uz/certex/exchange/v1/feed',
    )
  })
})
