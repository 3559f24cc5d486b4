import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  formatCheckpoint,
  parseCheckpoint,
  parseSignedCheckpoint,
  verifyCheckpoint,
  type Checkpoint,
  type SignedCheckpoint,
} from '../../../src/tlog/checkpoint.ts'
import { cosign, verifyCosignature } from '../../../src/tlog/cosignature.ts'
import { MAX_TREE_SIZE } from '../../../src/tlog/merkle.ts'
import { signNote, verifyNote } from '../../../src/tlog/note-signature.ts'
import { formatSignedNote } from '../../../src/tlog/signed-note.ts'
import { verifierKey } from '../../../src/tlog/verifier-key.ts'
import { makeSigner, utf8 } from './keys.ts'

const ORIGIN = 'exchange.uz/log/1'

/** The example of C2SP tlog-cosignature. */
const EXAMPLE = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`

const checkpoint: Checkpoint = {
  origin: ORIGIN,
  size: 300n,
  rootHash: new Uint8Array(32).fill(7),
  extensions: [],
}

function parsed(text: string): SignedCheckpoint {
  const signed = parseSignedCheckpoint(utf8(text))
  if ('malformed' in signed) throw new Error(signed.malformed)
  return signed
}

describe('a checkpoint', () => {
  it('of the specification is read and written back', () => {
    const { checkpoint, note } = parsed(EXAMPLE)
    expect(checkpoint).toMatchObject({
      origin: 'example.com/behind-the-sofa',
      size: 20_852_163n,
      extensions: [],
    })
    expect(formatCheckpoint(checkpoint)).toBe(note.text)
    expect(formatSignedNote(note)).toBe(EXAMPLE)
    expect(note.signatures[1]!.signature.subarray(0, 8)).toEqual(
      new Uint8Array(Buffer.from('00000000641850cb', 'hex')),
    )
  })

  it.each([
    { size: 0n },
    { size: MAX_TREE_SIZE },
    { extensions: ['one', 'two — and three'] },
    { origin: 'Реестр сертификатов' },
  ])('goes back and forth: %o', (change) => {
    const changed = { ...checkpoint, ...change }
    expect(parseCheckpoint(formatCheckpoint(changed))).toEqual(changed)
  })

  const TEXT = formatCheckpoint(checkpoint)
  it.each([
    ['nothing', ''],
    ['two lines', TEXT.split('\n').slice(0, 2).join('\n')],
    ['no newline at the end', TEXT.slice(0, -1)],
    ['no origin', TEXT.replace(ORIGIN, '')],
    ['an empty line', `${TEXT}\n`],
    ['an empty line before an extension', `${TEXT}\nextension\n`],
    ['a leading zero', TEXT.replace('300', '0300')],
    ['zeroes for zero', TEXT.replace('300', '00')],
    ['a sign', TEXT.replace('300', '+300')],
    ['a negative size', TEXT.replace('300', '-300')],
    ['a hexadecimal size', TEXT.replace('300', '0x12c')],
    ['an exponent', TEXT.replace('300', '3e2')],
    ['a space', TEXT.replace('300', '300 ')],
    ['foreign digits', TEXT.replace('300', '٣٠٠')],
    ['a size beyond 63 bits', TEXT.replace('300', String(MAX_TREE_SIZE + 1n))],
    ['a size of a million digits', TEXT.replace('300', '9'.repeat(1_000_000))],
    ['a short root hash', TEXT.replace(/[^\n]+\n$/, 'BwcH\n')],
    ['a root hash without padding', TEXT.replace('=', '')],
    ['a carriage return', TEXT.replaceAll('\n', '\r\n')],
  ])('is refused with %s', (_, text) => {
    expect(parseCheckpoint(text)).toHaveProperty('malformed')
  })

  it.each([
    { origin: '' },
    { origin: 'a\nb' },
    { size: -1n },
    { size: MAX_TREE_SIZE + 1n },
    { rootHash: new Uint8Array(31) },
    { extensions: [''] },
    { extensions: ['a\nb'] },
  ])('is not written with %o', (change) => {
    expect(() => formatCheckpoint({ ...checkpoint, ...change })).toThrow(RangeError)
  })
})

describe('the signature of the log', () => {
  async function signedWith(names: readonly string[]) {
    const text = formatCheckpoint(checkpoint)
    const signers = await Promise.all(names.map((name) => makeSigner(name, 'ed25519')))
    const signatures = await Promise.all(signers.map((signer) => signNote(text, signer)))
    const signed = parsed(formatSignedNote({ text, signatures }))
    return { signed, keys: signers.map(({ key }) => key) }
  }

  it('counts under the name of the origin, also during a rollover', async () => {
    const { signed, keys } = await signedWith([ORIGIN, ORIGIN])
    expect(await verifyCheckpoint(signed, keys)).toBe('valid')
    expect(await verifyCheckpoint(signed, [keys[0]!])).toBe('valid')
    const next = await makeSigner(ORIGIN, 'ed25519')
    expect(await verifyCheckpoint(signed, [next.key, keys[1]!])).toBe('valid')
    expect(await verifyCheckpoint(signed, [next.key])).toBe('absent')
    expect(await verifyCheckpoint(signed, [])).toBe('absent')
  })

  it('does not count under another name', async () => {
    const { signed, keys } = await signedWith(['exchange.by/log/1'])
    expect(await verifyCheckpoint(signed, keys)).toBe('absent')
  })

  it('is refused when one of its keys signed something else', async () => {
    const { signed, keys } = await signedWith([ORIGIN, ORIGIN])
    const [first, second] = signed.note.signatures
    const wrong = { ...second!, signature: first!.signature }
    const note = { ...signed.note, signatures: [first!, wrong] }
    expect(await verifyCheckpoint({ ...signed, note }, keys)).toBe('invalid')
    expect(await verifyCheckpoint({ ...signed, note }, [keys[0]!])).toBe('valid')
  })
})

describe('a cosignature', () => {
  const at = new Date('2026-02-10T09:15:00.900Z')
  const text = formatCheckpoint({ ...checkpoint, extensions: ['an extension'] })

  async function cosigned() {
    const log = await makeSigner(ORIGIN, 'ed25519')
    const witness = await makeSigner('exchange.by/witness', 'cosignature/v1')
    const own = await signNote(text, log)
    const signed = parsed(formatSignedNote({ text, signatures: [own] }))
    return { log, witness, signed, own }
  }

  it('is an Ed25519 signature over header, time and the whole text', async () => {
    const { witness, signed } = await cosigned()
    const { name, keyId, signature } = await cosign(signed, witness, at)
    expect({ name, keyId }).toEqual({ name: witness.key.name, keyId: witness.key.keyId })
    expect(signature).toHaveLength(72)
    const seconds = Buffer.from(signature).readBigUInt64BE()
    expect(seconds).toBe(BigInt(Date.parse('2026-02-10T09:15:00Z') / 1000))
    const x = Buffer.from(witness.key.publicKey).toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    const message = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`)
    expect(verify(null, message, key, signature.subarray(8))).toBe(true)
  })

  it('stands beside the signature of the log, and tells when', async () => {
    const { log, witness, signed, own } = await cosigned()
    const line = await cosign(signed, witness, at)
    const both = parsed(formatSignedNote({ text, signatures: [own, line] }))
    expect(await verifyCheckpoint(both, [log.key])).toBe('valid')
    const verdict = await verifyCosignature(both, witness.key)
    expect(verdict).toEqual({ at: new Date('2026-02-10T09:15:00Z') })
    expect(await verifyCosignature(signed, witness.key)).toBe('absent')
  })

  it('counts from the earliest of several', async () => {
    const { witness, signed, own } = await cosigned()
    const later = await cosign(signed, witness, new Date('2027-01-01T00:00:00Z'))
    const first = await cosign(signed, witness, at)
    const note = { text, signatures: [own, later, first] }
    const verdict = await verifyCosignature({ ...signed, note }, witness.key)
    expect(verdict).toEqual({ at: new Date('2026-02-10T09:15:00Z') })
  })

  it('is refused with another time, another text, another length, or a second wrong one', async () => {
    const { witness, signed } = await cosigned()
    const line = await cosign(signed, witness, at)
    const verdictOf = (signatures: (typeof line)[], changed = text) =>
      verifyCosignature({ ...signed, note: { text: changed, signatures } }, witness.key)
    const earlier = { ...line, signature: line.signature.with(7, line.signature[7]! ^ 1) }
    const distant = { ...line, signature: line.signature.with(0, 0x80) }
    const short = { ...line, signature: line.signature.slice(0, 70) }
    const long = { ...line, signature: new Uint8Array([...line.signature, 0]) }
    expect(await verdictOf([line])).toHaveProperty('at')
    for (const wrong of [earlier, distant, short, long]) {
      expect(await verdictOf([wrong])).toBe('invalid')
      expect(await verdictOf([line, wrong])).toBe('invalid')
    }
    expect(await verdictOf([line], text.replace('300', '301'))).toBe('invalid')
  })

  it('is no signature of a log, even where one key serves both', async () => {
    const { witness, signed } = await cosigned()
    const line = await cosign(signed, witness, at)
    const asLog = verifierKey(witness.key.name, 'ed25519', witness.key.publicKey)
    const note = { text, signatures: [line] }
    expect(await verifyNote(note, asLog)).toBe('absent')
    expect(await verifyNote({ text, signatures: [{ ...line, keyId: asLog.keyId }] }, asLog)).toBe(
      'invalid',
    )
  })

  it('has a time that a date can hold', async () => {
    const { witness, signed } = await cosigned()
    const line = await cosign(signed, witness, at)
    const verdictAt = async (seconds: bigint) => {
      const stamp = Buffer.alloc(8)
      stamp.writeBigUInt64BE(seconds)
      const made = await witness.sign(utf8(`cosignature/v1\ntime ${seconds}\n${text}`))
      const signature = new Uint8Array([...stamp, ...made])
      const note = { text, signatures: [{ ...line, signature }] }
      return verifyCosignature({ ...signed, note }, witness.key)
    }
    expect(await verdictAt(8_640_000_000_000n)).toEqual({ at: new Date(8.64e15) })
    for (const seconds of [8_640_000_000_001n, (1n << 63n) - 1n, (1n << 64n) - 1n])
      expect(await verdictAt(seconds)).toBe('invalid')
  })

  it('has a time after 1970', async () => {
    const { witness, signed } = await cosigned()
    await expect(cosign(signed, witness, new Date(-1))).rejects.toThrow(RangeError)
    await expect(cosign(signed, witness, new Date(NaN))).rejects.toThrow(RangeError)
  })
})
