import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPolicy, type LogPolicy, parsePolicy } from '../../../src/tlog/policy.ts'
import { missingForQuorum, quorumReachedAt, witnessesOfQuorum } from '../../../src/tlog/quorum.ts'
import {
  formatVerifierKey,
  type SignatureType,
  verifierKey,
} from '../../../src/tlog/verifier-key.ts'

const utf8 = new TextEncoder()
const read = (text: string) => parsePolicy(utf8.encode(text))
function policyOf(text: string): LogPolicy {
  const policy = read(text)
  if ('malformed' in policy) throw new Error(policy.malformed)
  return policy
}

/** A key of its own for every name; no test here verifies a signature. */
function key(name: string, type: SignatureType = 'cosignature/v1'): string {
  const octets = new Uint8Array(type === 'ml-dsa-44' ? 1312 : 32)
  octets.set(utf8.encode(name).slice(0, 32))
  return formatVerifierKey(verifierKey(name, type, octets))
}
const LOG = key('exchange.by/log/1', 'ed25519')
const [X1, X2, X3, Y1] = ['x1', 'x2', 'x3', 'y1'].map((name) => key(name))

/** As the specification has it, two levels of groups. */
const EXAMPLE = `# The log of Belarus
log ${LOG} https://by.example/log

witness X1 ${X1} https://x1.example/
\t witness X2 ${X2}
witness X3 ${X3}
group X-witnesses 2 X1 X2 X3
witness Y1 ${Y1}
group Y-witnesses any Y1
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`

describe('a policy file', () => {
  it('is read as the specification writes it, and written so that it is read again', () => {
    const policy = policyOf(EXAMPLE)
    expect(policy.logs).toMatchObject([
      { key: { name: 'exchange.by/log/1' }, url: 'https://by.example/log' },
    ])
    expect(policy.witnesses.map(({ name, url }) => [name, url])).toEqual([
      ['X1', 'https://x1.example/'],
      ['X2', undefined],
      ['X3', undefined],
      ['Y1', undefined],
    ])
    expect(policy.groups).toEqual([
      { name: 'X-witnesses', threshold: 2, members: ['X1', 'X2', 'X3'] },
      { name: 'Y-witnesses', threshold: 1, members: ['Y1'] },
      { name: 'X-and-Y', threshold: 2, members: ['X-witnesses', 'Y-witnesses'] },
    ])
    expect(policyOf(formatPolicy(policy))).toEqual(policy)
  })

  it('may need one witness, or none, and name no log', () => {
    expect(policyOf(`witness X1 ${X1}\nquorum X1\n`)).toMatchObject({ logs: [], quorum: 'X1' })
    expect(policyOf('quorum none\n')).toMatchObject({ witnesses: [], quorum: 'none' })
  })

  it('may name a witness whose cosignatures are not verified here', () => {
    const policy = policyOf(`witness pq ${key('pq', 'ml-dsa-44')}\nquorum pq\n`)
    expect(policy.witnesses).toMatchObject([{ name: 'pq', key: { type: 'ml-dsa-44' } }])
    expect(policyOf(formatPolicy(policy))).toEqual(policy)
  })

  const many = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join('')
  const witnesses = (count: number) => many(count, (i) => `witness w${i} ${key(`w${i}`)}\n`)
  it('may have 32 logs, witnesses and groups, as the specification asks for', () => {
    const logs = many(32, (i) => `log ${key(`log${i}`, 'ed25519')}\n`)
    const groups = many(32, (i) => `group g${i} any w${i}${i > 0 ? ` g${i - 1}` : ''}\n`)
    const policy = policyOf(`${logs}${witnesses(32)}${groups}quorum g31\n`)
    expect([policy.logs.length, policy.witnesses.length, policy.groups.length]).toEqual([
      32, 32, 32,
    ])
  })

  it.each([
    ['an unknown line', `witness X1 ${X1}\nnotary X2\nquorum X1\n`, 'line 2: "notary" is none of'],
    ['no quorum', `witness X1 ${X1}\n`, 'line 1: it ends without a quorum'],
    ['nothing', '', 'line 0: it ends without a quorum'],
    ['two quorums', 'quorum none\nquorum none\n', 'line 2: a second quorum'],
    ['no newline at the end', 'quorum none', 'line 1: no newline at its end'],
    ['a carriage return', 'quorum none\r\n', 'line 1: a control character'],
    ['a NUL in a comment', '# \0\nquorum none\n', 'line 1: a control character'],
    ['a byte order mark', '\ufeffquorum none\n', 'line 1: "\ufeffquorum" is none of'],
    ['other white space', 'quorum\u00a0none\n', 'is none of'],
    [
      'a quorum before its group',
      `quorum g\nwitness X1 ${X1}\ngroup g any X1\n`,
      'line 1: no line',
    ],
    ['a quorum of two', 'quorum none none\n', 'line 1: not: quorum <name>'],
    [
      'a group before its member',
      `group g any X1\nwitness X1 ${X1}\nquorum g\n`,
      'line 1: no line before it defines "X1"',
    ],
    ['a group in itself', `group g any g\nquorum g\n`, 'line 1: no line before it defines "g"'],
    ['a group of nobody', 'group g any\nquorum g\n', 'line 1: not: group'],
    [
      'none as a member',
      `group g any none\nquorum g\n`,
      'line 1: no line before it defines "none"',
    ],
    [
      'none as a name',
      `witness none ${X1}\nquorum none\n`,
      'line 1: none is no name that can be given',
    ],
    [
      'a name twice',
      `witness X1 ${X1}\nwitness X1 ${X2}\nquorum X1\n`,
      'line 2: "X1" was defined before',
    ],
    [
      'a group named as a witness',
      `witness X1 ${X1}\ngroup X1 any X1\nquorum X1\n`,
      'line 2: "X1" was defined before',
    ],
    [
      'a member twice',
      `witness X1 ${X1}\ngroup g any X1 X1\nquorum g\n`,
      'line 2: "X1" is a member already',
    ],
    [
      'a member of two groups',
      `witness X1 ${X1}\nwitness X2 ${X2}\ngroup a any X1\ngroup b all X1 X2\nquorum b\n`,
      'line 4: "X1" is a member already',
    ],
    [
      'a threshold of 0',
      `witness X1 ${X1}\ngroup g 0 X1\nquorum g\n`,
      'line 2: not all, any, or a number from 1 to 1',
    ],
    [
      'a threshold above',
      `witness X1 ${X1}\ngroup g 2 X1\nquorum g\n`,
      'line 2: not all, any, or a number from 1 to 1',
    ],
    [
      'a threshold with a zero before',
      `witness X1 ${X1}\ngroup g 01 X1\nquorum g\n`,
      'line 2: not all',
    ],
    [
      'a key twice',
      `witness X1 ${X1}\nwitness X2 ${X1}\nquorum X1\n`,
      'line 2: this key was named before',
    ],
    [
      'a key twice under two names',
      `witness X1 ${X1}\nwitness X2 ${formatVerifierKey(verifierKey('other', 'cosignature/v1', new Uint8Array([...utf8.encode('x1'), ...new Uint8Array(30)])))}\nquorum X1\n`,
      'line 2: this key was named before',
    ],
    ['a log twice', `log ${LOG}\nlog ${LOG}\nquorum none\n`, 'line 2: this key was named before'],
    [
      'a log as a witness',
      `witness X1 ${LOG}\nquorum X1\n`,
      'line 1: the key of X1: not a key of type',
    ],
    [
      'a witness as a log',
      `log ${X1}\nquorum none\n`,
      'line 1: the key of the log: not a key of type',
    ],
    [
      'a key whose id is another',
      `witness X1 ${X1!.replace(/\+[0-9a-f]{8}\+/, '+00000000+')}\nquorum X1\n`,
      'line 1: the key of X1: the id is not that of the key',
    ],
    ['a witness without a key', 'witness X1\nquorum X1\n', 'line 1: not: witness'],
    ['what is no URL', `log ${LOG} by\nquorum none\n`, 'line 1: not a URL'],
    [
      'a name without end',
      `witness ${'x'.repeat(101)} ${X1}\nquorum none\n`,
      'line 1: a name is longer than 100',
    ],
    ['65 witnesses', `${witnesses(65)}quorum none\n`, 'line 65: more than 64 witnesses'],
  ])('is refused with the line for %s', (_, text, told) => {
    const policy = read(text)
    expect('malformed' in policy ? policy.malformed : policy).toContain(told)
  })

  it('is refused where it is no text, or too long', () => {
    expect(parsePolicy(new Uint8Array([0xff, 0x0a]))).toEqual({ malformed: 'not UTF-8' })
    const long = utf8.encode('#\n'.repeat(300_000))
    expect(parsePolicy(long)).toEqual({ malformed: 'longer than 524288 bytes' })
  })
})

describe('a quorum', () => {
  const policy = policyOf(EXAMPLE)
  const at = (times: Readonly<Record<string, number>>) =>
    quorumReachedAt(policy, (name) => times[name])

  it('is reached when the last one that it needs has cosigned', () => {
    expect(at({ X1: 5, Y1: 3 })).toBeUndefined()
    expect(at({ X1: 5, X3: 9, Y1: 3 })).toBe(9)
    expect(at({ X1: 5, X2: 7, X3: 9, Y1: 3 })).toBe(7)
    expect(at({ X1: 1, X2: 2, X3: 3, Y1: 30 })).toBe(30)
    expect(at({ X1: 1, X2: 2, X3: 3 })).toBeUndefined()
  })

  it('says whom it lacks, and in which group', () => {
    const lacks = (...has: string[]) => missingForQuorum(policy, (name) => has.includes(name))
    expect(lacks('X1', 'X2', 'Y1')).toBe('')
    expect(lacks('X1', 'Y1')).toBe('X-and-Y (1 of 2, without X-witnesses (1 of 2, without X2, X3))')
    expect(lacks('X1', 'X3')).toBe('X-and-Y (1 of 2, without Y-witnesses (0 of 1, without Y1))')
    const single = policyOf(`witness X1 ${X1}\nquorum X1\n`)
    expect(missingForQuorum(single, () => false)).toBe('X1')
    expect(missingForQuorum(policyOf('quorum none\n'), () => false)).toBe('')
  })

  it('knows whom it needs: not those that only stand in the file', () => {
    const also = policyOf(`witness Y1 ${Y1}\nwitness X1 ${X1}\nquorum X1\n`)
    expect(witnessesOfQuorum(also)).toEqual(['X1'])
    expect(witnessesOfQuorum(policy)).toEqual(['X1', 'X2', 'X3', 'Y1'])
  })

  it('agrees with counting, for any times', () => {
    const time = fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined })
    const four = fc.tuple(time, time, time, time)
    fc.assert(
      fc.property(four, ([x1, x2, x3, y1]) => {
        const times: Record<string, number | undefined> = { X1: x1, X2: x2, X3: x3, Y1: y1 }
        const met = (by: number) => {
          const has = (name: string) => (times[name] ?? Infinity) <= by
          return ['X1', 'X2', 'X3'].filter(has).length >= 2 && has('Y1')
        }
        const first = Array.from({ length: 10 }, (_, by) => by).find(met)
        expect(quorumReachedAt(policy, (name) => times[name])).toBe(first)
        const lacks = missingForQuorum(policy, (name) => times[name] !== undefined)
        expect(lacks === '').toBe(first !== undefined)
      }),
    )
  })
})
