import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Malformed } from '../../../src/encoding/der.ts'
import {
  formatCheckpoint,
  parseCheckpoint,
  parseSignedCheckpoint,
} from '../../../src/tlog/checkpoint.ts'
import { formatLogProof, parseLogProof } from '../../../src/tlog/proof.ts'
import {
  formatSignatureLine,
  formatSignedNote,
  parseSignatureLines,
  parseSignedNote,
} from '../../../src/tlog/signed-note.ts'
import { formatTilePath, parseTilePath } from '../../../src/tlog/tile.ts'
import { formatVerifierKey, parseVerifierKey } from '../../../src/tlog/verifier-key.ts'
import { utf8 } from './keys.ts'

const HASH = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I='
const SIGNATURES = `— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`
const CHECKPOINT = `example.com/behind-the-sofa\n20852163\n${HASH}\n`
const NOTE = `${CHECKPOINT}\n${SIGNATURES}`
const PROOF = `c2sp.org/tlog-proof@v1\nextra AAAA\nindex 17\n${HASH}\n\n${NOTE}`
const KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'

/** A reader and its writer: what the reader takes, the writer gives back octet by octet. */
type RoundTrip = (octets: Uint8Array) => Uint8Array | string | undefined

function text(octets: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets)
}

function roundTrip<T extends object>(
  parse: (octets: Uint8Array) => T | undefined,
  format: (value: Exclude<T, Malformed>) => string,
): RoundTrip {
  return (octets) => {
    const value = parse(octets)
    if (value === undefined || 'malformed' in value) return undefined
    return format(value as Exclude<T, Malformed>)
  }
}

const READERS: [string, string, RoundTrip][] = [
  ['signed notes', NOTE, roundTrip(parseSignedNote, formatSignedNote)],
  ['checkpoints', CHECKPOINT, roundTrip((o) => parseCheckpoint(text(o)), formatCheckpoint)],
  [
    'signed checkpoints',
    NOTE,
    roundTrip(parseSignedCheckpoint, ({ note }) => formatSignedNote(note)),
  ],
  [
    'signature lines',
    SIGNATURES,
    roundTrip(
      (o) => parseSignatureLines(text(o)),
      (lines) => lines.map(formatSignatureLine).join(''),
    ),
  ],
  ['proofs', PROOF, roundTrip(parseLogProof, formatLogProof)],
  ['verifier keys', KEY, roundTrip((o) => parseVerifierKey(text(o), 'ed25519'), formatVerifierKey)],
  ['tile paths', 'tile/1/x001/234.p/17', roundTrip((o) => parseTilePath(text(o)), formatTilePath)],
]

/** Octets cut out, and others put in their place. */
interface Change {
  readonly at: number
  readonly cut: number
  readonly insert: Uint8Array
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  cut: fc.nat(40),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 3 }),
    fc.constantFrom('\n', '\n\n', ' ', '— ', '+', '=', '0', '\r', '\0', 'index ', HASH).map(utf8),
  ),
})

function changed(octets: Uint8Array, { at, cut, insert }: Change): Uint8Array {
  const start = at % (octets.length + 1)
  return new Uint8Array([...octets.subarray(0, start), ...insert, ...octets.subarray(start + cut)])
}

describe.each(READERS)('%s', (_, valid, read) => {
  it('are read and written back', () => {
    expect(read(utf8(valid))).toBe(valid)
  })

  it('are never read from two texts alike, and no octets make the reader throw', () => {
    const spoilt = fc
      .array(change, { minLength: 1, maxLength: 3 })
      .map((changes) => changes.reduce(changed, utf8(valid)))
    fc.assert(
      fc.property(fc.oneof(spoilt, fc.uint8Array({ maxLength: 200 })), (octets) => {
        const written = read(octets)
        if (written !== undefined) expect(written).toBe(text(octets))
      }),
      { numRuns: 3_000 },
    )
  })
})
