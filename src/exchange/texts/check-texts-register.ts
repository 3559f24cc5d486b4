import type { Usability } from '../../certificate/usability.ts'
import { text } from '../../certificate/wording.ts'
import {
  ABSENCE_IS_NO_SIGN,
  advice,
  ASK_DECLARANT,
  type CodeText,
  found,
  LEAVES_OPEN,
  NOT_IN_FORCE,
  PROVES_NOTHING,
  STAYS_GENUINE,
  USE_PAPER_RULES,
} from './check-texts-actions.ts'
import { STATUS_LIST_TEXTS } from './check-texts-status-list.ts'
import type { NotFoundCode } from '../validation/not-found.ts'

type UnusableReason = Exclude<Usability, { verdict: 'usable' }>['reason']
type InTime = 'expired' | 'not-yet-valid'
type StatusCode = Exclude<UnusableReason, InTime> | `${UnusableReason & InTime}-document`

/** Whether the certificate is in force on the date of the declaration, else on the day of the check. */
const STATUS_TEXTS = {
  annulled: found(
    'Сертификат аннулирован и не действует ни на какую дату.',
    'The certificate has been annulled and is not in force on any date.',
    advice(
      text(
        'Ни на какую дату он не доказывает ни происхождения, ни соответствия товара.',
        'On no date does it prove the origin or conformity of the goods.',
      ),
      'Не принимайте его; запросите у декларанта другой сертификат.',
      'Do not accept it; ask the declarant for another certificate.',
    ),
  ),
  replaced: found(
    'Сертификат аннулирован, взамен него выдан новый.',
    'The certificate has been annulled and a new one was issued in its place.',
    advice(
      text(
        'Происхождение или соответствие товара доказывает только сертификат, выданный взамен.',
        'Only the certificate issued in its place proves the origin or conformity of the goods.',
      ),
      'Не принимайте его; запросите у декларанта сертификат, выданный взамен.',
      'Do not accept it; ask the declarant for the certificate issued in its place.',
    ),
  ),
  suspended: found(
    'На дату, на которую проверялся сертификат, его действие приостановлено.',
    'The certificate is suspended on the date for which it was checked.',
    advice(
      NOT_IN_FORCE,
      'Не принимайте его, пока действие не возобновлено; причину можно запросить у выдавшего органа.',
      'Do not accept it until it is resumed; the issuing body can give the reason.',
    ),
  ),
  terminated: found(
    'На дату, на которую проверялся сертификат, его действие прекращено.',
    'The certificate has been terminated by the date for which it was checked.',
    ASK_DECLARANT,
  ),
  archived: found(
    'На дату, на которую проверялся сертификат, он переведён в архив и не действует.',
    'The certificate has been archived by the date for which it was checked and is not in force.',
    ASK_DECLARANT,
  ),
  'expired-document': found(
    'Срок действия сертификата истёк до даты, на которую он проверялся.',
    'The certificate expired before the date for which it was checked.',
    ASK_DECLARANT,
  ),
  'not-yet-valid-document': found(
    'На дату, на которую проверялся сертификат, срок его действия ещё не начался.',
    'The certificate is not yet valid on the date for which it was checked.',
    advice(
      NOT_IN_FORCE,
      'Сверьте дату декларации; если она верна, на эту дату сертификат не принимайте.',
      'Compare the date of the declaration; if it is right, do not accept the certificate for that date.',
    ),
  ),
  'changed-later': found(
    'Состояние сертификата изменилось после даты, на которую он проверялся; действовал ли он на эту дату, установить нельзя.',
    'The status of the certificate changed after the date for which it was checked; whether it was in force on that date cannot be established.',
    advice(
      LEAVES_OPEN,
      'Запросите у выдавшего органа, действовал ли сертификат на эту дату.',
      'Ask the issuing body whether the certificate was in force on that date.',
    ),
  ),
  'extended-without-end': found(
    'Действие сертификата продлено без указания нового срока, а первоначальный срок истёк.',
    'The certificate was extended without a new end, and its original period has passed.',
    advice(
      LEAVES_OPEN,
      'Запросите у выдавшего органа, до какой даты продлено действие сертификата.',
      'Ask the issuing body until what date the certificate was extended.',
    ),
  ),
} satisfies Record<StatusCode, CodeText>

/** Why a certificate asked for by its number may be absent. */
const NOT_FOUND_TEXTS = {
  'not-found-unknown-type': found(
    'Такой вид документа этому узлу неизвестен, поэтому поиск не проводился.',
    'This node does not know such a type of document, so no search was made.',
    advice(
      ABSENCE_IS_NO_SIGN,
      'Выберите вид из перечня и повторите запрос.',
      'Choose a listed type and ask again.',
    ),
  ),
  'not-found-malformed-number': found(
    'Сертификат не найден: в государстве выдачи номера этого вида записываются иначе.',
    'The certificate was not found: the issuing state writes numbers of this type differently.',
    advice(
      ABSENCE_IS_NO_SIGN,
      'Сверьте номер с сертификатом, включая буквы и знаки, и повторите запрос.',
      'Compare the number with the certificate, letters and signs included, and ask again.',
    ),
  ),
  'not-found-addressed-elsewhere': found(
    'Сертификат не найден: судя по номеру, он выдан для представления в другом государстве и на этот узел не передаётся.',
    'The certificate was not found: by its number it was issued for presentation in another state and is not sent to this node.',
    advice(
      ABSENCE_IS_NO_SIGN,
      'Сверьте номер; если он верен, запросите у декларанта сертификат, выданный для представления в вашем государстве.',
      'Compare the number; if it is right, ask the declarant for a certificate issued for presentation in your state.',
    ),
  ),
  'not-found-unknown-state': found(
    'Сертификат не найден: от этого государства узел сведений ещё не получал, и отсутствие сертификата ни о чём не говорит.',
    'The certificate was not found: this node has not yet received anything from that state, so its absence says nothing.',
    USE_PAPER_RULES,
  ),
  'not-found-before-feed': found(
    'Сертификат не найден: он выдан до начала обмена с этим государством, и его отсутствие ни о чём не говорит.',
    'The certificate was not found: it was issued before the exchange with that state began, so its absence says nothing.',
    USE_PAPER_RULES,
  ),
  'not-found-deadline-open': found(
    'Сертификат не найден, но срок его передачи ещё не истёк: это конец дня, следующего за днём выдачи.',
    'The certificate was not found, but the time for sending it has not run out: that is the end of the day after issue.',
    advice(
      ABSENCE_IS_NO_SIGN,
      'Повторите проверку по истечении этого срока.',
      'Repeat the check once that time has passed.',
    ),
  ),
  'not-found-peer-dark': found(
    'Сертификат не найден, но сведения от государства выдачи получены не полностью или давно не поступали.',
    'The certificate was not found, but the data of the issuing state are incomplete or have not come in for some time.',
    advice(
      ABSENCE_IS_NO_SIGN,
      'Повторите проверку позже; до восстановления связи действуйте по правилам для бумажных сертификатов.',
      'Repeat the check later; until the connection is restored, follow the rules for paper certificates.',
    ),
  ),
  'not-found-lost': found(
    'Этот узел утратил данные, и среди утраченного есть сертификаты его государства: сертификат с этим номером мог быть выдан.',
    'This node has lost data, certificates of its own state among them: one with this number may have been issued.',
    advice(
      ABSENCE_IS_NO_SIGN,
      'Запросите у выдавшего органа, выдавал ли он этот сертификат и действует ли он.',
      'Ask the issuing body whether it issued this certificate, and whether it is in force.',
    ),
  ),
  'not-found-feed-complete': found(
    'Сертификат не найден, хотя сведения государства выдачи у этого узла полны по указанный момент.',
    'The certificate was not found, although this node has all data of the issuing state up to the time given.',
    advice(
      text(
        'Пока его выдача не подтверждена, предъявленный сертификат ничего не доказывает; возможна и ошибка в номере.',
        'Until its issue is confirmed, the certificate presented proves nothing; the number may also have been mistyped.',
      ),
      'Сверьте номер и повторите запрос с датой выдачи; если сертификат снова не найден, не полагайтесь на него и запросите по официальным каналам у названного в нём органа, выдавал ли он его.',
      'Compare the number and ask again with the date of issue; if the certificate is still not found, do not rely on it and ask the body named in it, through official channels, whether it issued it.',
    ),
  ),
} satisfies Record<NotFoundCode, CodeText>

/** What customs asks of a genuine certificate, and of one it knows only by its number. */
export const REGISTER_TEXTS = {
  'status-change-lost': found(
    'Этот узел утратил данные, и среди утраченного есть изменения состояния, сделанные его государством: документ мог быть аннулирован.',
    'This node has lost data, status changes made by its own state among them: the document may have been annulled.',
    advice(
      LEAVES_OPEN,
      'Не решайте по документу до выяснения; запросите у выдавшего органа, действует ли он, и повторите проверку.',
      'Decide nothing on the document until this is settled; ask the issuing body whether it is in force, and repeat the check.',
    ),
  ),
  'unknown-here': found(
    'Подписавший и его полномочия установлены, но через обмен этот документ на узел не поступал; не аннулирован ли он и не приостановлен ли, узел знать не может.',
    'The signer and its authority are established, but this node never received the document through the exchange; whether it has been annulled or suspended the node cannot know.',
    advice(
      LEAVES_OPEN,
      'Повторите проверку по окончании дня, следующего за днём выдачи; если результат не изменится, запросите у выдавшего органа подтверждение.',
      'Repeat the check after the end of the day that follows issue; if the result stays the same, ask the issuing body for confirmation.',
    ),
  ),
  'content-differs-from-registered': found(
    'Под этим номером на узле зарегистрирован другой документ, и представленный с ним не совпадает.',
    'Under this number another document is registered at this node, and the one presented is not the same.',
    advice(
      PROVES_NOTHING,
      'Не полагайтесь на представленный документ; проверьте сертификат по номеру и сообщите о расхождении выдавшему органу.',
      'Do not rely on the document presented; check the certificate by its number and report the difference to the issuing body.',
    ),
  ),
  'signature-in-other-form': found(
    'Это зарегистрированный сертификат; только подпись под ним записана в другом виде, который столь же верен.',
    'This is the registered certificate; its signature alone is written in another form, which holds just as well.',
    advice(
      STAYS_GENUINE,
      'Ничего делать не нужно: проверен документ, зарегистрированный под указанным хешем.',
      'Nothing has to be done: what was checked is the document registered under the digest given.',
    ),
  ),
  'rules-broken': found(
    'Сертификат составлен с нарушением правил; нарушения перечислены в замечаниях.',
    'The certificate breaks rules on its completion; the findings list them.',
    advice(
      STAYS_GENUINE,
      'Оцените каждое замечание: его последствия определяет таможенный орган.',
      'Consider each finding: its consequences are for customs to decide.',
    ),
  ),
  ...STATUS_TEXTS,
  ...STATUS_LIST_TEXTS,
  'line-not-covered': found(
    'Часть товаров декларации сертификатом не охвачена: товара с таким кодом в нём нет.',
    'Some goods of the declaration are not covered: the certificate has no item with their code.',
    advice(
      text(
        'Происхождения и соответствия этих товаров сертификат не доказывает; остальных товаров это не затрагивает.',
        'The certificate proves neither the origin nor the conformity of these goods; the other goods are not affected.',
      ),
      'Сверьте коды; если они верны, запросите у декларанта сертификат на эти товары.',
      'Compare the codes; if they are right, ask the declarant for a certificate covering these goods.',
    ),
  ),
  'line-differs': found(
    'Страна происхождения или счёт-фактура в декларации и в сертификате различаются.',
    'The country of origin or the invoice differs between the declaration and the certificate.',
    advice(
      STAYS_GENUINE,
      'Сверьте их с товаросопроводительными документами; последствия расхождения определяет таможенный орган.',
      'Compare them with the accompanying documents; the consequences of the difference are for customs to decide.',
    ),
  ),
  'line-exceeds': found(
    'Количество товара в декларации больше 105\u00a0% указанного в сертификате.',
    'The quantity declared is more than 105\u00a0% of the quantity certified.',
    advice(
      text(
        'В пределах этих 105\u00a0% сертификат действует.',
        'Up to those 105\u00a0% the certificate applies.',
      ),
      'Сертификат не распространяется на количество сверх этого предела; запросите у декларанта сертификат на него.',
      'The certificate does not extend to the quantity above this limit; ask the declarant for a certificate covering it.',
    ),
  ),
  ...NOT_FOUND_TEXTS,
}
