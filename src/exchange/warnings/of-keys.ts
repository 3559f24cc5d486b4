import { text } from '../../certificate/wording.ts'
import { authoritiesOf } from '../../trust/accept-crl.ts'
import { isSelfMade, type PinnedAnchor, rootAnchor } from '../../trust/anchors.ts'
import type { TrustKey, TrustList } from '../../trust/trust-list.ts'
import { latest } from '../../x509/instants.ts'
import type { X509Certificate } from '../../x509/x509-certificate.ts'
import { foreignText } from '../texts/foreign-text.ts'
import { ending } from './ending.ts'
import type { Warning } from './warning.ts'

/**
 * Days before the end of a key from which on it is told. A new key is public for 30 days before it signs;
 * a new root needs a year in which both stand, and time to agree on it.
 */
const DAYS = { key: 60, authority: 180, root: 730 } as const

/** An ended key that nobody renewed is history after so long. */
const FORGET_DAYS = 30

const DAY_MS = 86_400_000
const NEVER = '9999-12-31T23:59:59Z'

/** Keys of the own state that end, and that no other one follows. */
export function warningsOfKeys(
  list: TrustList,
  listSignerEndsAt: Date | undefined,
  now: Date,
): Warning[] {
  return [
    ...keyWarnings(list, now),
    ...logWarnings(list, now),
    ...listSignerWarnings(listSignerEndsAt, now),
    ...authorityWarnings(list, now),
  ]
}

/** Roots that count by the certificate of a former one alone: whoever has compared them pins them. */
export function rootWarnings(
  lists: readonly TrustList[],
  anchors: readonly PinnedAnchor[],
  now: Date,
): Warning[] {
  return lists.flatMap((list): Warning[] => {
    const { state } = list
    const ofState = anchors.filter((anchor) => anchor.state === state)
    const links = rootAnchor(list, ofState)?.links
    if (!links) return []
    const endsAt = latest(links.map(({ certificate }) => certificate.notAfter))
    const message = text(
      `Корневой сертификат ${state} новый и ещё не закреплён: ему верят по сертификату прежнего корня, пока тот действует. Сверьте отпечаток с оператором ${state} и закрепите его: certex trust pin.`,
      `The root of ${state} is new and not pinned yet: it is believed by the certificate of the former one, as long as that lasts. Compare the fingerprint with the operator of ${state} and pin it: certex trust pin.`,
    )
    return ending({ kind: 'root-not-pinned', subject: state, message }, endsAt, Infinity, now)
  })
}

function keyWarnings({ keys }: TrustList, now: Date): Warning[] {
  const inUse = keys.filter(({ removedAt }) => removedAt === undefined)
  return inUse.flatMap((key) => {
    const endsAt = new Date(key.until ?? NEVER)
    if (isForgotten(endsAt, now) || inUse.some((other) => succeeds(other, key, endsAt))) return []
    const message = text(
      `Заканчивается или закончился срок ключа (${key.usage}, ${key.body}): после него он ничего не подписывает. Выпустите новый (certex pki renew) и внесите его в список доверия.`,
      `The key (${key.usage} of ${key.body}) ends soon or has ended; it signs nothing then. Make a new one (certex pki renew) and register it in the trust list.`,
    )
    const subject = key.x5tS256
    return ending({ kind: 'key-ends', subject, message }, endsAt, DAYS.key, now)
  })
}

/** Whether another key of the same body and use goes on after this one. */
function succeeds(other: TrustKey, key: TrustKey, endsAt: Date): boolean {
  return (
    other.x5tS256 !== key.x5tS256 &&
    other.usage === key.usage &&
    other.body === key.body &&
    new Date(other.until ?? NEVER) > endsAt
  )
}

function logWarnings({ logs }: TrustList, now: Date): Warning[] {
  return logs.flatMap(({ origin, key, until = NEVER }) => {
    const endsAt = new Date(until)
    const goesOn = logs.some(
      (other) => other.origin === origin && new Date(other.until ?? NEVER) > endsAt,
    )
    if (goesOn || isForgotten(endsAt, now)) return []
    const message = text(
      `Заканчивается или закончился срок ключа журнала ${foreignText(origin)}: после него его подписи не принимаются. Выпустите новый: certex pki renew log (или witness).`,
      `The key of the log ${foreignText(origin)} ends soon or has ended; what it signs then is not believed. Make a new one: certex pki renew log (or witness).`,
    )
    return ending({ kind: 'key-ends', subject: key, message }, endsAt, DAYS.key, now)
  })
}

function listSignerWarnings(endsAt: Date | undefined, now: Date): Warning[] {
  if (!endsAt) return []
  const message = text(
    'Заканчивается или закончился срок ключа, которым подписан список доверия: после него списков им не подписать. Выпустите новый: certex pki renew trust-list-signer.',
    'The key that signed the trust list ends soon or has ended; it signs no list then. Make a new one: certex pki renew trust-list-signer.',
  )
  return ending({ kind: 'key-ends', subject: 'trust-list-signer', message }, endsAt, DAYS.key, now)
}

function authorityWarnings(list: TrustList, now: Date): Warning[] {
  const authorities = authoritiesOf(list).filter((authority) => !isLink(authority))
  return authorities.flatMap((authority) => {
    const { subject, notAfter } = authority
    const name = subject.attributes.at(-1)?.value ?? ''
    const replaced = authorities.some(
      (other) => kindOf(other) === kindOf(authority) && other.notAfter > notAfter,
    )
    if (replaced || isForgotten(notAfter, now)) return []
    const message = text(
      `Заканчивается или закончился срок удостоверяющего центра ${foreignText(name)}: после него недействительны все его ключи. Выпустите новый: certex pki renew.`,
      `The authority ${foreignText(name)} ends soon or has ended, and with it every key that it certified. Make a new one: certex pki renew.`,
    )
    const days = isSelfMade(authority) ? DAYS.root : DAYS.authority
    return ending({ kind: 'authority-ends', subject: name, message }, notAfter, days, now)
  })
}

/** Certificates between two roots end by design; `rootWarnings` tells when it matters. */
function isLink(authority: X509Certificate): boolean {
  return authority.basicConstraints?.pathLenConstraint === undefined && !isSelfMade(authority)
}

/** Depth and organization: the authorities of which one can follow the other. */
function kindOf({ basicConstraints, subject }: X509Certificate): string {
  const depth = basicConstraints?.pathLenConstraint ?? 'root'
  const names = subject.attributes.slice(0, -1).map(({ value }) => value)
  return [depth, ...names].join('\n')
}

function isForgotten(endsAt: Date, now: Date): boolean {
  return now.getTime() - endsAt.getTime() > FORGET_DAYS * DAY_MS
}
