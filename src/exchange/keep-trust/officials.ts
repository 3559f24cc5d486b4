import type { OfficialsRegister as OfficialsFact } from '../../certificate/rule.ts'
import { thumbprint, verifyJwsSignature } from '../../crypto/suite.ts'
import { CLOCK_SKEW_MS } from '../../encoding/clock-skew.ts'
import { decodeBase64 } from '../../encoding/base64url.ts'
import { formatInstant } from '../../encoding/time.ts'
import { parseJws } from '../../jose/parse.ts'
import { statementDigests } from '../../jose/statement.ts'
import { validateListSigner } from '../../trust/list-signer.ts'
import {
  droppedOfficial,
  entitlementsOf,
  OfficialsRegister,
  repeatedOfficial,
} from '../../trust/officials-register.ts'
import type { CurrentTrust, Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { actsEntry } from '../log/administrative-entry.ts'
import { digestOf } from '../validation/authenticate.ts'
import { validatePath } from '../validation/path-to-root.ts'
import type { Effect } from '../effect.ts'
import type { Incoming } from '../incoming/examine.ts'
import type { Append } from '../journal.ts'
import { payloadOf } from '../registered.ts'
import { accepted, refused, type Verdict } from '../incoming/verdict.ts'

/** Accepted registers of officials, by state. */
export interface OfficialsStore {
  newest(state: string): Promise<{ version: number; sha256: string; jws: string } | undefined>
  versions(state: string): Promise<{ version: number; sha256: string }[]>
}

export const OFFICIALS_REFUSALS = [
  'malformed',
  'environment-differs',
  'state-differs',
  'signer-not-valid',
  'signature-invalid',
  'issued-in-future',
  'issued-before-previous',
  'rollback',
  'gap',
  'fork',
  'entries-dropped',
  'cannot-tell',
] as const

export interface RefusedOfficials {
  readonly refused: (typeof OFFICIALS_REFUSALS)[number]
  readonly detail: string
}

interface Judging {
  readonly trust: Trust
  readonly paths: PathCache
  readonly now: Date
}

/** Judges a register: signed by the list signer under a root of its state, and following the one before. */
export async function judgeOfficials(
  jws: string,
  store: OfficialsStore,
  { trust, paths, now }: Judging,
): Promise<OfficialsRegister | RefusedOfficials> {
  const parsed = parseJws(jws)
  if ('malformed' in parsed) return refuse('malformed', parsed.malformed)
  const { header, environment, signature, signingInput } = parsed
  if (header.typ !== 'officials-register+jwt')
    return refuse('malformed', 'it is no register of officials')
  if (environment !== trust.environment)
    return refuse('environment-differs', `it is of the ${environment} environment`)
  const read = OfficialsRegister.safeParse(parsed.payload)
  // What is wrong with a name must not put it into a log.
  if (!read.success)
    return refuse('malformed', `${read.error.issues[0]?.path.join('.') ?? ''} is malformed`)
  const register = read.data
  const repeated = repeatedOfficial(register)
  if (repeated !== undefined) return refuse('malformed', repeated)
  const x5c = header.x5c.map((text) => decodeBase64(text)!)
  const purpose = 'trust-list-signer'
  const { state, path } = await validatePath(x5c, { trust, paths, purpose, at: now, now })
  const key = 'key' in path ? path.key : undefined
  if (key && !(await verifyJwsSignature(header.alg, key, signature, signingInput)))
    return refuse('signature-invalid', 'the signature does not verify')
  if (path.result === 'unknown') return refuse('cannot-tell', path.code)
  if (path.result === 'invalid') return refuse('signer-not-valid', path.code)
  if ((await thumbprint(x5c[0]!)) !== header['x5t#S256'])
    return refuse('signer-not-valid', 'x5t#S256 is not that of x5c[0]')
  if (state !== register.state)
    return refuse('state-differs', `the list signer of ${state} signed for ${register.state}`)
  const list = trust.view.list(state)
  const signer = list && (await validateListSigner(x5c, list, { ...trust, now, previous: list }))
  const isOpen =
    signer && ('refused' in signer ? signer.refused === 'cannot-tell' : signer.result === 'unknown')
  if (isOpen) return refuse('cannot-tell', 'whether its root may still sign')
  if (!signer || 'refused' in signer || signer.result !== 'valid')
    return refuse('signer-not-valid', `its root signs no list of ${state} any more`)
  const stranger = register.officials.find(({ body }) => !body.startsWith(`${state}.`))
  if (stranger) return refuse('state-differs', `${stranger.body} is no body of ${state}`)
  if (register.issuedAt > formatInstant(new Date(now.getTime() + CLOCK_SKEW_MS)))
    return refuse('issued-in-future', register.issuedAt)
  return (await refusalInSequence(register, jws, store)) ?? register
}

async function refusalInSequence(
  register: OfficialsRegister,
  jws: string,
  store: OfficialsStore,
): Promise<RefusedOfficials | undefined> {
  const { state, version, previous } = register
  const known = await store.newest(state)
  const taken = (await store.versions(state)).find((one) => one.version === version)
  if (taken && !statementDigests(jws).includes(taken.sha256))
    return refuse('fork', `another version ${version} was accepted before`)
  // A peer that was met later begins with the register that it gets first.
  if (!known) return undefined
  const expected = known.version + 1
  if (version < expected) return refuse('rollback', `version ${expected - 1} is known`)
  if (version > expected) return refuse('gap', `version ${version} came, ${expected} is next`)
  if (previous === null || !statementDigests(known.jws).includes(previous))
    return refuse('fork', `it does not follow version ${expected - 1}`)
  const before = OfficialsRegister.parse(payloadOf(known.jws))
  if (register.issuedAt < before.issuedAt)
    return refuse('issued-before-previous', `version ${expected - 1} is of ${before.issuedAt}`)
  const dropped = droppedOfficial(before, register)
  return dropped === undefined ? undefined : refuse('entries-dropped', dropped)
}

export function officialsEffect(sha256: string, register: OfficialsRegister): Effect {
  const { state, version } = register
  return { effect: 'officials-register', state, version, sha256 }
}

/** The decision on a register of a peer. */
export async function judgeIncomingOfficials(
  { sha256, jws, sender }: Incoming,
  { officials, paths }: { readonly officials: OfficialsStore; readonly paths: PathCache },
  { trust, now }: { trust: Trust; now: Date },
): Promise<Verdict> {
  const register = await judgeOfficials(jws, officials, { trust, paths, now })
  if (!('refused' in register))
    return register.state === sender
      ? accepted([officialsEffect(sha256, register)])
      : refused('SENDER-DIFFERS')
  if (register.refused === 'cannot-tell') return { verdict: 'wait', waitsFor: 'revocation data' }
  if (register.refused === 'gap') return { verdict: 'wait', waitsFor: 'earlier registers' }
  return refused(`OFFICIALS-${register.refused.toUpperCase()}`)
}

export interface PublishOfficialsDependencies {
  readonly state: string
  readonly now: () => Date
  readonly trust: CurrentTrust
  readonly paths: PathCache
  readonly officials: OfficialsStore
  readonly append: Append
}

export type PublishOfficialsOutcome =
  | { readonly outcome: 'published'; readonly version: number; readonly sha256: string }
  | { readonly outcome: 'refused'; readonly refusal: RefusedOfficials }

/** Takes the next register of the own state into the log; it goes to all peers in the feed. */
export function publishOfficials(deps: PublishOfficialsDependencies) {
  return async (jws: string, actor: string): Promise<PublishOfficialsOutcome> => {
    const { state: own, officials, paths } = deps
    const [trust, now] = [await deps.trust(), deps.now()]
    const register = await judgeOfficials(jws, officials, { trust, paths, now })
    if ('refused' in register) return { outcome: 'refused', refusal: register }
    const { state, version } = register
    if (state !== own)
      return { outcome: 'refused', refusal: refuse('state-differs', `it is that of ${state}`) }
    const sha256 = await digestOf(jws)
    const to = trust.view.states().filter((peer) => peer !== own)
    const effects = [officialsEffect(sha256, register)]
    const act = {
      at: formatInstant(now),
      actor,
      act: 'officials-published',
      subject: state,
      detail: `version ${version}`,
    } as const
    const appended = await deps.append({
      entries: [{ kind: 'officials-register', sha256, jws, to, effects }, actsEntry([act])],
    })
    if (appended !== 'duplicate') return { outcome: 'published', version, sha256 }
    const detail = `another version ${version} was accepted at the same time`
    return { outcome: 'refused', refusal: refuse('fork', detail) }
  }
}

/** What the rules ask of a state's register; undefined: there is none, so that nobody can tell. */
export async function officialsFact(
  store: OfficialsStore,
  { view }: Trust,
  state: string,
): Promise<OfficialsFact | undefined> {
  const stored = await store.newest(state)
  if (!stored) return undefined
  const register = OfficialsRegister.parse(payloadOf(stored.jws))
  return {
    find: (of, officialId) =>
      of === state
        ? entitlementsOf(register, officialId).map(({ body, from, until }) => ({
            body: view.body(body)?.code ?? body,
            from,
            ...(until !== undefined && { until }),
          }))
        : [],
  }
}

function refuse(code: RefusedOfficials['refused'], detail: string): RefusedOfficials {
  return { refused: code, detail }
}
