import { formatInstant } from '../../encoding/time.ts'
import { type Seal, signJws } from '../../jose/sign.ts'
import { StatusListClaims } from '../../status-list/claims.ts'
import {
  decodeStatusList,
  encodeStatusList,
  type StatusList,
} from '../../status-list/status-list.ts'
import type { Trust } from '../../trust/trust.ts'
import type { PathCache } from '../../x509/path-cache.ts'
import { authenticate } from '../validation/authenticate.ts'

export const STATUS_LIST_MEDIA_TYPE = 'application/statuslist+jwt'

/** After so long whoever has a connection asks again. */
export const STATUS_LIST_TTL_SECONDS = 300

/** As long as an offline snapshot lives: a list inside must not end before it (trust profile §11). */
const LIFETIME_SECONDS = 72 * 3600

/** How far the signer's clock may be ahead (wire.md "Exchange"). */
const CLOCK_SKEW_SECONDS = 60

/** Signs a Status List Token (draft-ietf-oauth-status-list-20 §5.1). */
export async function signStatusList(input: {
  uri: string
  list: StatusList
  signer: Seal
  signedAt: Date
}): Promise<string> {
  const { uri, list, signer, signedAt } = input
  const { lst } = await encodeStatusList(list)
  const iat = Math.floor(signedAt.getTime() / 1000)
  const payload: StatusListClaims = {
    sub: uri,
    iat,
    exp: iat + LIFETIME_SECONDS,
    ttl: STATUS_LIST_TTL_SECONDS,
    status_list: { bits: 2, lst },
  }
  return signJws({ typ: 'statuslist+jwt', payload, seal: signer, signedAt })
}

/** A status list signed by the state whose certificates it speaks of. It may have expired since. */
export interface VerifiedStatusList {
  readonly uri: string
  readonly state: string
  readonly issuedAt: Date
  readonly expiresAt: Date
  readonly ttlSeconds: number
  readonly list: StatusList
}

export interface RefusedStatusList {
  /** The code of the check that the token failed, or `claims-malformed`, `list-malformed`, `iat-…`. */
  readonly refused: string
  readonly detail: string
}

/**
 * Verifies a Status List Token (§8.3): signed under a pinned root by a key that the state's trust list
 * names as its status signer, now. Whether it is of the wanted URI and state, and whether it is still
 * fresh, is for the question that is asked of it.
 */
export async function verifyStatusList(
  jws: string,
  { trust, paths, now }: { trust: Trust; paths: PathCache; now: Date },
): Promise<VerifiedStatusList | RefusedStatusList> {
  const { checks, document } = await authenticate(jws, {
    trust,
    paths,
    purpose: 'status-signer',
    at: now,
    now,
    typs: ['statuslist+jwt'],
  })
  if (!document) {
    const { code, detail = '' } = checks.at(-1)!
    return refuse(code, detail)
  }
  const claims = StatusListClaims.safeParse(document.payload)
  if (!claims.success) {
    const [issue] = claims.error.issues
    return refuse('claims-malformed', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
  }
  const { sub: uri, iat, exp, ttl: ttlSeconds, status_list } = claims.data
  if (iat !== document.iat)
    return refuse('iat-contradictory', `${iat} in the claims, ${document.iat} in the header`)
  const issuedAt = new Date(iat * 1000)
  if (iat > now.getTime() / 1000 + CLOCK_SKEW_SECONDS)
    return refuse('iat-in-future', formatInstant(issuedAt))
  const list = await decodeStatusList(status_list)
  if ('malformed' in list) return refuse('list-malformed', list.malformed)
  const { state } = document
  return { uri, state, issuedAt, expiresAt: new Date(exp * 1000), ttlSeconds, list }
}

function refuse(refused: string, detail: string): RefusedStatusList {
  return { refused, detail }
}
