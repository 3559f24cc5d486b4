import type { CertificateId } from '../../certificate/certificate-id.ts'
import type { PartyId } from '../../certificate/party-id.ts'
import type { CertificatePayload } from '../../certificate/payload.ts'
import { formatInstant } from '../../encoding/time.ts'

/** A number and a status position held for a body that signs itself, with the claims it is to sign. */
export interface Reservation {
  readonly id: CertificateId
  readonly issuer: PartyId
  readonly claims: CertificatePayload
  /** Since when these claims are held: what was signed before is not what was checked. */
  readonly reservedAt: string
}

/** Numbers of the own state; the position of a reservation stands in its claims. */
export interface ReservationStore {
  find(id: CertificateId): Promise<Reservation | undefined>
  /**
   * Holds the number with these claims if it is free, if this body holds it with the same status
   * position, or if another body has held it since `endedBefore` or longer. Of concurrent calls of two
   * bodies, or of one body with two positions, exactly one gets `held`.
   */
  hold(next: Reservation, endedBefore: string): Promise<'held' | 'lost'>
  /** Forgets what was reserved before this instant. */
  prune(before: string): Promise<void>
}

const RESERVED_MS = 24 * 3_600_000
/** Long after its end a body may still prepare again and keep its place in the status list. */
const FORGOTTEN_MS = 30 * RESERVED_MS

export function reservedUntil({ reservedAt }: Pick<Reservation, 'reservedAt'>): string {
  return formatInstant(new Date(Date.parse(reservedAt) + RESERVED_MS))
}

/** Reservations made at or before this instant have ended at `now`. */
export function endedBefore(now: Date): string {
  return formatInstant(new Date(now.getTime() - RESERVED_MS))
}

/** What was reserved before this instant is of no use to anybody, and forgotten. */
export function forgottenBefore(now: Date): string {
  return formatInstant(new Date(now.getTime() - FORGOTTEN_MS))
}

export function hasEnded({ reservedAt }: Pick<Reservation, 'reservedAt'>, now: Date): boolean {
  return reservedAt <= endedBefore(now)
}
