import { ATTRIBUTE, isWithinName } from './distinguished-name.ts'
import type { GeneralName, NameForm } from './general-name.ts'
import type { InvalidPlain } from './path-result.ts'
import type { NameConstraints } from './known-extensions.ts'
import type { X509Certificate } from './x509-certificate.ts'

export type NameVerdict =
  | 'permitted'
  | Extract<
      InvalidPlain['code'],
      | 'name-not-permitted'
      | 'name-excluded'
      | 'name-malformed'
      | 'name-form-not-supported'
      | 'name-constraints-too-costly'
    >

/** Comparisons of one name with one constraint that a whole path may cost (trust profile L4). */
const MAX_COMPARISONS = 50_000

/**
 * The constraints in force at one point of a path (RFC 5280 §6.1.2 (b), (c)). Each authority's are kept
 * as they stand: a name must satisfy every one of them, which is what their intersection says.
 */
export interface NameConstraintState {
  readonly sets: readonly NameConstraints[]
  readonly budget: { left: number }
}

export function noNameConstraints(): NameConstraintState {
  return { sets: [], budget: { left: MAX_COMPARISONS } }
}

/** RFC 5280 §6.1.4 (g). */
export function addNameConstraints(
  state: NameConstraintState,
  constraints: NameConstraints | undefined,
): NameConstraintState {
  return constraints ? { ...state, sets: [...state.sets, constraints] } : state
}

/** RFC 5280 §6.1.3 (b), (c): subject, its e-mail addresses and every alternative name. */
export function checkNames(state: NameConstraintState, certificate: X509Certificate): NameVerdict {
  if (state.sets.length === 0) return 'permitted'
  for (const name of namesOf(certificate))
    for (const set of state.sets) {
      state.budget.left -= set.permitted.length + set.excluded.length
      if (state.budget.left < 0) return 'name-constraints-too-costly'
      const verdict = checkName(name, set)
      if (verdict !== 'permitted') return verdict
    }
  return 'permitted'
}

function namesOf({ subject, subjectAltName }: X509Certificate): GeneralName[] {
  const names: GeneralName[] = [...(subjectAltName ?? [])]
  if (subject.key !== '') names.push({ form: 'directoryName', name: subject })
  for (const { type, value } of subject.attributes)
    if (type === ATTRIBUTE.emailAddress) names.push({ form: 'rfc822Name', text: value })
  return names
}

function checkName(name: GeneralName, { permitted, excluded }: NameConstraints): NameVerdict {
  const exclusion = strongestMatch(name, excluded, true)
  const permission = strongestMatch(name, permitted, false)
  if (exclusion === 'unsupported' || permission === 'unsupported') return 'name-form-not-supported'
  if (exclusion === 'malformed' || permission === 'malformed') return 'name-malformed'
  if (exclusion === 'inside') return 'name-excluded'
  return permission === 'outside' ? 'name-not-permitted' : 'permitted'
}

type Match = 'inside' | 'outside' | 'malformed' | 'unsupported'

const WEAKEST_FIRST: readonly Match[] = ['outside', 'inside', 'malformed', 'unsupported']

/** What the bases of its form say of a name, the strongest of them; undefined: none is of its form. */
function strongestMatch(
  name: GeneralName,
  bases: readonly GeneralName[],
  isExclusion: boolean,
): Match | undefined {
  let strongest = -1
  for (const base of bases)
    if (base.form === name.form)
      strongest = Math.max(strongest, WEAKEST_FIRST.indexOf(match(name, base, isExclusion)))
  return WEAKEST_FIRST[strongest]
}

/** Whether a name lies in a subtree, by the rules of its form (RFC 5280 §4.2.1.10). */
function match(name: GeneralName, base: GeneralName, isExclusion: boolean): Match {
  if (name.form === 'directoryName' && base.form === name.form)
    return inside(isWithinName(name.name, base.name))
  if (name.form === 'dNSName' && base.form === name.form)
    return matchDns(name.text.toLowerCase(), base.text.toLowerCase(), isExclusion)
  if (name.form === 'rfc822Name' && base.form === name.form)
    return matchMailbox(name.text, base.text)
  if (name.form === 'uniformResourceIdentifier' && base.form === name.form)
    return matchUri(name.text, base.text.toLowerCase())
  if (name.form === 'iPAddress' && base.form === name.form)
    return matchAddress(name.octets, base.octets)
  return 'unsupported'
}

/** The form a certificate constrains beside directoryName, if any (trust profile P9, exchange rule). */
export function foreignConstraint(constraints: NameConstraints): NameForm | undefined {
  const bases = [...constraints.permitted, ...constraints.excluded]
  return bases.find(({ form }) => form !== 'directoryName')?.form
}

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

function isHost(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => LABEL.test(label))
}

function matchDns(name: string, base: string, isExclusion: boolean): Match {
  const isWildcard = name.startsWith('*.')
  const host = isWildcard ? name.slice(2) : name
  if (!isHost(host) || !(base === '' || isHost(base))) return 'malformed'
  if (base === '' || isDomainWithin(host, base)) return 'inside'
  // `*.example.com` also stands for names that only an excluded `a.example.com` covers.
  return inside(isExclusion && isWildcard && base.endsWith(`.${host}`))
}

/** A mailbox against one mailbox, all of one host, or all hosts of a domain. */
function matchMailbox(name: string, base: string): Match {
  const mailbox = splitMailbox(name)
  const wanted = base.includes('@') ? splitMailbox(base) : undefined
  if (!mailbox || (base.includes('@') && !wanted)) return 'malformed'
  if (wanted) return inside(mailbox.local === wanted.local && mailbox.host === wanted.host)
  return matchHost(mailbox.host, base.toLowerCase())
}

function splitMailbox(text: string): { local: string; host: string } | undefined {
  const parts = /^([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)@([^@]+)$/.exec(text)
  const host = parts?.[2]?.toLowerCase()
  return parts && host && isHost(host) ? { local: parts[1]!, host } : undefined
}

function matchUri(name: string, base: string): Match {
  const authority =
    /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#@:]+)(?::\d*)?(?:[/?#]|$)/.exec(name)
  const host = authority?.[1]?.toLowerCase()
  // Without a host name, or with an address in its place, the name MUST be rejected.
  if (!host || !isHost(host) || /^[\d.]+$/.test(host)) return 'malformed'
  return matchHost(host, base)
}

/** A base with a leading dot means the domains below it, without one that host alone. */
function matchHost(host: string, base: string): Match {
  if (!isHost(base.replace(/^\./, ''))) return 'malformed'
  return inside(base.startsWith('.') ? host.endsWith(base) : host === base)
}

function matchAddress(address: Uint8Array, range: Uint8Array): Match {
  const size = range.length / 2
  const mask = range.subarray(size)
  const isSize = (octets: number) => octets === 4 || octets === 16
  if (!isSize(size) || !isSize(address.length) || !isPrefixMask(mask)) return 'malformed'
  if (address.length !== size) return 'outside'
  return inside(address.every((octet, i) => ((octet ^ range[i]!) & mask[i]!) === 0))
}

function isPrefixMask(mask: Uint8Array): boolean {
  let bits = ''
  for (const octet of mask) bits += octet.toString(2).padStart(8, '0')
  return /^1*0*$/.test(bits)
}

function isDomainWithin(host: string, base: string): boolean {
  return host === base || host.endsWith(`.${base}`)
}

function inside(isInside: boolean): Match {
  return isInside ? 'inside' : 'outside'
}
