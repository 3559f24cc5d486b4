import type { Files } from './folder.ts'
import { ownMerkle, ownStatusLists } from './lists.ts'
import { ownCrls, ownLimbo, ownPkits } from './paths.ts'
import { ownCookbook, ownJades, ownJws, ownRaw } from './signatures.ts'

/** Reads an object or array of a folder as what the test knows it to be. */
export type Edit = (files: Files) => void
export const at = <T>(files: Files, file: string) => files[file] as T
export type Named = Record<string, unknown>

/** An edition of a suite that is not the one at hand: own cases, counts, file names and parameters. */
export interface Edition {
  readonly suite: string
  readonly make: () => Files | Promise<Files>
  readonly passes: string
  /** Wants refused what is accepted; the line that then names the case. */
  readonly turn: Edit
  readonly turned: string
  /** Adds a case, not yet announced, that comes out wrong and that nothing waives. */
  readonly add: Edit
  readonly added: string
  /** Makes one case unreadable; the line that then names it, and the closing line of all. */
  readonly damage: Edit
  readonly damaged: readonly [line: string, last: string]
  /** Takes every case away, and says so in suite.json. */
  readonly empty: Edit
}

const none = { cases: 0 }
export const assign = (files: Files, file: string, members: object) => {
  Object.assign(files[file] as object, members)
}
const announceNone: Edit = (files) => assign(files, 'suite.json', none)

export const EDITIONS: readonly Edition[] = [
  {
    suite: 'pkits',
    make: ownPkits,
    passes: '2 passed, 0 failed, 0 skipped',
    turn: (files) => (at<Named[]>(files, 'tests.json')[0]!['should_validate'] = false),
    turned: 'FALSE ACCEPT  OwnGood: ',
    add(files) {
      const tests = at<Named[]>(files, 'tests.json')
      tests.push({ ...tests[0], name: 'OwnGap', certs: ['Root', 'State', 'Seal'] })
    },
    added: 'FALSE REJECT  OwnGap: ',
    damage: (files) => (at<Named[]>(files, 'tests.json')[0]!['certs'] = ['Root', 'Nowhere']),
    damaged: ['UNREADABLE  OwnGood: ENOENT', '1 passed, 1 failed, 0 skipped'],
    empty(files) {
      announceNone(files)
      files['tests.json'] = []
    },
  },
  {
    suite: 'x509-limbo',
    make: ownLimbo,
    passes: '2 passed, 0 failed, 1 skipped',
    turn: (files) => (limboCases(files)[0]!['expected_result'] = 'FAILURE'),
    turned: 'FALSE ACCEPT  own::good: ',
    add(files) {
      const cases = limboCases(files)
      cases.push({ ...cases[0], id: 'own::gap', untrusted_intermediates: [] })
      assign(files, 'tiers.json', { 'own::gap': 'T1pos' })
      assign(at<Files>(files, 'suite.json'), 'tiers', { T1pos: 1 })
    },
    added: 'FALSE REJECT  own::gap: ',
    damage: (files) => (limboCases(files)[0]!['peer_certificate'] = 'no block'),
    damaged: ['UNREADABLE  own::good: A PEM text', '1 passed, 1 failed, 1 skipped'],
    empty(files) {
      assign(files, 'suite.json', { ...none, tiers: {} })
      limboCases(files).length = 0
    },
  },
  {
    suite: 'crl',
    make: ownCrls,
    passes: '3 passed, 0 failed, 0 skipped',
    turn: (files) => (crlCases(files)[0]!['status'] = 'unknown'),
    turned: 'FALSE ACCEPT  own/good.pem: good, not unknown',
    add(files) {
      files['pem/more.pem'] = files['pem/own/ended.pem']
      crlCases(files).push({ file: 'more.pem', status: 'revoked' })
    },
    added: 'FALSE REJECT  more.pem: unknown, not revoked',
    damage: (files) => (files['pem/own/good.pem'] = '-----BEGIN CERTIFICATE-----'),
    damaged: [
      'UNREADABLE  own/good.pem: pem/own/good.pem holds no',
      '2 passed, 1 failed, 0 skipped',
    ],
    empty(files) {
      announceNone(files)
      crlCases(files).length = 0
    },
  },
  {
    suite: 'wycheproof-jws',
    make: ownJws,
    passes: '7 passed, 0 failed, 1 skipped',
    turn: (files) => (jwsTests(files)[0]!['result'] = 'invalid'),
    turned: 'FALSE ACCEPT  narrow/tc1: ',
    add(files) {
      const tests = jwsTests(files)
      tests.push({ ...tests[1], tcId: 5, result: 'valid' })
    },
    added: 'FALSE REJECT  narrow/tc5: ',
    damage: (files) => (jwsTests(files)[0]!['result'] = 'perhaps'),
    damaged: ['UNREADABLE  both/tc1: result: ', '5 passed, 2 failed, 1 skipped'],
    empty(files) {
      announceNone(files)
      at<{ testGroups: unknown[] }>(files, 'own.json').testGroups.length = 0
    },
  },
  {
    suite: 'wycheproof-raw',
    make: ownRaw,
    passes: '4 passed, 0 failed, 0 skipped',
    turn: (files) => (rawTests(files)[0]!['result'] = 'invalid'),
    turned: 'FALSE ACCEPT  p384/tc1: ',
    add(files) {
      const tests = rawTests(files)
      tests.push({ ...tests[1], tcId: 3, result: 'valid' })
    },
    added: 'FALSE REJECT  p384/tc3: ',
    damage: (files) => (rawTests(files)[1]!['sig'] = '3066023q'),
    damaged: ['UNREADABLE  p384/tc2: not hexadecimal', '3 passed, 1 failed, 0 skipped'],
    empty: (files) => assign(files, 'suite.json', { ...none, files: {} }),
  },
  {
    suite: 'jose-cookbook',
    make: ownCookbook,
    passes: '7 passed, 0 failed, 1 skipped',
    // The signature of another payload, where the run wants every one of its algorithm accepted.
    turn: (files) => assign(at<Files>(files, 'jws/detached.json'), 'input', { payload: 'else' }),
    turned: 'FALSE REJECT  all/detached/compact: ',
    add(files) {
      const { input, output } = structuredClone(
        at<Record<string, Named>>(files, 'jws/detached.json'),
      )
      const flat = { ...(output!['json_flat'] as Named), signature: 'AAAA' }
      files['jws/more.json'] = { input, output: { json_flat: flat } }
    },
    added: 'FALSE REJECT  all/more/json_flat: ',
    damage: (files) => (files['jws/detached.json'] = '{"input":'),
    damaged: ['UNREADABLE  detached: jws/detached.json: ', '1 passed, 1 failed, 1 skipped'],
    empty(files) {
      announceNone(files)
      for (const file of Object.keys(files)) if (file.startsWith('jws/')) delete files[file]
    },
  },
  {
    suite: 'jades',
    make: ownJades,
    passes: '2 passed, 0 failed, 0 skipped',
    turn: (files) => (at<Named[]>(files, 'cases.json')[0]!['structure'] = 'violates'),
    turned: 'FALSE ACCEPT  conforms.jws: ',
    add(files) {
      files['samples/more.jws'] = files['samples/two-times.jws']
      const cases = at<Named[]>(files, 'cases.json')
      cases.push({ ...cases[0], file: 'more.jws' })
    },
    added: 'FALSE REJECT  more.jws: both iat and sigT',
    damage: (files) => delete files['samples/conforms.jws'],
    damaged: ['UNREADABLE  conforms.jws: ENOENT', '1 passed, 1 failed, 0 skipped'],
    empty(files) {
      announceNone(files)
      files['cases.json'] = []
    },
  },
  {
    suite: 'merkle',
    make: ownMerkle,
    passes: '3 passed, 0 failed, 0 skipped',
    turn(files) {
      const good = at<string>(files, 'inclusion/good.json')
      files['inclusion/good.json'] = good.replace('"wantErr":false', '"wantErr":true')
    },
    turned: 'FALSE ACCEPT  inclusion/good.json: ',
    add(files) {
      files['consistency/own.json'] =
        '{"size1": 1, "size2": 2, "root1": null, "root2": null, "proof": null, "wantErr": false}'
      assign(files, 'suite.json', { consistency: 1 })
    },
    added: 'FALSE REJECT  consistency/own.json: ',
    damage: (files) => (files['inclusion/good.json'] = '{"leafIdx": 1'),
    damaged: ['UNREADABLE  inclusion/good.json: ', '2 passed, 1 failed, 0 skipped'],
    empty(files) {
      assign(files, 'suite.json', { ...none, inclusion: 0 })
      for (const file of Object.keys(files)) if (file.startsWith('inclusion/')) delete files[file]
    },
  },
  {
    suite: 'token-status-list',
    make: ownStatusLists,
    passes: '2 passed, 0 failed, 0 skipped',
    turn: (files) => assign(at<Files[]>(files, 'vectors.json')[0]!, 'status', { 1: 0 }),
    turned: 'WRONG  in full: indices 1',
    add(files) {
      const vectors = at<Named[]>(files, 'vectors.json')
      vectors.push({ ...vectors[1], name: 'more', others: 1 })
    },
    added: 'WRONG  more: indices 0,2,3',
    damage: (files) => (at<Named[]>(files, 'vectors.json')[0]!['list'] = 'x'),
    damaged: ['UNREADABLE  in full: list: ', '1 passed, 1 failed, 0 skipped'],
    empty(files) {
      announceNone(files)
      files['vectors.json'] = []
    },
  },
]

const limboCases = (files: Files) =>
  at<{ testcases: Named[] }>(files, 'limbo-2026-03.json').testcases
const crlCases = (files: Files) => at<{ cases: Named[] }>(files, 'expected.json').cases
type Groups = { testGroups: { tests: Named[] }[] }
const jwsTests = (files: Files) => at<Groups>(files, 'own.json').testGroups[0]!.tests
const rawTests = (files: Files) => at<Groups>(files, 'p384.json').testGroups[0]!.tests
