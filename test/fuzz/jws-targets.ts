import assert from 'node:assert/strict'
import { encodeBase64url } from '../../src/encoding/base64url.ts'
import { readJades } from '../../src/jades/container.ts'
import { headerFaults } from '../../src/jades/header-rules.ts'
import { parseJws } from '../../src/jose/parse.ts'
import type { Material } from './material.ts'
import { latin1, type Target, textOf, utf8 } from './target.ts'

export function jwsTargets({ jws }: Material): Target[] {
  const parts: Uint8Array[] = jws.split('.').map((part) => Buffer.from(part, 'base64url'))
  const whole = utf8.encode(jws)
  const join = (all: readonly Uint8Array[]) => all.map(encodeBase64url).join('.')
  const check = (compact: string) => {
    const parsed = parseJws(compact)
    if ('malformed' in parsed) return false
    const read = compact.split('.').map((part) => new Uint8Array(Buffer.from(part, 'base64url')))
    assert.equal(join(read), compact)
    assert.equal(Object.keys(parsed.header).sort().join(), 'alg,cty,iat,typ,x5c,x5t#S256')
    return true
  }
  return [
    { name: 'compact JWS', share: 5, seeds: [whole], feed: (input) => check(latin1(input)) },
    {
      name: 'parts of a JWS',
      share: 5,
      seeds: parts,
      feed: (input) => parts.filter((_, i) => check(join(parts.with(i, input)))).length > 0,
    },
    {
      name: 'JAdES containers',
      seeds: [whole, utf8.encode(flattened(jws)), utf8.encode(general(jws))],
      feed(input) {
        const read = readJades(textOf(input))
        if ('malformed' in read) return false
        for (const { header } of read.signatures) headerFaults(header)
        return true
      },
    },
  ]
}

function flattened(jws: string): string {
  const [header, payload, signature] = jws.split('.')
  return JSON.stringify({ payload, protected: header, signature, header: { etsiU: ['e30'] } })
}

function general(jws: string): string {
  const [header, payload, signature] = jws.split('.')
  return JSON.stringify({ payload, signatures: [{ protected: header, signature }] })
}
