import { encodeBase64url } from '../encoding/base64url.ts'
import type { CryptoSuite, PublicKey, SuiteVerdict } from './crypto-suite.ts'
import { sha256Sync } from './suite.ts'

/** What a service is asked to verify. */
export interface RemoteQuestion {
  /** SHA-256 over all that is asked, base64url: a statement must name it to be one on this question. */
  readonly id: string
  readonly spki: Uint8Array
  readonly algorithm: Uint8Array | string
  readonly tbs: Uint8Array
  readonly signature: Uint8Array
}

/** What a service says; anything else that it sends is no answer. */
export interface RemoteStatement {
  readonly question: string
  readonly verdict: 'valid' | 'invalid'
  /** Instants, RFC 3339. */
  readonly at: string
  readonly expires: string
}

export interface RemoteService extends Pick<
  CryptoSuite,
  'id' | 'jwsAlgs' | 'spkiOids' | 'sigOids'
> {
  /** Whether the service has keys of this kind; reading them is its own affair. */
  readonly keyBits: (spki: Uint8Array) => number | undefined
  /** Asks over a channel that authenticates the service. */
  readonly ask: (question: RemoteQuestion, signal: AbortSignal) => Promise<unknown>
  readonly now: () => Date
  readonly deadlineMs: number
}

/**
 * A suite that a service computes, as where a national standard has no library to use. Its statement
 * counts only if it came in time, is about this very question and is of the present; else the verdict is
 * unknown. It hashes nothing: a hash that somebody else computed binds no bytes.
 */
export function remoteSuite(service: RemoteService): CryptoSuite {
  const { id, jwsAlgs, spkiOids, sigOids } = service
  const suite: CryptoSuite = {
    id,
    mode: 'remote',
    jwsAlgs,
    spkiOids,
    sigOids,
    hashOids: [],
    readKey(spki) {
      const bits = service.keyBits(spki)
      if (bits === undefined) return undefined
      return { spki: new Uint8Array(spki), type: 'other', bits, suite }
    },
    verify: (key, algorithm, tbs, signature) => verify(service, key, { algorithm, tbs, signature }),
    hash: () => Promise.resolve(undefined),
  }
  return suite
}

async function verify(
  service: RemoteService,
  { spki }: PublicKey,
  asked: Pick<RemoteQuestion, 'algorithm' | 'tbs' | 'signature'>,
): Promise<SuiteVerdict> {
  const question = {
    ...asked,
    spki,
    id: questionId([spki, octetsOf(asked.algorithm), asked.tbs, asked.signature]),
  }
  try {
    const signal = AbortSignal.timeout(service.deadlineMs)
    const statement = await Promise.race([service.ask(question, signal), ended(signal)])
    return isStatementOn(question.id, statement, service.now()) ? statement.verdict : 'unknown'
  } catch {
    return 'unknown'
  }
}

/** Each part hashed by itself, so that no octet can pass from one to the next. */
function questionId(parts: readonly Uint8Array[]): string {
  return encodeBase64url(
    sha256Sync(Uint8Array.from(parts.flatMap((part) => [...sha256Sync(part)]))),
  )
}

function octetsOf(algorithm: Uint8Array | string): Uint8Array {
  return typeof algorithm === 'string' ? new TextEncoder().encode(algorithm) : algorithm
}

function ended(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

function isStatementOn(id: string, answer: unknown, now: Date): answer is RemoteStatement {
  if (typeof answer !== 'object' || answer === null) return false
  const { question, verdict, at, expires } = answer as Partial<
    Record<keyof RemoteStatement, unknown>
  >
  return (
    question === id &&
    (verdict === 'valid' || verdict === 'invalid') &&
    typeof at === 'string' &&
    typeof expires === 'string' &&
    Date.parse(at) <= now.getTime() &&
    now.getTime() < Date.parse(expires)
  )
}
