import { describe, expect, it } from 'vitest'
import { sha256Sync } from '../../../src/crypto/suite.ts'
import { formatCheckpoint, parseSignedCheckpoint } from '../../../src/tlog/checkpoint.ts'
import { proveInclusion } from '../../../src/tlog/inclusion.ts'
import { signNote } from '../../../src/tlog/note-signature.ts'
import {
  formatLogProof,
  parseLogProof,
  provesInclusion,
  type LogProof,
} from '../../../src/tlog/proof.ts'
import { formatSignedNote } from '../../../src/tlog/signed-note.ts'
import { splitTextHead } from '../../../src/tlog/text-head.ts'
import { makeSigner, utf8 } from './keys.ts'
import { entry, naiveTree, storedTree } from './trees.ts'

const SIZE = 300
const naive = naiveTree(entry)
const { reader } = storedTree(SIZE)

async function proofOf(index: number, size: number): Promise<LogProof> {
  const text = formatCheckpoint({
    origin: 'exchange.uz/log/1',
    size: BigInt(size),
    rootHash: naive.root(size),
    extensions: [],
  })
  const signatures = [await signNote(text, await makeSigner('exchange.uz/log/1', 'ed25519'))]
  const signed = parseSignedCheckpoint(utf8(formatSignedNote({ text, signatures })))
  if ('malformed' in signed) throw new Error(signed.malformed)
  const path = await proveInclusion(sha256Sync, reader, BigInt(index), BigInt(size))
  return { index: BigInt(index), path, signed }
}

describe('a proof', () => {
  it('has the lines of the specification', async () => {
    const proof = await proofOf(4, 7)
    const lines = formatLogProof({ ...proof, extra: utf8('extra') }).split('\n')
    expect(lines.slice(0, 3)).toEqual(['c2sp.org/tlog-proof@v1', 'extra ZXh0cmE=', 'index 4'])
    const hashes = naive.inclusion(4, 7).map((node) => Buffer.from(node).toString('base64'))
    expect(lines.slice(3, 8)).toEqual([...hashes, '', 'exchange.uz/log/1'])
  })

  it('goes back and forth', async () => {
    for (const [index, size] of [
      [0, 1],
      [4, 7],
      [255, 256],
      [256, 300],
    ] as const) {
      const proof = await proofOf(index, size)
      expect(parseLogProof(utf8(formatLogProof(proof)))).toEqual(proof)
      const more = { ...proof, extra: new Uint8Array(1_000) }
      expect(parseLogProof(utf8(formatLogProof(more)))).toEqual(more)
    }
  })

  it('proves its entry and no other, at its index and no other', async () => {
    const proof = await proofOf(4, 7)
    const proves = (change: Partial<LogProof>, of: number) =>
      provesInclusion(sha256Sync, { ...proof, ...change }, entry(of))
    expect(proves({}, 4)).toBe(true)
    expect(proves({}, 5)).toBe(false)
    expect(proves({ index: 5n }, 4)).toBe(false)
    expect(proves({ path: proof.path.slice(1) }, 4)).toBe(false)
    expect(proves({ signed: (await proofOf(4, 8)).signed }, 4)).toBe(false)
  })

  it('is refused when a line is missing, foreign or misplaced', async () => {
    const text = formatLogProof({ ...(await proofOf(4, 7)), extra: utf8('extra') })
    const [first, extra, index, hash] = text.split('\n')
    const wrong = [
      '',
      '\n\n',
      text.replace('@v1', '@v2'),
      text.replace(`${first}\n`, ''),
      text.replace(`${index}\n`, ''),
      text.replace(`${extra}\n${index}`, `${index}\n${extra}`),
      text.replace(`${extra}\n`, `${extra}\n${extra}\n`),
      text.replace(extra!, 'extra '),
      text.replace(extra!, 'extra ZXh0cmE'),
      text.replace('index 4', 'index 04'),
      text.replace('index 4', 'index  4'),
      text.replace('index 4', 'index 4 '),
      text.replace('index 4', 'index -4'),
      text.replace('index 4', 'index'),
      text.replace(hash!, `${hash} `),
      text.replace(hash!, hash!.slice(0, -4)),
      text.replace(hash!, ''),
      text.replace(`${hash}\n`, `${hash}\n`.repeat(65)),
      text.replace('\n\n', '\n'),
      text.replace('\n\n', '\n\n\n'),
      text.replace('\n\n', '\n—\n\n'),
      text.slice(0, -1),
      text.slice(0, text.lastIndexOf('\n\n') + 2),
      text.replaceAll('\n', '\r\n'),
      text.replace(extra!, `extra ${'AAAA'.repeat(20_000)}`),
    ]
    expect(parseLogProof(utf8(text))).not.toHaveProperty('malformed')
    for (const changed of wrong)
      expect(parseLogProof(utf8(changed)), changed.slice(0, 300)).toHaveProperty('malformed')
  })
})

describe('the head of a text', () => {
  it('ends at the first empty line, is ASCII and no longer than allowed', () => {
    expect(splitTextHead(utf8('one\ntwo\n\nrest\n\n'), 100)).toEqual({
      lines: ['one', 'two'],
      rest: utf8('rest\n\n'),
    })
    expect(splitTextHead(utf8('one\n\n'), 5)).toEqual({ lines: ['one'], rest: utf8('') })
    expect(splitTextHead(utf8('one\n\n'), 4)).toBeUndefined()
    expect(splitTextHead(utf8('one\n'), 100)).toBeUndefined()
    expect(splitTextHead(utf8('é\n\n'), 100)).toBeUndefined()
  })
})
