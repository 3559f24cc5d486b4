import type { Environment } from '../jose/environment.ts'
import { parseJws } from '../jose/parse.ts'
import { type TrustListRefusal, verifyTrustList } from '../trust/accept-trust-list.ts'
import type { TrustList } from '../trust/trust-list.ts'
import type { TrustPin } from '../trust/trust-store.ts'
import { type Trust, trustOf } from '../trust/trust.ts'
import { type Crl } from '../x509/crl.ts'
import { crlSource } from '../x509/crl-source.ts'
import type { OcspResponse } from '../x509/ocsp-response.ts'
import { ocspSource } from '../x509/ocsp-source.ts'
import type { Anchor } from './arguments.ts'
import { claimedList } from './claimed-list.ts'
import { CliError } from './cli-error.ts'

export interface RefusedListFile {
  readonly file: string
  readonly state: string
  readonly reason: TrustListRefusal
  readonly detail: string
}

export interface OfflineTrust {
  readonly trust: Trust
  /** Lists that nothing is based on, and why. */
  readonly refused: readonly RefusedListFile[]
  /** States of which a list is at hand, signed and newer than what is believed, of which nobody can tell. */
  readonly undecided: ReadonlySet<string>
}

/**
 * Trust in the lists that verify under an anchor; of several versions the newest counts. Of a list of which
 * nobody can tell whether its signer was revoked only a root counts that is an anchor; beside one that is
 * believed it counts only if its signer did sign it, or anybody could make that one look old. All are of one
 * environment, which is then that of the trust.
 *
 * @throws {CliError} for lists of both environments
 */
export async function offlineTrust(
  files: readonly { file: string; jws: string }[],
  anchors: readonly Anchor[],
  { crls, ocsp }: { readonly crls: readonly Crl[]; readonly ocsp: readonly OcspResponse[] },
  now: Date,
): Promise<OfflineTrust> {
  const believed = new Map<string, TrustList>()
  const refused: RefusedListFile[] = []
  const undecided: { readonly list: TrustList; readonly isSigned: boolean }[] = []
  const pins: TrustPin[] = []
  const environment = environmentOfAll(files)
  for (const { file, jws } of files) {
    const claimed = claimedList(jws, file)
    const { state } = claimed
    const ofState = pinsFor(anchors, state)
    const list = await verifyTrustList(jws, {
      pins: ofState,
      crls: crlSource(crls),
      ocsp: ocspSource(ocsp),
      now,
      environment,
    })
    if ('refused' in list) {
      refused.push({ file, state, reason: list.refused, detail: list.detail })
      if (list.refused !== 'cannot-tell') continue
      pins.push(...ofState)
      undecided.push({ list: claimed, isSigned: list.isSigned === true })
      continue
    }
    pins.push(...ofState)
    if ((believed.get(state)?.version ?? 0) < list.version) believed.set(state, list)
  }
  const lists = [...believed.values()]
  const newer = undecided.flatMap(({ list, isSigned }) => {
    const held = believed.get(list.state)
    return !held || (isSigned && list.version > held.version) ? [list] : []
  })
  return {
    trust: await trustOf({ pins, lists, undecided: newer, crls, ocsp, revision: 0, environment }),
    refused,
    undecided: new Set(newer.map(({ state }) => state)),
  }
}

function environmentOfAll(files: readonly { file: string; jws: string }[]): Environment {
  const [first, ...others] = files.map(({ file, jws }) => ({ file, of: environmentOf(jws) }))
  const other = others.find(({ of }) => of !== first?.of)
  if (first && other)
    throw new CliError(
      'usage',
      `${first.file} is a trust list of ${first.of}, ${other.file} one of ${other.of}: give those of one environment`,
    )
  return first?.of ?? 'production'
}

/** What a document says it is of, verified or not. */
export function environmentOf(jws: string): Environment {
  const parsed = parseJws(jws)
  return 'malformed' in parsed ? 'production' : parsed.environment
}

/** The anchors given for a state; one given for no state in particular vouches for every one. */
function pinsFor(anchors: readonly Anchor[], state: string): TrustPin[] {
  return anchors
    .filter((anchor) => (anchor.state ?? state) === state)
    .map(({ rootSha256 }) => ({ state, rootSha256, pinnedAt: '' }))
}
