import { blocksIssue } from '../../certificate/judge.ts'
import type { CertificatePayload } from '../../certificate/payload.ts'
import type { Finding } from '../../certificate/rule.ts'
import { formatInstant } from '../../encoding/time.ts'
import { type Environment, markedClaims } from '../../jose/environment.ts'
import {
  admit,
  type AdmissionRefusal,
  type Admitted,
  canonical,
  type Draft,
  type Repeated,
} from './admit.ts'
import { certificateClaims, type IssueDependencies } from './issue.ts'
import { payloadOf } from '../registered.ts'
import {
  endedBefore,
  hasEnded,
  type Reservation,
  type ReservationStore,
  reservedUntil,
} from './reservations.ts'

export interface PrepareDependencies extends Omit<IssueDependencies, 'append' | 'seals' | 'paths'> {
  readonly reservations: ReservationStore
  /** Of the keys that will sign. */
  readonly environment: Environment
}

export type PrepareOutcome =
  | {
      readonly outcome: 'prepared'
      readonly claims: CertificatePayload
      readonly reservedUntil: string
      readonly findings: readonly Finding[]
    }
  /** These very claims have been signed and issued. */
  | {
      readonly outcome: 'already-issued'
      readonly claims: CertificatePayload
      readonly sha256: string
    }
  | { readonly outcome: 'rules-broken'; readonly findings: readonly Finding[] }
  | Exclude<Repeated, { outcome: 'already-issued' }>
  | AdmissionRefusal
  | { readonly outcome: 'node-seals'; readonly detail: string }

/**
 * Checks a certificate as issuing it would, and holds its number and a status position for the body
 * that will sign it. The same content again gives the same claims; other content keeps the position.
 */
export function prepareCertificate(deps: PrepareDependencies) {
  return async (draft: Draft): Promise<PrepareOutcome> => {
    const now = deps.now()
    const trust = await deps.trust()
    // Whether it replaces another one is seen when it is issued, with the change of that one or without.
    const admitted = await admit(deps, { ...draft, inReplacement: true }, { trust, now })
    if (admitted.outcome === 'already-issued') {
      const { sha256, jws } = admitted
      const issued = payloadOf(jws) as CertificatePayload
      if (trust.view.body(issued.iss)?.custody !== 'body')
        return { outcome: 'node-seals', detail: issued.iss }
      return { outcome: 'already-issued', claims: markedClaims(deps.environment, issued), sha256 }
    }
    if (admitted.outcome !== 'admitted') return admitted
    const { body, findings } = admitted
    if (body.custody !== 'body') return { outcome: 'node-seals', detail: body.id }
    if (blocksIssue(findings)) return { outcome: 'rules-broken', findings }
    const held = await reserve(deps, draft, admitted, now)
    if (!held) return { outcome: 'content-differs', existing: undefined }
    const claims = markedClaims(deps.environment, held.claims)
    return { outcome: 'prepared', claims, reservedUntil: reservedUntil(held), findings }
  }
}

/** A body races with itself at most, and the position of the winner is the one to use. */
const MAX_RACES = 10

/** The reservation of this body; undefined: another body holds the number. */
async function reserve(
  { positions, reservations }: Pick<PrepareDependencies, 'positions' | 'reservations'>,
  { type, certificate }: Draft,
  { id, body, to }: Admitted,
  now: Date,
): Promise<Reservation | undefined> {
  for (let race = 0; race < MAX_RACES; race++) {
    const held = await reservations.find(id)
    const own = held?.issuer === body.id ? held : undefined
    if (held && !own && !hasEnded(held, now)) return undefined
    const position = own?.claims.status.status_list ?? (await positions.reserve())
    const claims = certificateClaims({ type, certificate, issuer: body.id, to, position })
    if (own && !hasEnded(own, now) && canonical(own.claims) === canonical(claims)) return own
    const next = { id, issuer: body.id, claims, reservedAt: formatInstant(now) }
    if ((await reservations.hold(next, endedBefore(now))) === 'held') return next
  }
  throw new Error(`Reservations of one number collided ${MAX_RACES} times`)
}
