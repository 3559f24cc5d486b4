import { text, type Text } from '../certificate/wording.ts'
import { formatInstant } from '../encoding/time.ts'
import { authoritiesOf, skiOf } from '../trust/accept-crl.ts'
import type { TrustKey, TrustList } from '../trust/trust-list.ts'
import type { StoredCrl } from '../trust/trust-store.ts'
import type { Warning } from './warning.ts'

/** Days before the end of something from which on it is told; renewing takes people and a ceremony. */
const DAYS = { ownList: 14, ownCrl: 7, ofPeer: 2, key: 60, authority: 180 } as const

/** An ended key that nobody renewed is history after so long. */
const FORGET_DAYS = 30

const DAY_MS = 86_400_000

/** What ends: lists and CRLs of every state, keys and authorities of the own one. */
export function warningsOfTrust(
  own: string,
  lists: readonly TrustList[],
  crls: readonly StoredCrl[],
  now: Date,
): Warning[] {
  const ofOwn = lists.find(({ state }) => state === own)
  const missing: Warning = {
    kind: 'trust-list-missing',
    subject: own,
    overdue: true,
    at: undefined,
    message: text(
      'Список доверия своего государства не опубликован: узел ничего не подписывает. Опубликуйте его: certex trust publish.',
      "This state's trust list is not published: the node signs nothing. Publish it: certex trust publish.",
    ),
  }
  return [
    ...(ofOwn ? [...keyWarnings(ofOwn, now), ...authorityWarnings(ofOwn, now)] : [missing]),
    ...lists.flatMap((list) => [
      ...listWarnings(list, list.state === own, now),
      ...crlWarnings(list, list.state === own, crls, now),
    ]),
  ]
}

/** A warning about an end that is near enough or past. */
export function ending(
  warning: { kind: Warning['kind']; subject: string; message: Text },
  endsAt: Date,
  days: number,
  now: Date,
): Warning[] {
  if (endsAt.getTime() - now.getTime() > days * DAY_MS) return []
  return [{ ...warning, overdue: endsAt <= now, at: formatInstant(endsAt) }]
}

function listWarnings({ state, nextUpdate }: TrustList, isOwn: boolean, now: Date): Warning[] {
  const message = isOwn
    ? text(
        'Подходит или прошёл срок обновления списка доверия: потом проверки отвечают «нельзя установить». Подпишите следующий: certex trust issue, затем certex trust publish.',
        'The trust list is due for its next update, or past it; then validations answer "cannot tell". Sign the next one: certex trust issue, then certex trust publish.',
      )
    : text(
        `Подходит или прошёл срок обновления списка доверия ${state}. Позвоните оператору узла ${state}.`,
        `The trust list of ${state} is due for its next update, or past it. Call the operator of ${state}.`,
      )
  const days = isOwn ? DAYS.ownList : DAYS.ofPeer
  return ending(
    { kind: 'trust-list-due', subject: state, message },
    new Date(nextUpdate),
    days,
    now,
  )
}

function crlWarnings(
  list: TrustList,
  isOwn: boolean,
  crls: readonly StoredCrl[],
  now: Date,
): Warning[] {
  const { state } = list
  const renew = isOwn
    ? text(
        'Обновите: certex pki renew-crls, затем certex trust publish --crls.',
        'Renew it: certex pki renew-crls, then certex trust publish --crls.',
      )
    : text(`Позвоните оператору узла ${state}.`, `Call the operator of ${state}.`)
  return authoritiesOf(list).flatMap((authority): Warning[] => {
    const ski = skiOf(authority)
    const name = authority.subject.attributes.at(-1)?.value ?? ski
    const crl = crls.find((stored) => stored.state === state && stored.ski === ski)
    const subject = `${state} ${name}`
    const about = crl
      ? text('Подходит или прошёл срок обновления', 'due for its next update, or past it')
      : text('Нет', 'missing')
    const message = text(
      `${about.ru} списка отозванных сертификатов ключей «${name}»: без него отзыв проверить нельзя. ${renew.ru}`,
      `The CRL of "${name}" is ${about.en}; without it revocation cannot be told. ${renew.en}`,
    )
    if (!crl) return [{ kind: 'crl-missing', subject, overdue: true, at: undefined, message }]
    const days = isOwn ? DAYS.ownCrl : DAYS.ofPeer
    return ending({ kind: 'crl-due', subject, message }, new Date(crl.nextUpdate), days, now)
  })
}

function keyWarnings({ keys }: TrustList, now: Date): Warning[] {
  const inUse = keys.filter(({ removedAt }) => removedAt === undefined)
  return inUse.flatMap((key) => {
    const endsAt = new Date(key.until ?? '9999-12-31T23:59:59Z')
    const isForgotten = now.getTime() - endsAt.getTime() > FORGET_DAYS * DAY_MS
    if (isForgotten || inUse.some((other) => succeeds(other, key, endsAt))) return []
    const message = text(
      `Заканчивается или закончился срок ключа (${key.usage}, ${key.body}): после него он ничего не подписывает. Выпустите новый и внесите его в список доверия.`,
      `The key (${key.usage} of ${key.body}) ends soon or has ended; it signs nothing then. Make a new one and register it in the trust list.`,
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
    new Date(other.until ?? '9999-12-31T23:59:59Z') > endsAt
  )
}

function authorityWarnings(list: TrustList, now: Date): Warning[] {
  return authoritiesOf(list).flatMap(({ subject: { attributes }, notAfter }) => {
    const subject = attributes.at(-1)?.value ?? ''
    const message = text(
      `Заканчивается или закончился срок удостоверяющего центра «${subject}»: после него недействительны все его ключи. Выпустите новый.`,
      `The authority "${subject}" ends soon or has ended, and with it every key that it certified. Make a new one.`,
    )
    return ending({ kind: 'authority-ends', subject, message }, notAfter, DAYS.authority, now)
  })
}
