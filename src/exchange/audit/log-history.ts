import { decodeBase64 } from '../../encoding/base64url.ts'
import { formatInstant } from '../../encoding/time.ts'
import type { Environment } from '../../jose/environment.ts'
import { statementDigests } from '../../jose/statement.ts'
import { parseVerifierKey, type SignatureType, type VerifierKey } from '../../tlog/verifier-key.ts'
import type { PreviousList } from '../../trust/accept-trust-list.ts'
import { countedList, type ListedVersion } from '../../trust/additions.ts'
import { countingInstants } from '../../trust/counting-instants.ts'
import { TrustList } from '../../trust/trust-list.ts'
import type { AcceptedVersion, TrustStore } from '../../trust/trust-store.ts'
import { type Trust, trustOf } from '../../trust/trust.ts'
import { type Crl, parseCrl } from '../../x509/crl.ts'
import { type OcspResponse, parseOcspResponse } from '../../x509/ocsp-response.ts'
import { payloadOf } from '../registered.ts'

type TakenVersion = ListedVersion &
  PreviousList & {
    readonly sha256: string
    /** When it was appended. */
    readonly at: string
  }

/** Trust as it stood at each place of the log: the lists before it, and all evidence that is kept. */
export interface TrustHistory {
  /** By the lists taken so far. */
  now(): Promise<Trust>
  /** The versions of a state taken so far, oldest first. */
  versions(state: string): readonly TakenVersion[]
  /** Whether the node has accepted the version behind this one, wherever that stands in the log. */
  isContinued(state: string, version: number): boolean
  /** Takes the list that stands next in the log; what cannot be read is passed over. */
  takeSigned(jws: string, sha256: string, appended: Date): void
  /**
   * Keys of one type that any list taken so far names of a log or witness: by the newest list that names
   * each, as far as it had begun at the instant and not ended by what was known then. A key that ends in
   * an emergency signs until the list that says so is published.
   */
  keysAt<T extends SignatureType>(
    type: T,
    at: Date,
  ): { readonly state: string; readonly key: VerifierKey<T> }[]
  /** The keys of a state's log, of whatever time. */
  logKeys(state: string, origin: string): VerifierKey<'ed25519'>[]
}

type Stored = Pick<
  TrustStore,
  'accepted' | 'approvals' | 'forks' | 'pins' | 'crls' | 'ocspResponses'
>

type InStore<K extends keyof Stored> = Awaited<ReturnType<Stored[K]>>

/** What trust follows from beside the lists in the log. */
export interface StoredTrust {
  readonly accepted: readonly AcceptedVersion[]
  readonly approvals: InStore<'approvals'>
  readonly forks: readonly Pick<InStore<'forks'>[number], 'state' | 'sha256' | 'seenAt'>[]
  readonly pins: InStore<'pins'>
  readonly crls: readonly { readonly state: string; readonly der: string }[]
  readonly ocspResponses: readonly { readonly state: string; readonly der: string }[]
}

export async function storedTrust(store: Stored): Promise<StoredTrust> {
  const [accepted, approvals, forks, pins, crls, ocspResponses] = await Promise.all([
    store.accepted(),
    store.approvals(),
    store.forks(),
    store.pins(),
    store.crls(),
    store.ocspResponses(),
  ])
  return { accepted, approvals, forks, pins, crls, ocspResponses }
}

export function trustHistory(stored: StoredTrust, environment: Environment): TrustHistory {
  const { accepted, approvals, forks, pins, crls, ocspResponses: responses } = stored
  const instants = countingInstants(accepted, approvals, forks)
  const histories = new Map<string, TakenVersion[]>()
  // What cannot be read is evidence of nothing; that it cannot be read is found with its table.
  const evidence = {
    pins,
    crls: crls.flatMap(({ der }): Crl[] => readable(parseCrl(decodeBase64(der) ?? NOTHING))),
    ocsp: responses.flatMap(({ der }): OcspResponse[] =>
      readable(parseOcspResponse(decodeBase64(der) ?? NOTHING)),
    ),
  }
  let revision = 0
  let held: Promise<Trust> | undefined

  function take({ list, digests }: PreviousList, sha256: string, at: string): void {
    const additionsFrom = instants.get(sha256)
    const before = histories.get(list.state) ?? []
    histories.set(list.state, [
      ...before,
      { list, digests, sha256, at, acceptedAt: at, additionsFrom },
    ])
    revision++
    held = undefined
  }

  function trustNow(): Promise<Trust> {
    const lists = [...histories.values()].map((versions) => versions.at(-1)!.list)
    const counted = new Map([...histories].map(([state, of]) => [state, countedList(of)]))
    return trustOf({ ...evidence, lists, histories: counted, revision, environment })
  }

  return {
    takeSigned(jws, sha256, appended) {
      const list = listOf(jws)
      // That it is no time is found with the entry.
      const at = Number.isNaN(appended.getTime()) ? '' : formatInstant(appended)
      if (list) take({ list, digests: statementDigests(jws) }, sha256, at)
    },
    now() {
      held ??= trustNow()
      return held
    },
    versions: (state) => histories.get(state) ?? [],
    isContinued: (state, version) =>
      accepted.some((one) => one.state === state && one.version === version + 1),
    logKeys: (state, origin) =>
      (histories.get(state)?.at(-1)?.list.logs ?? []).flatMap(({ key }) => {
        const parsed = parseVerifierKey(key, 'ed25519')
        return 'malformed' in parsed || parsed.name !== origin ? [] : [parsed]
      }),
    keysAt(type, at) {
      const instant = formatInstant(at)
      return [...histories].flatMap(([state, versions]) =>
        versions.at(-1)!.list.logs.flatMap(({ origin, key, from, until }) => {
          const known = versions.findLast((version) => version.at < instant)
          const said = known?.list.logs.find((log) => log.key === key && log.origin === origin)
          const end = said ? said.until : until
          if (instant < from || (end !== undefined && instant > end)) return []
          const parsed = parseVerifierKey(key, type)
          return 'malformed' in parsed || parsed.name !== origin ? [] : [{ state, key: parsed }]
        }),
      )
    },
  }
}

const NOTHING = new Uint8Array()

function readable<T extends object>(parsed: T | { readonly malformed: string }): T[] {
  return 'malformed' in parsed ? [] : [parsed]
}

/** A list of the node's own store; undefined: it cannot be read. */
export function listOf(jws: string): TrustList | undefined {
  try {
    return TrustList.parse(payloadOf(jws))
  } catch {
    return undefined
  }
}
