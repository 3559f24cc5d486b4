import { text } from '../../certificate/wording.ts'
import { encodeBase64 } from '../../encoding/base64url.ts'
import { authoritiesOf, skiOf } from '../../trust/accept-crl.ts'
import { isSelfMade } from '../../trust/anchors.ts'
import type { TrustList } from '../../trust/trust-list.ts'
import type { StoredCrl } from '../../trust/trust-store.ts'
import { crlCountsUntil } from '../../x509/profile.ts'
import type { X509Certificate } from '../../x509/x509-certificate.ts'
import { foreignText } from '../texts/foreign-text.ts'
import { ending } from './ending.ts'
import type { Warning } from './warning.ts'
import { warningsOfKeys } from './of-keys.ts'

/** Days before the end of something from which on it is told; renewing takes people and a ceremony. */
const DAYS = { ownList: 14, ownCrl: 7, ofPeer: 2 } as const

/** A peer publishes its list, then the CRLs of new authorities; this node looks for them every minute. */
const CRL_FOLLOWS_MS = 5 * 60_000

/** From how many days before its end on a CRL is due. */
export const crlDueDays = (isOwn: boolean): number => (isOwn ? DAYS.ownCrl : DAYS.ofPeer)

/** What ends: lists and CRLs of every state, keys and authorities of the own one. */
export function warningsOfTrust(
  own: string,
  lists: readonly TrustList[],
  crls: readonly StoredCrl[],
  /** Of the own list's newest version. */
  listSignerEndsAt: Date | undefined,
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
    ...(ofOwn ? warningsOfKeys(ofOwn, listSignerEndsAt, now) : [missing]),
    ...lists.flatMap((list) => [
      ...listWarnings(list, list.state === own, now),
      ...crlWarnings(list, list.state === own, crls, now),
    ]),
  ]
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
  return signingAuthorities(list, now).flatMap((authority): Warning[] => {
    const ski = skiOf(authority)
    const name = authority.subject.attributes.at(-1)?.value ?? ski
    const crl = crls.find((stored) => stored.state === state && stored.ski === ski)
    const subject = `${state} ${name}`
    const about = crl
      ? text('Подходит или прошёл срок обновления', 'due for its next update, or past it')
      : text('Нет', 'missing')
    const message = text(
      `${about.ru} списка отозванных сертификатов ключей ${foreignText(name)}: без него отзыв проверить нельзя. ${renew.ru}`,
      `The CRL of ${foreignText(name)} is ${about.en}; without it revocation cannot be told. ${renew.en}`,
    )
    if (!crl && !isOwn && now.getTime() - Date.parse(list.issuedAt) < CRL_FOLLOWS_MS) return []
    if (!crl) return [{ kind: 'crl-missing', subject, overdue: true, at: undefined, message }]
    const endsAt = storedCrlCountsUntil(crl, authority, list)
    return ending({ kind: 'crl-due', subject, message }, endsAt, crlDueDays(isOwn), now)
  })
}

/** Those from which a CRL is due: after its own end an authority signs none, its last one stays. */
export function signingAuthorities(list: TrustList, now: Date): X509Certificate[] {
  const living = authoritiesOf(list).filter(({ notAfter }) => notAfter >= now)
  const bySki = new Map(living.map((authority) => [skiOf(authority), authority]))
  return [...bySki.values()]
}

/** What the list itself says, and no longer than the window of whoever signed it. */
export function storedCrlCountsUntil(
  { thisUpdate, nextUpdate }: StoredCrl,
  authority: X509Certificate,
  list: TrustList,
): Date {
  const isRoot = encodeBase64(authority.der) === list.root || isSelfMade(authority)
  const by = isRoot ? 'anchor' : 'intermediate'
  const times = { thisUpdate: new Date(thisUpdate), nextUpdate: new Date(nextUpdate) }
  return crlCountsUntil(times, by)
}
