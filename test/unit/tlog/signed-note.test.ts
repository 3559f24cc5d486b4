import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signaturesOf, signNote, verifyNote } from '../../../src/tlog/note-signature.ts'
import {
  formatSignatureLine,
  formatSignedNote,
  MAX_NOTE_BYTES,
  parseSignatureLines,
  parseSignedNote,
  type SignedNote,
} from '../../../src/tlog/signed-note.ts'
import {
  formatVerifierKey,
  isKeyName,
  parseVerifierKey,
  verifierKey,
  type VerifierKey,
} from '../../../src/tlog/verifier-key.ts'
import { makeSigner, utf8 } from './keys.ts'

/** The example of C2SP signed-note, verifier keys. */
const EXAMPLE_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
const EXAMPLE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`
const LINE = EXAMPLE.split('\n')[2]!

function parsed(text: string): SignedNote {
  const note = parseSignedNote(utf8(text))
  if ('malformed' in note) throw new Error(note.malformed)
  return note
}

function exampleKey(): VerifierKey<'ed25519'> {
  const key = parseVerifierKey(EXAMPLE_KEY, 'ed25519')
  if ('malformed' in key) throw new Error(key.malformed)
  return key
}

describe('a signed note', () => {
  it('of the specification is read, verified and written back', async () => {
    const note = parsed(EXAMPLE)
    expect(note.text).toBe('This is an example message.\n')
    expect(note.signatures.map(({ name, keyId }) => [name, keyId])).toEqual([
      ['example.com/foo', 0x530d903a],
    ])
    expect(await verifyNote(note, exampleKey())).toBe('valid')
    expect(formatSignedNote(note)).toBe(EXAMPLE)
  })

  it('has each signature once, however often its line is repeated', async () => {
    const note = parsed(EXAMPLE + `${LINE}\n`.repeat(31))
    expect(note.signatures).toHaveLength(32)
    expect(signaturesOf(note, exampleKey())).toHaveLength(1)
    expect(await verifyNote(note, exampleKey())).toBe('valid')
  })

  it('may have empty lines in its text', () => {
    const text = 'Ognuno sta solo sul cuor della terra\n\ned è subito sera.\n\n'
    expect(parsed(`${text}\n${LINE}\n`).text).toBe(text)
    expect(parsed(`\n\n${LINE}\n`).text).toBe('\n')
  })

  it.each([
    ['nothing', ''],
    ['no signatures', 'text\n\n'],
    ['no blank line', `text\n${LINE}\n`],
    ['no text', `\n${LINE}\n`],
    ['no newline at the end', EXAMPLE.slice(0, -1)],
    ['a newline too many', `${EXAMPLE}\n`],
    ['a carriage return', EXAMPLE.replaceAll('\n', '\r\n')],
    ['a tab in the text', EXAMPLE.replace(' is ', '\tis ')],
    ['a zero', EXAMPLE.replace(' is ', '\0is ')],
    ['a hyphen for the dash', EXAMPLE.replace('—', '-')],
    ['two spaces', EXAMPLE.replace('foo ', 'foo  ')],
    ['a space at the end', EXAMPLE.replace('QM=', 'QM= ')],
    ['no name', EXAMPLE.replace('example.com/foo ', '')],
    ['a plus in the name', EXAMPLE.replace('/foo', '+foo')],
    ['a no-break space in the name', EXAMPLE.replace('/foo', '\u00a0foo')],
    ['a line separator in the name', EXAMPLE.replace('/foo', '\u2028foo')],
    ['base64 without padding', EXAMPLE.replace('QM=', 'QM')],
    ['base64 with loose bits', EXAMPLE.replace('QM=', 'QN=')],
    ['base64url', EXAMPLE.replace(' Uw2Q', ' -w2Q')],
    ['a key id alone', `text\n\n— name ${Buffer.alloc(4).toString('base64')}\n`],
    ['a foreign line between', EXAMPLE.replace(LINE, `${LINE}\nhello\n${LINE}`)],
    ['33 signatures', `text\n\n${`${LINE}\n`.repeat(33)}`],
    ['too many bytes', `${'x'.repeat(MAX_NOTE_BYTES)}\n\n${LINE}\n`],
  ])('is refused with %s', (_, text) => {
    expect(parseSignedNote(utf8(text))).toHaveProperty('malformed')
  })

  it('is refused when it is not UTF-8', () => {
    const octets = utf8(EXAMPLE)
    octets[3] = 0xff
    expect(parseSignedNote(octets)).toEqual({ malformed: 'not UTF-8' })
    const marked = parseSignedNote(utf8(`\ufeff${EXAMPLE}`))
    expect(marked).toHaveProperty('text', '\ufeffThis is an example message.\n')
  })

  it('takes sixteen signatures of five kilobytes', () => {
    const signature = new Uint8Array(5_000)
    const signatures = Array.from({ length: 16 }, (_, keyId) => ({ name: 'n', keyId, signature }))
    const text = formatSignedNote({ text: 'text\n', signatures })
    expect(parsed(text).signatures).toHaveLength(16)
  })

  it('is written only from a text that a note can carry', async () => {
    const { signatures } = parsed(EXAMPLE)
    const signer = await makeSigner('example.com/log', 'ed25519')
    for (const text of ['', 'no newline', 'a\rb\n', '\0\n', '\ud800\n']) {
      expect(() => formatSignedNote({ text, signatures })).toThrow(RangeError)
      await expect(signNote(text, signer)).rejects.toThrow(RangeError)
    }
    expect(() => formatSignedNote({ text: 'text\n', signatures: [] })).toThrow(RangeError)
  })

  it('goes back and forth', () => {
    const character = fc.constantFrom('a', ' ', '\n', '—', 'è', '+', '😀', '\u2028')
    const text = fc.string({ unit: character, maxLength: 30 }).map((text) => `${text}\n`)
    const signature = fc.record({
      name: fc.string({ unit: 'binary', minLength: 1, maxLength: 9 }).filter(isKeyName),
      keyId: fc.nat(0xffffffff),
      signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
    })
    const signatures = fc.array(signature, { minLength: 1, maxLength: 32 })
    fc.assert(
      fc.property(text, signatures, (text, signatures) => {
        const note = { text, signatures }
        expect(parsed(formatSignedNote(note))).toEqual(note)
        expect(parseSignatureLines(signatures.map(formatSignatureLine).join(''))).toEqual(
          signatures,
        )
      }),
    )
  })
})

describe('verification', () => {
  it('knows its own line by name and id', async () => {
    const log = await makeSigner('example.com/log', 'ed25519')
    const other = await makeSigner('example.com/log', 'ed25519')
    const text = 'text\n'
    const signatures = [await signNote(text, log)]
    expect(await verifyNote({ text, signatures }, log.key)).toBe('valid')
    expect(await verifyNote({ text, signatures }, other.key)).toBe('absent')
    const renamed = [{ ...signatures[0]!, name: 'example.com/other' }]
    expect(await verifyNote({ text, signatures: renamed }, log.key)).toBe('absent')
    expect(await verifyNote({ text: 'other\n', signatures }, log.key)).toBe('invalid')
  })

  it('refuses a note in which one of its lines is wrong', async () => {
    const log = await makeSigner('example.com/log', 'ed25519')
    const right = await signNote('text\n', log)
    const wrong = await signNote('other\n', log)
    for (const signatures of [[right, wrong], [wrong, right], [wrong]])
      expect(await verifyNote({ text: 'text\n', signatures }, log.key)).toBe('invalid')
    const foreign = await signNote('other\n', await makeSigner('example.com/x', 'ed25519'))
    const note = { text: 'text\n', signatures: [foreign, right] }
    expect(await verifyNote(note, log.key)).toBe('valid')
  })

  it('fails on a signature of any other length', async () => {
    const log = await makeSigner('example.com/log', 'ed25519')
    const right = await signNote('text\n', log)
    for (const signature of [right.signature.slice(1), new Uint8Array([...right.signature, 0])]) {
      const note = { text: 'text\n', signatures: [{ ...right, signature }] }
      expect(await verifyNote(note, log.key)).toBe('invalid')
    }
  })
})

describe('a verifier key', () => {
  it('goes back and forth', () => {
    expect(formatVerifierKey(exampleKey())).toBe(EXAMPLE_KEY)
    const publicKey = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(publicKey, fc.boolean(), (publicKey, isWitness) => {
        const type = isWitness ? 'cosignature/v1' : 'ed25519'
        const key = verifierKey('exchange.uz/log/1', type, publicKey)
        expect(parseVerifierKey(formatVerifierKey(key), type)).toEqual(key)
        const other = isWitness ? 'ed25519' : 'cosignature/v1'
        expect(parseVerifierKey(formatVerifierKey(key), other)).toHaveProperty('malformed')
        expect(verifierKey('exchange.uz/log/1', other, publicKey).keyId).not.toBe(key.keyId)
      }),
    )
  })

  it.each([
    '',
    'example.com/foo',
    EXAMPLE_KEY.replace('530d', '530D'),
    EXAMPLE_KEY.replace('530d', '530e'),
    EXAMPLE_KEY.replace('foo', 'fo'),
    EXAMPLE_KEY.replace('foo', 'f o'),
    EXAMPLE_KEY.replace('foo', 'f+o'),
    EXAMPLE_KEY.replace('AekyeRrm', 'Aekye'),
    EXAMPLE_KEY.slice(0, -4),
    EXAMPLE_KEY.slice(0, -1),
    `${EXAMPLE_KEY}\n`,
    `${EXAMPLE_KEY}AAAA`,
    EXAMPLE_KEY.replace('+Aek', '+BOk'),
    EXAMPLE_KEY.slice(EXAMPLE_KEY.indexOf('+')),
  ])('is not %j', (text) => {
    expect(parseVerifierKey(text, 'ed25519')).toHaveProperty('malformed')
  })

  it('has a name and 32 octets', () => {
    const publicKey = new Uint8Array(32)
    for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u3000b', 'a\u0001b', '\ud800'])
      expect(() => verifierKey(name, 'ed25519', publicKey)).toThrow(RangeError)
    expect(() => verifierKey('name', 'ed25519', new Uint8Array(31))).toThrow(RangeError)
  })
})
