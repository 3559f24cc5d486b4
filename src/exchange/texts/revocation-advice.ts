import { text, type Text } from '../../certificate/wording.ts'
import type { Currency } from '../keep-trust/revocation-status.ts'

/** What an operator does about evidence of revocation; nothing about what is fresh and comes. */
export function revocationAdvice(
  kind: 'crl' | 'ocsp',
  currency: Currency,
  {
    state,
    isOwn,
    failure,
    isAsked = true,
    revokes = false,
  }: {
    state: string
    isOwn: boolean
    failure: string | undefined
    /** Whether its responder may be asked at all. */
    isAsked?: boolean
    /** It is not a good one that is kept. */
    revokes?: boolean
  },
): Text | undefined {
  if (currency === 'fresh') return undefined
  if (kind === 'crl')
    return isOwn ? OWN_CRL[currency] : ofPeer(state, failure, CRL_OF_PEER[currency])
  if (revokes && currency === 'stale') return revokedOnce(state, isOwn)
  if (isOwn) return OWN_OCSP
  if (!isAsked) return foreignResponder(state)
  return ofPeer(state, failure, OCSP_OF_PEER)
}

const RENEW = text(
  'Подпишите следующий: certex pki renew-crls, затем опубликуйте: certex trust publish --crls.',
  'Sign the next one: certex pki renew-crls, then publish it: certex trust publish --crls.',
)

function about(ru: string, en: string): Text {
  return text(`${ru} ${RENEW.ru}`, `${en} ${RENEW.en}`)
}

const OWN_CRL = {
  due: about('Срок списка подходит.', 'The list is about to end.'),
  stale: about(
    'Срок списка прошёл: о ключах этого центра проверки отвечают «нельзя установить».',
    'The list has ended: about keys of this authority validations answer "cannot tell".',
  ),
  missing: text(
    'Списка нет: о ключах этого центра проверки отвечают «нельзя установить». Опубликуйте список из папки ключей: certex trust publish --crls keys/crls; если его срок уже прошёл, сначала подпишите следующий: certex pki renew-crls.',
    'There is no list: about keys of this authority validations answer "cannot tell". Publish the one in the folder of the keys: certex trust publish --crls keys/crls; if it has ended by now, sign the next one first: certex pki renew-crls.',
  ),
} as const satisfies Record<Exclude<Currency, 'fresh'>, Text>

const CRL_OF_PEER = {
  due: text(
    'Срок списка подходит, а нового нет.',
    'The list is about to end and no newer one has come.',
  ),
  stale: text(
    'Срок списка прошёл: о ключах этого центра проверки отвечают «нельзя установить».',
    'The list has ended: about keys of this authority validations answer "cannot tell".',
  ),
  missing: text(
    'Списка нет: о ключах этого центра проверки отвечают «нельзя установить».',
    'There is no list: about keys of this authority validations answer "cannot tell".',
  ),
} as const satisfies Record<Exclude<Currency, 'fresh'>, Text>

const OCSP_OF_PEER = text(
  'Действующего ответа OCSP о ключе нет: решает список отозванных.',
  'No OCSP response about the key counts now: the CRL decides.',
)

const OWN_OCSP = text(
  'Подпишите ответы: certex pki sign-ocsp, затем опубликуйте: certex trust publish --ocsp; если ответы даёт отдельная служба, проверьте её.',
  'Sign responses: certex pki sign-ocsp, then publish them: certex trust publish --ocsp; where a service of its own answers, look after that.',
)

/** What was revoked is not believed again because its responder fell silent. */
function revokedOnce(state: string, isOwn: boolean): Text {
  const what = text(
    'Ответ OCSP об отзыве устарел, нового нет: о ключе проверки отвечают «нельзя установить», пока отзыв не подтвердит список.',
    'The OCSP response that revokes has ended and no newer one is here: about the key validations answer "cannot tell" until a CRL confirms the revocation.',
  )
  if (isOwn) return text(`${what.ru} ${RENEW.ru}`, `${what.en} ${RENEW.en}`)
  return text(
    `${what.ru} Позвоните оператору ${state}.`,
    `${what.en} Call the operator of ${state}.`,
  )
}

function foreignResponder(state: string): Text {
  return text(
    `Служба OCSP названа на узле, которого нет в списке доверия ${state}: она не опрашивается, решает список отозванных. Сообщите оператору ${state}.`,
    `The OCSP responder is at a host that the trust list of ${state} does not name: it is not asked, the CRL decides. Tell the operator of ${state}.`,
  )
}

function ofPeer(state: string, failure: string | undefined, what: Text): Text {
  if (failure === undefined)
    return text(
      `${what.ru} Если так останется, позвоните оператору ${state}.`,
      `${what.en} If it stays so, call the operator of ${state}.`,
    )
  return text(
    `${what.ru} Последний запрос не удался (${failure}). Проверьте связь с узлом ${state} и позвоните его оператору.`,
    `${what.en} The last request failed (${failure}). Check the connection to ${state} and call its operator.`,
  )
}
