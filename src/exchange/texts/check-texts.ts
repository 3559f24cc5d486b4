import { type Text, text } from '../../certificate/wording.ts'
import type { CodeText } from './check-texts-actions.ts'
import { EVIDENCE_TEXTS } from './check-texts-evidence.ts'
import { NOTICE_TEXTS } from './check-texts-notices.ts'
import { PATH_TEXTS } from './check-texts-path.ts'
import { REGISTER_TEXTS } from './check-texts-register.ts'
import { SECOND_SIGNATURE_TEXTS } from './check-texts-second-signature.ts'
import { SIGNER_TEXTS } from './check-texts-signer.ts'
import type { Check, CheckName } from '../validation/check.ts'

/*
 * The sentences of a validation report, for an officer who is no cryptographer. «Сертификат» and
 * "certificate" alone mean the product's document; the X.509 kind is always «сертификат ключа подписи»,
 * "signing certificate". What cannot be told is called just that: no sentence accuses anybody.
 */

export const CHECK_TITLES: Record<CheckName, Text> = {
  form: text('Вид и целость документа', 'Form of the document'),
  'signing-certificate': text('Сертификат ключа подписи', 'Signing certificate'),
  'certification-path': text('Путь сертификации', 'Certification path'),
  revocation: text('Отзыв ключей', 'Revocation of keys'),
  signature: text('Печать органа', 'Seal of the body'),
  registration: text('Запись в списке доверия', 'Entry in the trust list'),
  'signing-time': text('Время подписания', 'Time of signing'),
  'security-notice': text('Уведомления о безопасности', 'Security notices'),
  schema: text('Состав сведений', 'Structure of the content'),
  binding: text('Подписавший и выдавший орган', 'Signer and issuing body'),
  scope: text('Полномочия органа', 'Authority to issue'),
  addressee: text('Государство представления', 'State of presentation'),
  identity: text('Соответствие зарегистрированному', 'Match with the registered document'),
  rules: text('Правила заполнения', 'Rules of completion'),
  status: text('Состояние сертификата', 'Status of the certificate'),
  validity: text('Срок действия', 'Period of validity'),
  'national-signature': text('Национальная подпись', 'National signature'),
  declaration: text('Сверка с декларацией', 'Match with the declaration'),
}

export const PASSED_TEXTS: Record<CheckName, Text> = {
  form: text(
    'Документ прочитан полностью и составлен так, как требует обмен.',
    'The document was read in full and has the form that the exchange requires.',
  ),
  'signing-certificate': text(
    'К документу приложен тот сертификат ключа подписи, на который он ссылается.',
    'The document carries the signing certificate that it refers to.',
  ),
  'certification-path': text(
    'Цепочка сертификатов ключей подписи верна и ведёт к корневому удостоверяющему центру, которому доверяет этот узел.',
    'The path of signing certificates is in order and leads to a root authority that this node trusts.',
  ),
  revocation: text(
    'На момент, на который проверялась печать, ни один сертификат ключа подписи в цепочке не был отозван.',
    'At the time for which the seal was checked, no signing certificate in the path was revoked.',
  ),
  signature: text(
    'Электронная печать верна: после подписания документ не изменялся.',
    'The electronic seal is correct: the document has not been changed since it was signed.',
  ),
  registration: text(
    'Ключ внесён в список доверия как печать органа, и его использование разрешено.',
    'The key stands in the trust list as the seal of a body, and its use is permitted.',
  ),
  'signing-time': text(
    'Время подписания, указанное в документе, ничему известному узлу не противоречит.',
    'The time of signing that the document states contradicts nothing that this node knows.',
  ),
  'security-notice': text(
    'Ни одно уведомление о безопасности не называет ключ этой печати для времени, когда документ мог быть подписан.',
    'No security notice names the key of this seal for the time when the document may have been signed.',
  ),
  schema: text(
    'Сведения сертификата соответствуют установленной форме.',
    'The particulars of the certificate follow the form laid down.',
  ),
  binding: text(
    'Печать принадлежит тому органу, который указан в сертификате как выдавший.',
    'The seal belongs to the body that the certificate names as its issuer.',
  ),
  scope: text(
    'По списку доверия орган вправе выдавать такой сертификат.',
    'By the trust list the body may issue such a certificate.',
  ),
  addressee: text(
    'Сертификат выдан для представления в этом государстве или выдан им самим.',
    'The certificate was issued for presentation in this state, or by this state itself.',
  ),
  identity: text(
    'Документ совпадает с тем, который зарегистрирован на этом узле под этим номером.',
    'The document is the one registered at this node under this number.',
  ),
  rules: text(
    'Из правил, которые удалось проверить, ни одно не нарушено.',
    'Of the rules that could be evaluated, none is broken.',
  ),
  status: text(
    'Узел не располагает сведениями о том, что сертификат аннулирован, заменён, приостановлен или прекращён.',
    'This node knows of no annulment, replacement, suspension or termination of the certificate.',
  ),
  validity: text(
    'Дата, на которую проверялся сертификат, входит в срок его действия.',
    'The date for which the certificate was checked lies within its period of validity.',
  ),
  'national-signature': text(
    'Национальная подпись, приложенная к сертификату, верна: её подтвердила служба доверия или вычислил этот узел; кто именно, указано в подробностях.',
    'The national signature beside the certificate is right: a trust service confirmed it, or this node computed it; the details say which.',
  ),
  declaration: text(
    'Все товары декларации охвачены сертификатом; в сверенных сведениях расхождений нет.',
    'The certificate covers all goods of the declaration; the particulars compared do not differ.',
  ),
}

/** Every result code but `ok`, with what was found and what to do. */
export const CODE_TEXTS = {
  ...SIGNER_TEXTS,
  ...NOTICE_TEXTS,
  ...PATH_TEXTS,
  ...REGISTER_TEXTS,
  ...SECOND_SIGNATURE_TEXTS,
  ...EVIDENCE_TEXTS,
}
export type ReasonCode = keyof typeof CODE_TEXTS

/** What a report says about a check. A code outside the catalogue is a bug and throws. */
export function sentenceOf({ check, outcome, code }: Check): Text {
  if (outcome === 'passed' && code === 'ok') return PASSED_TEXTS[check]
  const catalogue: Readonly<Record<string, CodeText>> = CODE_TEXTS
  const entry = Object.hasOwn(catalogue, code) ? catalogue[code] : undefined
  if (!entry || outcome === 'passed')
    throw new Error(`The check ${check} ended ${outcome} with "${code}", which has no sentence`)
  const said = [entry.text, entry.meaning, entry.action]
  return text(said.map(({ ru }) => ru).join(' '), said.map(({ en }) => en).join(' '))
}
