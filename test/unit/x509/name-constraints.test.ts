import { describe, expect, it } from 'vitest'
import { derElement } from '../../../src/encoding/der-writer.ts'
import { EXTENSION } from '../../../src/x509/oids.ts'
import {
  addNameConstraints,
  checkNames,
  noNameConstraints,
} from '../../../src/x509/name-constraints.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import type { X509Certificate } from '../../../src/x509/x509-certificate.ts'
import { derName, derOid, directoryName, extension, forge, hexToOctets } from './forgery.ts'

type Bytes = Uint8Array<ArrayBuffer>

const ascii = (tag: number) => (text: string) => derElement(tag, new TextEncoder().encode(text))
const mail = ascii(0x81)
const dns = ascii(0x82)
const uri = ascii(0x86)
const ip = (hex: string) => derElement(0x87, hexToOctets(hex))
const other = derElement(0xa0, derOid('1.2.3'), derElement(0xa0, derElement(0x05)))

async function read(subject: Bytes, extensions: Bytes[]): Promise<X509Certificate> {
  const { certificate } = await forge({ subject, extensions })
  const parsed = parseX509Certificate(certificate)
  if ('malformed' in parsed) throw new Error(parsed.malformed)
  return parsed
}

const plain = derName(['CN', 'Someone'])

async function constrained(permitted: Bytes[], excluded: Bytes[]): Promise<X509Certificate> {
  const subtrees = (tag: number, bases: Bytes[]) =>
    bases.length > 0
      ? derElement(tag, ...bases.map((base) => derElement(0x30, base)))
      : ascii(0)('')
  const parts = [subtrees(0xa0, permitted), subtrees(0xa1, excluded)].filter((part) => part[0]! > 0)
  return read(plain, [extension(EXTENSION.nameConstraints, true, derElement(0x30, ...parts))])
}

/** What constraints say about a certificate of these alternative names. */
async function verdict(
  { permitted = [], excluded = [] }: { permitted?: Bytes[]; excluded?: Bytes[] },
  names: Bytes[],
  subject = plain,
): Promise<string> {
  const { nameConstraints } = await constrained(permitted, excluded)
  const alternative = extension(EXTENSION.subjectAltName, false, derElement(0x30, ...names))
  const certificate = await read(subject, names.length > 0 ? [alternative] : [])
  return checkNames(addNameConstraints(noNameConstraints(), nameConstraints), certificate)
}

type Row = [name: Bytes, base: Bytes, inside: 'inside' | 'outside' | 'malformed']

describe('a name against a subtree of its form (RFC 5280 §4.2.1.10)', () => {
  it.each<Row>([
    [dns('example.com'), dns('example.com'), 'inside'],
    [dns('A.Example.Com'), dns('example.com'), 'inside'],
    [dns('badexample.com'), dns('example.com'), 'outside'],
    [dns('example.com'), dns('a.example.com'), 'outside'],
    [dns('anything.at.all'), dns(''), 'inside'],
    [dns('*.example.com'), dns('example.com'), 'inside'],
    [dns('.example.com'), dns('example.com'), 'malformed'],
    [dns('a..b'), dns('example.com'), 'malformed'],
    [dns('example.com'), dns('*.example.com'), 'malformed'],
    [mail('a@example.com'), mail('example.com'), 'inside'],
    [mail('a@sub.example.com'), mail('example.com'), 'outside'],
    [mail('a@sub.example.com'), mail('.example.com'), 'inside'],
    [mail('a@example.com'), mail('.example.com'), 'outside'],
    [mail('a@Example.com'), mail('a@example.com'), 'inside'],
    [mail('A@example.com'), mail('a@example.com'), 'outside'],
    [mail('a@b@example.com'), mail('example.com'), 'malformed'],
    [mail('example.com'), mail('example.com'), 'malformed'],
    [uri('https://example.com/x'), uri('example.com'), 'inside'],
    [uri('https://u@Sub.Example.com:8443?q'), uri('.example.com'), 'inside'],
    [uri('https://example.com'), uri('.example.com'), 'outside'],
    [uri('https://192.0.2.1/'), uri('example.com'), 'malformed'],
    [uri('urn:example:com'), uri('example.com'), 'malformed'],
    [uri('https://evil.org/@example.com'), uri('example.com'), 'outside'],
    [ip('c0000201'), ip('c0000200ffffff00'), 'inside'],
    [ip('c0000301'), ip('c0000200ffffff00'), 'outside'],
    [ip('c0000201'), ip('c0000200ffff00ff'), 'malformed'],
    [ip('c0000201'), ip('c0000200'), 'malformed'],
    [ip('c00002'), ip('c0000200ffffff00'), 'malformed'],
    [ip(`20010db8${'00'.repeat(12)}`), ip('c0000200ffffff00'), 'outside'],
    [
      directoryName(derName(['C', 'by'], ['CN', 'x'])),
      directoryName(derName(['C', 'BY'])),
      'inside',
    ],
    [directoryName(derName(['C', 'UZ'])), directoryName(derName(['C', 'BY'])), 'outside'],
  ])('case %#', async (name, base, expected) => {
    // The subject must not decide, so a permitted subtree holds it as well.
    const subject = directoryName(plain)
    const ifPermitted = {
      inside: 'permitted',
      outside: 'name-not-permitted',
      malformed: 'name-malformed',
    }
    const ifExcluded = {
      inside: 'name-excluded',
      outside: 'permitted',
      malformed: 'name-malformed',
    }
    expect(await verdict({ permitted: [base, subject] }, [name])).toBe(ifPermitted[expected])
    expect(await verdict({ excluded: [base] }, [name])).toBe(ifExcluded[expected])
  })

  it('a wildcard also stands for the excluded names below it', async () => {
    const excluded = [dns('secret.example.com')]
    expect(await verdict({ excluded }, [dns('*.example.com')])).toBe('name-excluded')
    expect(await verdict({ permitted: excluded }, [dns('*.example.com')])).toBe(
      'name-not-permitted',
    )
  })

  it('e-mail addresses in the subject count as mailboxes', async () => {
    const subject = derName(['CN', 'x'], ['E', 'a@evil.org'])
    expect(await verdict({ permitted: [mail('example.com')] }, [], subject)).toBe(
      'name-not-permitted',
    )
    expect(await verdict({ excluded: [mail('evil.org')] }, [], subject)).toBe('name-excluded')
  })

  it('a constraint says nothing on other forms, and one without a rule refuses its form', async () => {
    expect(await verdict({ permitted: [dns('example.com')] }, [mail('a@b.c')])).toBe('permitted')
    expect(await verdict({ permitted: [other] }, [mail('a@b.c')])).toBe('permitted')
    expect(await verdict({ permitted: [other] }, [other])).toBe('name-form-not-supported')
    expect(await verdict({ excluded: [other] }, [other])).toBe('name-form-not-supported')
  })

  it('a name must satisfy the constraints of every authority above it', async () => {
    const wide = (await constrained([dns('example.com')], [])).nameConstraints
    const narrow = (await constrained([dns('a.example.com')], [])).nameConstraints
    const both = [wide, narrow].reduce(addNameConstraints, noNameConstraints())
    const named = async (text: string) =>
      read(plain, [extension(EXTENSION.subjectAltName, false, derElement(0x30, dns(text)))])
    expect(checkNames(both, await named('x.a.example.com'))).toBe('permitted')
    expect(checkNames(both, await named('b.example.com'))).toBe('name-not-permitted')
  })
})

describe('malformed constraints', () => {
  it.each([
    ['nothing constrained', derElement(0x30)],
    ['an empty list', derElement(0x30, derElement(0xa0))],
    [
      'a minimum',
      derElement(
        0x30,
        derElement(0xa0, derElement(0x30, dns('a'), derElement(0x80, hexToOctets('01')))),
      ),
    ],
  ])('%s spoils the certificate', async (_what, value) => {
    const extensions = [extension(EXTENSION.nameConstraints, true, value)]
    const { certificate } = await forge({ subject: plain, extensions })
    expect(parseX509Certificate(certificate)).toHaveProperty('malformed')
  })
})
