import { sha256Sync } from '../../../src/crypto/suite.ts'
import { encodeStatusList, packStatusList } from '../../../src/status-list/status-list.ts'
import { leafHash, nodeHash } from '../../../src/tlog/merkle.ts'
import type { Files } from './folder.ts'

const base64 = (octets: Uint8Array) => Buffer.from(octets).toString('base64')

/** As the proofs of transparency-dev, without white space: a tree of two leaves; nothing of growth. */
export function ownMerkle(): Files {
  const [first, second] = ['a', 'b'].map((text) => leafHash(sha256Sync, Buffer.from(text)))
  const root = base64(nodeHash(sha256Sync, first!, second!))
  // By hand: JSON.stringify writes no integer beyond 2^53.
  const proof = (leafIdx: string, treeSize: string, wantErr: boolean) =>
    `{"leafIdx":${leafIdx},"treeSize":${treeSize},"root":"${root}",` +
    `"leafHash":"${base64(first!)}","proof":["${base64(second!)}"],"desc":"own","wantErr":${wantErr}}`
  return {
    'suite.json': { suite: 'merkle', cases: 3, inclusion: 3, consistency: 0 },
    'inclusion/good.json': proof('0', '2', false),
    'inclusion/deep/other-leaf.json': proof('1', '2', true),
    // As a number it would be 2^64, and 2^64 - 2 as well.
    'inclusion/deep/beyond.json': proof('18446744073709551615', '18446744073709551614', true),
  }
}

/** As the examples of the draft: a list told in full, and one of which most is of one value. */
export async function ownStatusLists(): Promise<Files> {
  const entries = [1, 6].map((idx) => ({ idx, status: 2 as const }))
  const list = (size: number) => encodeStatusList(packStatusList(size, entries))
  const status = { 0: 0, 1: 2, 2: 0, 3: 0, 4: 0, 5: 0, 6: 2, 7: 0 }
  return {
    'suite.json': { suite: 'token-status-list', cases: 2 },
    'vectors.json': [
      { name: 'in full', source: 'own', size: 8, others: null, list: await list(8), status },
      {
        name: 'long',
        source: 'own',
        size: 4096,
        others: 0,
        list: await list(4096),
        status: { 1: 2, 6: 2 },
      },
    ],
  }
}
