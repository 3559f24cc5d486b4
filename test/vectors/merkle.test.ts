import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { sha256Sync } from '../../src/crypto/suite.ts'
import { verifyConsistency } from '../../src/tlog/consistency.ts'
import { verifyInclusion } from '../../src/tlog/inclusion.ts'
import { describeVectors } from './vector-suite.ts'
import { expectVerdict } from './verdict.ts'

interface Parameters {
  readonly inclusion: number
  readonly consistency: number
}

interface Case {
  readonly desc: string
  readonly wantErr: boolean
  readonly proof: readonly string[] | null
}

interface InclusionCase extends Case {
  readonly leafIdx: bigint
  readonly treeSize: bigint
  readonly root: string | null
  readonly leafHash: string | null
}

interface ConsistencyCase extends Case {
  readonly size1: bigint
  readonly size2: bigint
  readonly root1: string | null
  readonly root2: string | null
}

const FOLDER = new URL('../../../shared/vectors/merkle/', import.meta.url)

function octets(base64: string | null): Uint8Array {
  return new Uint8Array(Buffer.from(base64 ?? '', 'base64'))
}

/** Integers as bigint: some exceed what a number holds. */
function parseCase<T>(text: string): T {
  const quoted = text.replaceAll(/("(?:leafIdx|treeSize|size1|size2)": )(\d+)/g, '$1"$2n"')
  return JSON.parse(quoted, (_, value) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as T
}

describeVectors<Parameters>('merkle', ({ parameters, text }) => {
  function casesOf<T extends Case>(kind: 'inclusion' | 'consistency') {
    const files = readdirSync(new URL(kind, FOLDER), { recursive: true, encoding: 'utf8' })
    return files
      .filter((file) => file.endsWith('.json'))
      .map((file) => ({
        id: `${kind}/${file}`,
        ...parseCase<T>(text(encodeURI(`${kind}/${file}`))),
      }))
  }
  const inclusion = casesOf<InclusionCase>('inclusion')
  const consistency = casesOf<ConsistencyCase>('consistency')

  it('has every case, accepted and refused ones of both kinds', () => {
    expect(inclusion).toHaveLength(parameters.inclusion)
    expect(consistency).toHaveLength(parameters.consistency)
    expect(inclusion.length + consistency.length).toBe(parameters.cases)
    for (const cases of [inclusion, consistency])
      expect(new Set(cases.map(({ wantErr }) => wantErr))).toEqual(new Set([true, false]))
  })

  it('reads integers beyond 2^53 exactly', () => {
    expect(inclusion.map(({ leafIdx }) => leafIdx)).toContain(18446744073709551615n)
  })

  describe('inclusion', () => {
    it.each(inclusion)('$id', ({ id, leafIdx, treeSize, root, leafHash, proof, wantErr }) => {
      const ok = verifyInclusion(sha256Sync, {
        index: leafIdx,
        size: treeSize,
        leafHash: octets(leafHash),
        rootHash: octets(root),
        proof: (proof ?? []).map(octets),
      })
      expectVerdict('merkle', id, { ok, reason: '' }, !wantErr)
    })
  })

  describe('consistency', () => {
    it.each(consistency)('$id', ({ id, size1, size2, root1, root2, proof, wantErr }) => {
      const ok = verifyConsistency(sha256Sync, {
        oldSize: size1,
        newSize: size2,
        oldRootHash: octets(root1),
        newRootHash: octets(root2),
        proof: (proof ?? []).map(octets),
      })
      expectVerdict('merkle', id, { ok, reason: '' }, !wantErr)
    })
  })
})
