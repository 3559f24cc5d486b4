import { text } from '../../certificate/wording.ts'
import {
  advice,
  ASK_FOR_CONFIRMATION,
  CHECK_LATER,
  type CodeText,
  found,
  LEAVES_OPEN,
  NOT_IN_FORCE,
  STAYS_GENUINE,
} from './check-texts-actions.ts'

/** What a status list of the issuing state tells of a certificate that no register at hand has. */
export const STATUS_LIST_TEXTS = {
  'not-received': found(
    'Подписавший и его полномочия установлены, но через обмен этот документ на узел ещё не поступал; состояние сертификата взято из списка состояний государства выдачи.',
    'The signer and its authority are established, but this node has not yet received the document through the exchange; the status of the certificate is taken from the status list of the issuing state.',
    advice(
      STAYS_GENUINE,
      'Документ можно принять; при сомнении повторите проверку по окончании дня, следующего за днём выдачи.',
      'The document can be accepted; in doubt, repeat the check after the end of the day that follows issue.',
    ),
  ),
  'absent-from-feed': found(
    'Подписавший и его полномочия установлены, но через обмен этот документ на узел не поступал, хотя сведения государства выдачи у этого узла полны по указанный момент.',
    'The signer and its authority are established, but the document did not come to this node through the exchange, although this node has all data of the issuing state up to the time given.',
    advice(
      LEAVES_OPEN,
      'Не полагайтесь на документ до выяснения; запросите у выдавшего органа, выдавал ли он этот сертификат и почему не передал его.',
      'Do not rely on the document until this is settled; ask the issuing body whether it issued this certificate and why it was not sent.',
    ),
  ),
  'valid-by-list': found(
    'По списку состояний государства выдачи сертификат на указанный момент не был ни аннулирован, ни приостановлен; изменений, сделанных позже, этот список не показывает.',
    'By the status list of the issuing state the certificate was neither annulled nor suspended at the time given; changes made later do not show in it.',
    advice(
      text(
        'Чем старше список, тем меньше он говорит о сегодняшнем дне.',
        'The older the list, the less it says about today.',
      ),
      'Если с указанного момента прошло много времени, проверьте сертификат по более новому списку.',
      'If much time has passed since then, check the certificate by a newer list.',
    ),
  ),
  'withdrawn-by-list': found(
    'По списку состояний государства выдачи сертификат больше не действует: он аннулирован, заменён, прекращён или переведён в архив.',
    'By the status list of the issuing state the certificate is no longer in force: it was annulled, replaced, terminated or archived.',
    advice(
      NOT_IN_FORCE,
      'Не принимайте его; запросите у декларанта действующий сертификат, а причину — у выдавшего органа.',
      'Do not accept it; ask the declarant for a certificate that is in force, and the issuing body for the reason.',
    ),
  ),
  'suspended-by-list': found(
    'По списку состояний государства выдачи действие сертификата на указанный момент было приостановлено.',
    'By the status list of the issuing state the certificate was suspended at the time given.',
    advice(
      NOT_IN_FORCE,
      'Не принимайте его, пока более новый список не покажет, что действие возобновлено.',
      'Do not accept it until a newer list shows that it has been resumed.',
    ),
  ),
  'status-not-assigned': found(
    'В списке состояний государства выдачи для сертификата указано значение, которому обмен не придал смысла; действующим он не считается.',
    'The status list of the issuing state gives the certificate a value to which the exchange assigns no meaning; it does not count as in force.',
    advice(
      NOT_IN_FORCE,
      'Не принимайте его, пока выдавший орган не подтвердит, что он действует.',
      'Do not accept it until the issuing body confirms that it is in force.',
    ),
  ),
  'status-list-stale': found(
    'Срок действия имеющегося списка состояний истёк; не аннулирован ли сертификат, установить нельзя.',
    'The status list at hand has expired; whether the certificate has been annulled cannot be established.',
    CHECK_LATER,
  ),
  'status-source-absent': found(
    'Проверка шла без связи с узлом и без списка состояний, на который ссылается сертификат; не аннулирован ли сертификат и не приостановлен ли, установить нельзя.',
    'The check was made without a node and without the status list to which the certificate refers; whether the certificate has been annulled or suspended cannot be established.',
    advice(
      LEAVES_OPEN,
      'Проверьте сертификат на узле или запросите подтверждение у выдавшего органа.',
      'Validate it at a node, or ask the issuing body for confirmation.',
    ),
  ),
  'status-list-too-short': found(
    'Место, на которое ссылается сертификат, лежит вне списка состояний; не аннулирован ли он, установить нельзя.',
    'The place to which the certificate refers lies outside the status list; whether it has been annulled cannot be established.',
    ASK_FOR_CONFIRMATION,
  ),
} satisfies Record<string, CodeText>
