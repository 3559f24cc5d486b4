import fc from 'fast-check'
import { compactVerify, importSPKI } from 'jose'
import { createPublicKey } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { generateKeyPair, signingKey, thumbprint } from '../../../src/crypto/suite.ts'
import { encodeBase64, encodeBase64url } from '../../../src/encoding/base64url.ts'
import { MAX_JWS_LENGTH, parseJws } from '../../../src/jose/parse.ts'
import { DOCUMENT_TYPS, type ProtectedHeader } from '../../../src/jose/protected-header.ts'
import { signJws } from '../../../src/jose/sign.ts'
import { compact } from '../../support/hostile-lists.ts'

const DER = new Uint8Array(301).fill(0x30)
let header: ProtectedHeader
let genuine: string
let publicKey: string

beforeAll(async () => {
  header = {
    alg: 'ES256',
    typ: 'product-certificate+jwt',
    cty: 'application/json',
    iat: 1_772_442_000,
    'x5t#S256': await thumbprint(DER),
    x5c: [encodeBase64(DER)],
  }
  const { pkcs8, spki } = await generateKeyPair('ES256')
  publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
    .export({ format: 'pem', type: 'spki' })
    .toString()
  genuine = await signJws({
    typ: 'product-certificate+jwt',
    payload: { schema: 'origin.ct1/1', text: 'Нёманский «№ 1»' },
    seal: {
      key: await signingKey(pkcs8, 'ES256'),
      x5tS256: header['x5t#S256'],
      path: [DER],
      x5c: header.x5c,
      environment: 'production',
    },
    signedAt: new Date(header.iat * 1000 + 999),
  })
})

const with_ = (changes: Record<string, unknown>) => compact({ ...header, ...changes }, {})
const malformed = (jws: string) => {
  const parsed = parseJws(jws)
  return 'malformed' in parsed ? parsed.malformed : undefined
}

describe('a signed document', () => {
  it('keeps its octets when others are read after it', () => {
    const parsed = parseJws(genuine)
    if ('malformed' in parsed) throw new Error(parsed.malformed)
    const before = [parsed.signingInput.slice(), parsed.signature.slice()]
    for (const other of [with_({ iat: 1 }), 'Я'.repeat(100_000), 'a.b.c']) parseJws(other)
    expect([parsed.signingInput, parsed.signature]).toEqual(before)
    expect(Buffer.from(parsed.signingInput).toString()).toBe(
      genuine.slice(0, genuine.lastIndexOf('.')),
    )
  })

  it('of a training environment bears the mark, and nothing else is a mark', () => {
    const read = (claims: unknown) => {
      const parsed = parseJws(compact(header, claims))
      return 'malformed' in parsed ? parsed.malformed : [parsed.environment, parsed.payload]
    }
    expect(read({ a: 1 })).toEqual(['production', { a: 1 }])
    expect(read({ env: 'training', a: 1 })).toEqual(['training', { a: 1 }])
    for (const env of ['Training', 'production', '', null, ['training'], { training: true }])
      expect(read({ a: 1, env })).toEqual(['production', { a: 1, env }])
  })

  it('reads as it was written, and verifies elsewhere', async () => {
    const parsed = parseJws(genuine)
    expect(parsed).toMatchObject({
      compact: genuine,
      header,
      payload: { schema: 'origin.ct1/1', text: 'Нёманский «№ 1»' },
    })
    const { protectedHeader } = await compactVerify(genuine, await importSPKI(publicKey, 'ES256'))
    expect(Object.keys(protectedHeader)).toEqual(['alg', 'typ', 'cty', 'iat', 'x5t#S256', 'x5c'])
  })

  it('bears whole seconds, never a time ahead of the clock', () => {
    const parsed = parseJws(genuine)
    expect('header' in parsed && parsed.header.iat).toBe(1_772_442_000)
  })
})

describe('J1: the list of algorithms is closed', () => {
  it.each(['ES256', 'ES384', 'Ed25519', 'EdDSA', 'PS256'])('%s is on it', (alg) => {
    expect(parseJws(with_({ alg }))).toMatchObject({ header: { alg } })
  })

  it.each([
    'ES512',
    'ES256K',
    'RS256',
    'PS384',
    'PS512',
    'HS256',
    'A128KW',
    'None',
    'es256',
    ' ES256',
    'toString',
    '__proto__',
    'constructor',
    'BIGN',
    '',
  ])('%s is not, which accuses nobody', (alg) => {
    expect(parseJws(with_({ alg }))).toMatchObject({ algorithmUnknown: true })
  })

  it('none, or no name at all, does not even claim to sign', () => {
    for (const alg of ['none', undefined, null, 256, ['ES256'], {}]) {
      const parsed = parseJws(with_({ alg }))
      expect(parsed).toHaveProperty('malformed')
      expect(parsed).not.toHaveProperty('algorithmUnknown')
    }
  })
})

describe('J4: a document has one form', () => {
  it('has three parts, none empty, in strict base64url', () => {
    const [h, p, s] = genuine.split('.') as [string, string, string]
    for (const jws of [
      '',
      '.',
      '..',
      h,
      `${h}.${p}`,
      `${h}.${p}.`,
      `.${p}.${s}`,
      `${h}..${s}`,
      `${genuine}.`,
      `${genuine}.${s}`,
      `${genuine}=`,
      `${genuine} `,
      ` ${genuine}`,
      `${genuine}\n`,
      `${h}=.${p}.${s}`,
      `${h}.${p}\r\n.${s}`,
      `${h}.${p}.${s.slice(0, -1)}`,
      genuine.replaceAll('.', '%2e'),
      genuine.toUpperCase(),
    ])
      expect(malformed(jws), JSON.stringify(jws.slice(-20))).toBeDefined()
  })

  it('is what it is read from: nothing else gives the same header, payload and signature', () => {
    const character = fc.constantFrom(...genuine.slice(0, 40), '=', '+', '/', ' ', '\n', '.', 'A')
    const edit = fc.record({
      at: fc.nat(genuine.length),
      cut: fc.nat(2),
      put: fc.string({ unit: character, maxLength: 2 }),
    })
    fc.assert(
      fc.property(edit, ({ at, cut, put }) => {
        const text = genuine.slice(0, at) + put + genuine.slice(at + cut)
        const parsed = parseJws(text)
        if ('malformed' in parsed || text === genuine) return
        const [h, p] = text.split('.') as [string, string]
        expect(encodeBase64url(parsed.signature)).toBe(text.split('.')[2])
        expect(new TextDecoder().decode(parsed.signingInput)).toBe(`${h}.${p}`)
      }),
      { numRuns: 3000 },
    )
  })

  it('names every member once, in header and payload, at every depth', () => {
    const text = JSON.stringify(header)
    const payloads = ['{"a":1,"a":1}', '{"a":{"b":[{"c":1,"c":2}]}}', '{"a":1,"\\u0061":2}']
    for (const payload of payloads) expect(malformed(compact(header, payload))).toMatch(/duplicate/)
    for (const again of ['"alg":"ES256",', '"x5\\u0063":[],', '"typ":"x",'])
      expect(malformed(compact(text.replace('{', `{${again}`), {}))).toMatch(/duplicate/)
  })

  it('is JSON in UTF-8, not nested too deeply, not too long', () => {
    for (const text of ['', '{', '{}{}', '\ufeff{}', "{'a':1}", '{"a":01}', 'undefined'])
      expect(malformed(compact(header, text)), text).toBeDefined()
    expect(malformed(compact(header, `${'['.repeat(33)}${']'.repeat(33)}`))).toMatch(/too-deep/)
    const [h, , s] = genuine.split('.')
    expect(
      malformed(`${h}.${encodeBase64url(Uint8Array.of(0x22, 0xc0, 0x80, 0x22))}.${s}`),
    ).toMatch(/not-utf8/)
    expect(malformed(`${genuine}${'A'.repeat(MAX_JWS_LENGTH)}`)).toMatch(/too long/)
  })

  it('never makes the reader throw', () => {
    const part = fc.oneof(
      fc.json().map((text) => encodeBase64url(new TextEncoder().encode(text))),
      fc.uint8Array({ maxLength: 40 }).map(encodeBase64url),
      fc.string({ unit: 'binary', maxLength: 20 }),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        expect(parseJws(parts.join('.'))).toHaveProperty('malformed')
      }),
      { numRuns: 2000 },
    )
  })

  it('never makes the reader throw, whatever stands in the members of a header', () => {
    const name = fc.constantFrom(...Object.keys(header))
    fc.assert(
      fc.property(name, fc.jsonValue(), (member, value) => {
        const parsed = parseJws(compact({ ...header, [member]: value }, {}))
        if (!('malformed' in parsed))
          expect(JSON.stringify(parsed.header)).toBe(JSON.stringify({ ...header, [member]: value }))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('J5: typ is the name of a document', () => {
  it.each(DOCUMENT_TYPS)('%s is one', (typ) => {
    expect(parseJws(with_({ typ }))).toMatchObject({ header: { typ } })
  })

  it('a name of the same form may be one that this program does not know yet', () => {
    expect(parseJws(with_({ typ: 'outage-notice+jwt' }))).toHaveProperty('header')
  })

  it.each([
    'JWT',
    'jwt',
    'application/jwt',
    'jose',
    'jose+json',
    '+jwt',
    'a b+jwt',
    'Receipt+jwt',
    `${'x'.repeat(61)}+jwt`,
    'receipt+jwt\n',
    '',
    7,
    null,
  ])('%j is none', (typ) => {
    expect(malformed(with_({ typ }))).toMatch(/typ/)
  })
})

describe('J6: the header has exactly its six members', () => {
  it.each(['alg', 'typ', 'cty', 'iat', 'x5t#S256'] as const)('without %s it is none', (name) => {
    expect(malformed(with_({ [name]: undefined }))).toMatch(/other members/)
  })

  it('without x5c alone it is none either, and says that its signing certificate is absent', () => {
    const absent = { malformed: 'x5c is absent', signingCertificateAbsent: true }
    for (const x5c of [undefined, []]) expect(parseJws(with_({ x5c }))).toEqual(absent)
    for (const also of [{ typ: undefined }, { crit: ['x'] }, { iat: -1 }, { alg: 'none' }])
      expect(parseJws(with_({ x5c: undefined, ...also }))).not.toHaveProperty(
        'signingCertificateAbsent',
      )
  })

  it.each([
    'crit',
    'b64',
    'jku',
    'jwk',
    'x5u',
    'kid',
    'x5t',
    'zip',
    'sigT',
    'sigD',
    'nonce',
    'Alg',
    '',
    'toString',
    'constructor',
    'x5t#s256',
    'alg,cty',
  ])('with %j it is none', (name) => {
    expect(malformed(with_({ [name]: 'x' }))).toMatch(/other members/)
  })

  it('is no list, text or number', () => {
    for (const value of [[], '"x"', '7', 'null', [header]])
      expect(malformed(compact(value, {}))).toMatch(/not an object/)
  })

  it.each<[string, unknown]>([
    ['cty', 'json'],
    ['cty', 'APPLICATION/JSON'],
    ['iat', -1],
    ['iat', 1.5],
    ['iat', '1772442000'],
    ['iat', 2 ** 53],
    ['iat', 253_402_300_800],
    ['x5t#S256', ''],
    ['x5t#S256', `${'A'.repeat(43)}=`],
    ['x5t#S256', 'A'.repeat(42)],
    ['x5t#S256', '+'.repeat(43)],
  ])('with %s %j it is none', (name, value) => {
    expect(malformed(with_({ [name]: value }))).toMatch(new RegExp(name))
  })
})

describe('X4: x5c is a list of DER in base64', () => {
  const text = encodeBase64(DER)
  it.each<[string, unknown]>([
    ['no list', text],
    ['empty', []],
    ['longer than six', Array.from({ length: 7 }, () => text)],
    ['longer than 64 KiB', [encodeBase64(new Uint8Array(65 * 1024))]],
    ['with an empty one', ['']],
    ['with base64url', [text.replaceAll('=', '')]],
    ['with base64url characters', ['-_-_']],
    ['with line ends', [`${text.slice(0, 64)}\n${text.slice(64)}`]],
    ['with unused bits', ['QR==']],
    ['in PEM', ['-----BEGIN CERTIFICATE-----']],
    ['of numbers', [[48, 48]]],
    ['with nothing in it', [null]],
  ])('not %s', (_, x5c) => {
    expect(malformed(with_({ x5c }))).toMatch(/x5c/)
  })
})
