import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const SRC = new URL('../../../src/', import.meta.url)
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(new URL(name, SRC), 'utf8') }))

function callersOf(pattern: RegExp): string[] {
  return files
    .filter(({ text }) => pattern.test(text))
    .map(({ name }) => name)
    .sort()
}

describe('what production may not choose', () => {
  it('looks at the sources at all', () => {
    expect(files.length).toBeGreaterThan(30)
  })

  it('the engine has one caller, which fixes rules, algorithms and the age of lists', () => {
    expect(callersOf(/^import \{.*\} from '.*\/path-validation\.ts'/m)).toEqual(['x509/profile.ts'])
    expect(callersOf(/\bcrlEvidence\b[^;]*\bfrom '\.\/revocation\.ts'/)).toEqual([
      'x509/path-revocation.ts',
    ])
    expect(callersOf(/\bcrlEvidence\(/)).toEqual(['x509/path-revocation.ts', 'x509/revocation.ts'])
    expect(callersOf(/\b(issuanceRules|rsaMinBits): (true|false|\d|[A-Z])/)).toEqual([
      'x509/profile.ts',
    ])
  })

  it('nothing but the suite touches crypto.subtle', () => {
    expect(callersOf(/\bsubtle\b/)).toEqual(['crypto/webcrypto.ts'])
  })

  it('the library that generates certificates is imported in one file', () => {
    expect(callersOf(/from '@peculiar\/|'reflect-metadata'/)).toEqual(['node/pki/issue.ts'])
  })
})
