import { documentTypeNamed } from '../../certificate/document-types.ts'
import { addDays, type Day, startOfDay } from '../../certificate/day.ts'
import { foldNumber } from '../../certificate/number-folding.ts'
import { readNumber } from '../../certificate/number-format.ts'
import type { Policy } from '../../certificate/policy.ts'
import { zoneOffset } from '../../certificate/zone.ts'
import type { PeerContact } from '../delivery/peer-store.ts'

export type NotFoundCode =
  | 'not-found-unknown-type'
  | 'not-found-malformed-number'
  | 'not-found-addressed-elsewhere'
  | 'not-found-unknown-state'
  | 'not-found-before-feed'
  | 'not-found-deadline-open'
  | 'not-found-peer-dark'
  | 'not-found-lost'
  | 'not-found-feed-complete'

export interface NotFound {
  readonly code: NotFoundCode
  /** Whether the absence itself speaks against the certificate. */
  readonly conclusive: boolean
  readonly detail: string
}

/** Without a word for so long a peer counts as dark: it sends one at least every minute. */
const DARK_AFTER_MS = 10 * 60_000

/** Why a certificate may be absent, most telling first (wire.md "Not found"). */
export function explainNotFound(
  asked: { state: string; type: string; number: string; issuedOn?: Day | undefined },
  known: {
    self: string
    policy: Policy
    peer: PeerContact | undefined
    /** Whether a certificate of the own state may have borne the number and be lost. */
    mayBeLost?: boolean | undefined
    now: Date
  },
): NotFound {
  const { state, type, number, issuedOn } = asked
  const { self, policy, peer, mayBeLost, now } = known
  const documentType = documentTypeNamed(type)
  if (!documentType) return { code: 'not-found-unknown-type', conclusive: false, detail: type }

  const formats = policy.numberFormats.filter(
    (format) =>
      format.type === type && (format.issuer === state || format.issuer.startsWith(`${state}.`)),
  )
  const parts = formats.map(
    (format) => readNumber(format, number) ?? readNumber(format, foldNumber(number)),
  )
  if (formats.length > 0 && parts.every((part) => part === undefined))
    return { code: 'not-found-malformed-number', conclusive: false, detail: number }
  const destination = parts.find((part) => part?.destination !== undefined)?.destination
  if (destination !== undefined && destination !== self && state !== self)
    return { code: 'not-found-addressed-elsewhere', conclusive: false, detail: destination }
  if (state === self && mayBeLost)
    return { code: 'not-found-lost', conclusive: false, detail: number }
  if (state === self)
    return { code: 'not-found-feed-complete', conclusive: true, detail: now.toISOString() }

  if (!peer?.firstHeardAt)
    return { code: 'not-found-unknown-state', conclusive: false, detail: state }
  const { firstHeardAt, lastHeardAt = firstHeardAt, completeAt } = peer
  const offset = zoneOffset(policy, state) ?? 0
  // Entered by 24:00 of the day after certification (A4 §3.2): until then its absence says nothing.
  const deadline = issuedOn === undefined ? undefined : startOfDay(addDays(issuedOn, 2), offset)
  if (deadline && deadline.getTime() <= Date.parse(firstHeardAt))
    return { code: 'not-found-before-feed', conclusive: false, detail: firstHeardAt }
  if (deadline && deadline > now)
    return { code: 'not-found-deadline-open', conclusive: false, detail: deadline.toISOString() }
  if (now.getTime() - Date.parse(lastHeardAt) > DARK_AFTER_MS || completeAt === undefined)
    return { code: 'not-found-peer-dark', conclusive: false, detail: lastHeardAt }
  const conclusive = deadline !== undefined && deadline.getTime() <= Date.parse(completeAt)
  return { code: 'not-found-feed-complete', conclusive, detail: completeAt }
}
