import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { encodePem } from '../../../src/node/pki/pem.ts'
import { EXCHANGE_POLICY } from '../../../src/x509/oids.ts'
import type { PathResult } from '../../../src/x509/path-result.ts'
import { parsePath, validatePath } from '../../../src/x509/path-validation.ts'
import { parseX509Certificate } from '../../../src/x509/x509-certificate.ts'
import {
  CONFORMING,
  basicConstraints,
  derName,
  directoryName,
  dnsName,
  extension,
  forgePath,
  hexToOctets,
  keyUsage,
  permitted,
  policies,
} from './forgery.ts'
import type { ForgedPath, Recipe } from './forgery.ts'

const run = promisify(execFile)
const AT = new Date('2027-06-01T00:00:00Z')
const PATHS = 1_000
const AT_ONCE = 4

const dir = await mkdtemp(join(tmpdir(), 'certex-differential-'))
afterAll(() => rm(dir, { recursive: true }))

type Role = keyof typeof CONFORMING
type Extensions = readonly Uint8Array<ArrayBuffer>[]
const ROLES: readonly Role[] = ['root', 'stateCa', 'bodyCa', 'seal']

/** Numbers that repeat from run to run, so that a difference can be looked at again. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** One change to the certificate of one role. */
const MUTATIONS: readonly ((
  extensions: Extensions,
  pick: (below: number) => number,
) => Partial<Recipe>)[] = [
  () => ({ notAfter: '270531235959Z' }),
  () => ({ notBefore: '270601000001Z' }),
  () => ({ notAfter: '20500101000000Z' }),
  (all, pick) => ({ extensions: all.toSpliced(pick(all.length), 1) }),
  (all, pick) => ({ extensions: [...all, all[pick(all.length)]!] }),
  (all) => ({ extensions: [...all, extension('1.2.3.4.5', true, hexToOctets('0500'))] }),
  (all) => ({ extensions: [...all, extension('1.2.3.4.5', false, hexToOctets('0500'))] }),
  (all, pick) => ({ extensions: all.with(pick(all.length), basicConstraints(BigInt(pick(3)))) }),
  (all, pick) => ({ extensions: all.with(pick(all.length), basicConstraints(0n, pick(2) === 1)) }),
  (all, pick) => ({ extensions: all.with(pick(all.length), keyUsage([1, 1 << (1 + pick(7))])) }),
  (all, pick) => ({
    extensions: all.with(
      pick(all.length),
      permitted([directoryName(derName(['C', ['BY', 'by', 'UZ'][pick(3)]!]))], pick(4) > 0),
    ),
  }),
  (all, pick) => ({ extensions: all.with(pick(all.length), permitted([dnsName('example.com')])) }),
  (all, pick) => ({ extensions: all.with(pick(all.length), policies('1.2.3.4', EXCHANGE_POLICY)) }),
  (all, pick) => ({ extensions: all.with(pick(all.length), policies('1.2.3.4')) }),
  (all, pick) => ({ extensions: all.with(pick(all.length), policies('2.5.29.32.0')) }),
  () => ({ subject: derName(['C', 'UZ'], ['O', 'Forgery'], ['CN', 'Moved']) }),
  () => ({ subject: derName(['C', 'by'], ['O', '  forgery '], ['CN', 'Folded']) }),
  () => ({ serialNumber: hexToOctets('00') }),
  () => ({ serialNumber: hexToOctets('80') }),
  () => ({ serialNumber: hexToOctets('5a'.repeat(21)) }),
  () => ({ outerAlgorithm: hexToOctets('300a06082a8648ce3d040303') }),
  () => ({ version: 1 }),
  () => ({ version: 0, extensions: [] }),
]

async function mutatedPath(pick: (below: number) => number): Promise<ForgedPath> {
  const changes: Partial<Record<Role, Partial<Recipe>>> = {}
  for (let count = pick(3); count > 0; count--) {
    const role = ROLES[pick(ROLES.length)]!
    changes[role] = MUTATIONS[pick(MUTATIONS.length)]!(CONFORMING[role], pick)
  }
  const path = await forgePath(changes)
  if (pick(3) > 0) return path
  const x5c = path.x5c.map((der) => der.slice())
  const der = x5c[pick(x5c.length)]!
  der[pick(der.length)]! ^= 1 << pick(8)
  return { ...path, x5c }
}

/** The engine as openssl is asked: RFC 5280 with the rules for authorities, one required policy. */
async function ourVerdict({ x5c, root }: ForgedPath): Promise<PathResult> {
  const parsed = parsePath(x5c)
  if ('result' in parsed) return parsed
  const anchor = parseX509Certificate(root.certificate)
  if ('malformed' in anchor) return validatePath({ ...QUERY, path: [], anchor: parsed.path[0]! })
  return validatePath({ ...QUERY, path: parsed.path, anchor })
}

const QUERY = {
  at: AT,
  eku: [],
  policy: {
    initialPolicySet: [EXCHANGE_POLICY],
    explicit: true,
    inhibitMapping: false,
    inhibitAny: false,
  },
  issuanceRules: true,
  rsaMinBits: 3072,
  revocation: undefined,
}

async function opensslVerdict(name: string, { x5c, root }: ForgedPath): Promise<string> {
  const [leaf, ...above] = x5c.map((der) => encodePem('CERTIFICATE', der))
  const file = (kind: string) => join(dir, `${name}-${kind}.pem`)
  await writeFile(file('root'), encodePem('CERTIFICATE', root.certificate))
  await writeFile(file('above'), above.join(''))
  await writeFile(file('leaf'), leaf!)
  const args = [
    ['verify', '-x509_strict', '-partial_chain', '-no-CApath', '-no-CAstore'],
    ['-auth_level', '2', '-attime', String(AT.getTime() / 1000)],
    ['-policy_check', '-explicit_policy', '-policy', EXCHANGE_POLICY],
    ['-CAfile', file('root'), '-untrusted', file('above'), file('leaf')],
  ].flat()
  try {
    await run('openssl', args)
    return 'OK'
  } catch (error) {
    return (error as { stderr: string }).stderr
  }
}

/** Where openssl lets pass: its reading of DER, rules on serial numbers, keys and identifiers. */
const STRICTER = ['shape-not-conforming', 'certificate-malformed', 'key-not-allowed']

describe(`${PATHS} mutated paths against openssl`, () => {
  it('we accept none that openssl refuses, and say why where only we refuse', async () => {
    const pick = numbersFrom(20_270_601)
    const weaker: string[] = []
    const stricter = new Set<string>()
    const agreed = { accepted: 0, refused: 0 }
    async function compare(index: number): Promise<void> {
      const path = await mutatedPath(pick)
      const [ours, theirs] = await Promise.all([
        ourVerdict(path),
        opensslVerdict(String(index % AT_ONCE), path),
      ])
      if (ours.result === 'valid' && theirs !== 'OK') weaker.push(`${index}: ${theirs}`)
      else if (ours.result !== 'valid' && theirs === 'OK') stricter.add(ours.code)
      else agreed[ours.result === 'valid' ? 'accepted' : 'refused']++
    }
    for (let index = 0; index < PATHS; index += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => compare(index + i)))
    expect(weaker).toEqual([])
    expect(agreed.accepted).toBeGreaterThan(100)
    expect(agreed.refused).toBeGreaterThan(300)
    for (const code of stricter) expect(STRICTER).toContain(code)
  })
})
