import type { Malformed } from '../encoding/der.ts'
import {
  formatVerifierKey,
  parseVerifierKey,
  type SignatureType,
  type VerifierKey,
} from './verifier-key.ts'

/** Which logs and witnesses there are, and which cosignatures make a checkpoint count (C2SP tlog-policy). */
export interface LogPolicy {
  /** Empty: which logs count is known otherwise. */
  readonly logs: readonly PolicyLog[]
  readonly witnesses: readonly PolicyWitness[]
  /** Each after the groups and witnesses that it names; nobody is a member of two. */
  readonly groups: readonly PolicyGroup[]
  /** A witness or a group; `none`: no cosignature is needed. */
  readonly quorum: string
}

export interface PolicyLog {
  /** Bears the origin as its name. */
  readonly key: VerifierKey<'ed25519'>
  readonly url?: string
}

export interface PolicyWitness {
  /** Has a meaning in this policy alone. */
  readonly name: string
  readonly key: VerifierKey<'cosignature/v1'> | VerifierKey<'ml-dsa-44'>
  readonly url?: string
}

export interface PolicyGroup {
  readonly name: string
  /** So many of its members at least. */
  readonly threshold: number
  readonly members: readonly string[]
}

export const NO_QUORUM = 'none'

/** Longest policy that is read; 64 lines of each kind, the longest keys and names, and comments fit. */
export const MAX_POLICY_BYTES = 512 * 1024
/** Logs, witnesses and groups, of each; the specification asks for 32. */
export const MOST_OF_A_KIND = 64
const MAX_NAME_LENGTH = 100
const MAX_URL_LENGTH = 2048

interface Draft {
  logs: PolicyLog[]
  witnesses: PolicyWitness[]
  groups: PolicyGroup[]
  /** Names that no group has as a member so far. */
  free: Set<string>
  quorum: string | undefined
}

/** Reads a policy file. What is wrong with it is told with the number of the line. */
export function parsePolicy(bytes: Uint8Array): LogPolicy | Malformed {
  if (bytes.length > MAX_POLICY_BYTES) return { malformed: `longer than ${MAX_POLICY_BYTES} bytes` }
  const text = decodeUtf8(bytes)
  if (text === undefined) return { malformed: 'not UTF-8' }
  const lines = text.split('\n')
  const unended = lines.pop()
  const draft: Draft = { logs: [], witnesses: [], groups: [], free: new Set(), quorum: undefined }
  for (const [i, line] of lines.entries()) {
    const wrong = readLine(draft, line)
    if (wrong !== undefined) return { malformed: `line ${i + 1}: ${wrong}` }
  }
  if (unended !== '') return { malformed: `line ${lines.length + 1}: no newline at its end` }
  const { logs, witnesses, groups, quorum } = draft
  if (quorum === undefined) return { malformed: `line ${lines.length}: it ends without a quorum` }
  return { logs, witnesses, groups, quorum }
}

/** What is wrong with a line, if anything is. */
function readLine(draft: Draft, line: string): string | undefined {
  if (/[\x00-\x08\x0b-\x1f\x7f]/.test(line)) return 'a control character'
  const [keyword, ...items] = line.split(/[ \t]+/).filter((item) => item !== '')
  if (keyword === undefined || keyword.startsWith('#')) return undefined
  switch (keyword) {
    case 'log':
      return readLog(draft, items)
    case 'witness':
      return readWitness(draft, items)
    case 'group':
      return readGroup(draft, items)
    case 'quorum':
      return readQuorum(draft, items)
    default:
      return `${JSON.stringify(keyword.slice(0, MAX_NAME_LENGTH))} is none of log, witness, group, quorum`
  }
}

function readLog({ logs }: Draft, [text, url, ...more]: readonly string[]): string | undefined {
  if (text === undefined || more.length > 0) return 'not: log <vkey> [<url>]'
  if (logs.length === MOST_OF_A_KIND) return `more than ${MOST_OF_A_KIND} logs`
  const key = parseVerifierKey(text, 'ed25519')
  if ('malformed' in key) return `the key of the log: ${key.malformed}`
  if (isKnown(logs, key)) return 'this key was named before'
  return place(url) ?? void logs.push({ key, ...(url !== undefined && { url }) })
}

function readWitness(
  draft: Draft,
  [name, text, url, ...more]: readonly string[],
): string | undefined {
  const { witnesses, free } = draft
  if (name === undefined || text === undefined || more.length > 0)
    return 'not: witness <name> <vkey> [<url>]'
  if (witnesses.length === MOST_OF_A_KIND) return `more than ${MOST_OF_A_KIND} witnesses`
  const wrong = newName(draft, name) ?? place(url)
  if (wrong !== undefined) return wrong
  const key = readWitnessKey(text)
  if ('malformed' in key) return `the key of ${name}: ${key.malformed}`
  if (isKnown(witnesses, key)) return 'this key was named before'
  witnesses.push({ name, key, ...(url !== undefined && { url }) })
  free.add(name)
  return undefined
}

/** A key that cosigns, of a type that is verified here or of one that is only known. */
function readWitnessKey(text: string): PolicyWitness['key'] | Malformed {
  const verified = parseVerifierKey(text, 'cosignature/v1')
  if (!('malformed' in verified)) return verified
  const known = parseVerifierKey(text, 'ml-dsa-44')
  return 'malformed' in known ? verified : known
}

function readGroup(draft: Draft, [name, count, ...members]: readonly string[]): string | undefined {
  const { groups, free } = draft
  if (name === undefined || count === undefined || members.length === 0)
    return 'not: group <name> all|any|<k> <name>...'
  if (groups.length === MOST_OF_A_KIND) return `more than ${MOST_OF_A_KIND} groups`
  const wrong = newName(draft, name)
  if (wrong !== undefined) return wrong
  const threshold =
    count === 'all' ? members.length : count === 'any' ? 1 : parseThreshold(count, members.length)
  if (threshold === undefined) return `not all, any, or a number from 1 to ${members.length}`
  for (const member of members) {
    if (!isDefined(draft, member)) return `no line before it defines ${shown(member)}`
    if (!free.delete(member)) return `${shown(member)} is a member already`
  }
  groups.push({ name, threshold, members })
  free.add(name)
  return undefined
}

function readQuorum(draft: Draft, [name, ...more]: readonly string[]): string | undefined {
  if (name === undefined || more.length > 0) return 'not: quorum <name>'
  if (draft.quorum !== undefined) return 'a second quorum'
  if (name !== NO_QUORUM && !isDefined(draft, name))
    return `no line before it defines ${shown(name)}`
  draft.quorum = name
  return undefined
}

function newName(draft: Draft, name: string): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return `a name is longer than ${MAX_NAME_LENGTH}`
  if (name === NO_QUORUM) return `${NO_QUORUM} is no name that can be given`
  return isDefined(draft, name) ? `${shown(name)} was defined before` : undefined
}

function isDefined({ witnesses, groups }: Draft, name: string): boolean {
  return [...witnesses, ...groups].some((one) => one.name === name)
}

/** The same key under another name or id is the same. */
function isKnown(
  among: readonly { readonly key: VerifierKey<SignatureType> }[],
  { publicKey }: VerifierKey<SignatureType>,
): boolean {
  const text = publicKey.join()
  return among.some(({ key }) => key.publicKey.join() === text)
}

function place(url: string | undefined): string | undefined {
  if (url === undefined) return undefined
  return url.length <= MAX_URL_LENGTH && URL.canParse(url) ? undefined : 'not a URL'
}

function parseThreshold(text: string, most: number): number | undefined {
  if (!/^[1-9][0-9]{0,3}$/.test(text)) return undefined
  return Number(text) <= most ? Number(text) : undefined
}

const shown = (name: string) => JSON.stringify(name.slice(0, MAX_NAME_LENGTH))

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The policy as a file that `parsePolicy` reads. */
export function formatPolicy({ logs, witnesses, groups, quorum }: LogPolicy): string {
  const lines = [
    ...logs.map(({ key, url }) => ['log', formatVerifierKey(key), url]),
    ...witnesses.map(({ name, key, url }) => ['witness', name, formatVerifierKey(key), url]),
    ...groups.map(({ name, threshold, members }) => {
      const count = threshold === members.length ? 'all' : threshold === 1 ? 'any' : threshold
      return ['group', name, count, ...members]
    }),
    ['quorum', quorum],
  ]
  return lines.map((items) => `${items.filter((item) => item !== undefined).join(' ')}\n`).join('')
}
