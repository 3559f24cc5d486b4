import * as z from 'zod'
import type { ConsistencyCase, InclusionCase } from '../adapter.ts'
import {
  assertCount,
  attempt,
  caseOf,
  Count,
  expectVerdict,
  parameters,
  readJson,
  type Suite,
  type VectorFolder,
} from '../suite.ts'

const Parameters = parameters('merkle', { inclusion: Count, consistency: Count })

const Base64 = z
  .string()
  .regex(/^[A-Za-z0-9+/]*={0,2}$/)
  .nullable()
  .transform((text) => new Uint8Array(Buffer.from(text ?? '', 'base64')))
const Proof = {
  wantErr: z.boolean(),
  proof: z
    .array(Base64)
    .nullable()
    .transform((nodes) => nodes ?? []),
}
const Inclusion = z.object({
  ...Proof,
  leafIdx: z.bigint(),
  treeSize: z.bigint(),
  root: Base64,
  leafHash: Base64,
})
const Consistency = z.object({
  ...Proof,
  size1: z.bigint(),
  size2: z.bigint(),
  root1: Base64,
  root2: Base64,
})

/** Inclusion and consistency proofs of RFC 6962 / RFC 9162. */
export const merkle: Suite = {
  name: 'merkle',
  load(folder) {
    const announced = readJson(folder, 'suite.json', Parameters)
    const inclusion = vectorsOf(folder, 'inclusion', Inclusion)
    const consistency = vectorsOf(folder, 'consistency', Consistency)
    assertCount('inclusion proofs', inclusion.length, announced.inclusion)
    assertCount('consistency proofs', consistency.length, announced.consistency)
    assertCount('cases', inclusion.length + consistency.length, announced.cases)
    return [
      ...inclusion.map((read) =>
        caseOf(read, ({ leafIdx: index, treeSize: size, leafHash, root: rootHash, ...vector }) => ({
          call: 'verifyInclusion',
          input: (): InclusionCase => ({ index, size, leafHash, rootHash, proof: vector.proof }),
          judge: expectVerdict(!vector.wantErr),
        })),
      ),
      ...consistency.map((read) =>
        caseOf(read, (vector) => ({
          call: 'verifyConsistency',
          input: (): ConsistencyCase => ({
            oldSize: vector.size1,
            newSize: vector.size2,
            oldRootHash: vector.root1,
            newRootHash: vector.root2,
            proof: vector.proof,
          }),
          judge: expectVerdict(!vector.wantErr),
        })),
      ),
    ]
  },
}

function vectorsOf<T>(folder: VectorFolder, kind: string, schema: z.ZodType<T>) {
  const exact = { ...folder, text: (file: string) => quoteIntegers(folder.text(file)) }
  return folder
    .list(kind)
    .filter((file) => file.endsWith('.json'))
    .map((file) =>
      attempt(`${kind}/${file}`, () =>
        readJson(exact, `${kind}/${file}`, z.preprocess(withBigints, schema)),
      ),
    )
}

const INTEGERS = ['leafIdx', 'treeSize', 'size1', 'size2']

/** As text: some exceed what a number holds. */
function quoteIntegers(json: string): string {
  return json.replaceAll(/("(?:leafIdx|treeSize|size1|size2)"\s*:\s*)(\d+)/g, '$1"$2"')
}

function withBigints(vector: unknown): unknown {
  const members = Object.entries(Object(vector) as Record<string, unknown>)
  return Object.fromEntries(
    members.map(([name, value]) =>
      INTEGERS.includes(name) && typeof value === 'string' ? [name, BigInt(value)] : [name, value],
    ),
  )
}
