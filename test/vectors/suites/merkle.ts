import type { ConsistencyCase, InclusionCase } from '../adapter.ts'
import { assertCount, type Case, expectVerdict, type Suite, type VectorFolder } from '../suite.ts'

interface Parameters {
  readonly inclusion: number
  readonly consistency: number
}

interface Vector {
  readonly wantErr: boolean
  readonly proof: readonly string[] | null
  readonly leafIdx: bigint
  readonly treeSize: bigint
  readonly root: string | null
  readonly leafHash: string | null
  readonly size1: bigint
  readonly size2: bigint
  readonly root1: string | null
  readonly root2: string | null
}

/** Inclusion and consistency proofs of RFC 6962 / RFC 9162. */
export const merkle: Suite = {
  name: 'merkle',
  load(folder) {
    const parameters = folder.json('suite.json') as Parameters
    const inclusion = vectorsOf(folder, 'inclusion')
    const consistency = vectorsOf(folder, 'consistency')
    assertCount('inclusion proofs', inclusion.length, parameters.inclusion)
    assertCount('consistency proofs', consistency.length, parameters.consistency)
    return [
      ...inclusion.map(({ id, vector }): Case => {
        const input: InclusionCase = {
          index: vector.leafIdx,
          size: vector.treeSize,
          leafHash: octets(vector.leafHash),
          rootHash: octets(vector.root),
          proof: (vector.proof ?? []).map(octets),
        }
        return { id, call: 'verifyInclusion', input, judge: expectVerdict(!vector.wantErr) }
      }),
      ...consistency.map(({ id, vector }): Case => {
        const input: ConsistencyCase = {
          oldSize: vector.size1,
          newSize: vector.size2,
          oldRootHash: octets(vector.root1),
          newRootHash: octets(vector.root2),
          proof: (vector.proof ?? []).map(octets),
        }
        return { id, call: 'verifyConsistency', input, judge: expectVerdict(!vector.wantErr) }
      }),
    ]
  },
}

function vectorsOf({ list, text }: VectorFolder, kind: string): { id: string; vector: Vector }[] {
  return list(kind)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ id: `${kind}/${file}`, vector: parseVector(text(`${kind}/${file}`)) }))
}

/** Integers as bigint: some exceed what a number holds. */
function parseVector(text: string): Vector {
  const quoted = text.replaceAll(/("(?:leafIdx|treeSize|size1|size2)": )(\d+)/g, '$1"$2n"')
  return JSON.parse(quoted, (_, value) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as Vector
}

function octets(base64: string | null): Uint8Array {
  return new Uint8Array(Buffer.from(base64 ?? '', 'base64'))
}
