import { text } from '../../certificate/wording.ts'
import type { keyObstacle } from '../../trust/trust-view.ts'
import {
  advice,
  ASK_FOR_CONFIRMATION,
  ASK_FOR_IT_AGAIN,
  ASK_FOR_PROOF_OF_TIME,
  ASK_FOR_REPLACEMENT,
  ASK_WHETHER_ISSUED,
  CHECK_LATER,
  CHECK_WITH_NEW_LIST,
  type CodeText,
  found,
  LEAVES_OPEN,
  PROVES_NOTHING,
  STAYS_GENUINE,
  TELL_ADMINISTRATOR,
} from './check-texts-actions.ts'

type KeyCode = `key-${NonNullable<ReturnType<typeof keyObstacle>>}`

/** Whether a key may be used, by the trust list. */
const KEY_TEXTS = {
  'key-not-yet': found(
    'На момент, на который проверялась печать, срок использования ключа по списку доверия ещё не начался.',
    "At the time for which the seal was checked, the key's period of use in the trust list had not begun.",
    ASK_WHETHER_ISSUED,
  ),
  'key-pending': found(
    'Ключ внесён в список доверия недавно, и этот узел его пока не учитывает: новые записи вступают в силу здесь не сразу, чтобы люди успели их проверить, а если список или журнал этого государства противоречит сам себе, то лишь когда это выяснено.',
    'The key was added to the trust list recently and does not count at this node yet: additions take effect here after a delay, so that people have time to look at them, and only once it is settled if the list or the log of that state contradicts itself.',
    CHECK_LATER,
  ),
  'key-ended': found(
    'Срок использования ключа по списку доверия закончился, и не доказано, что документ был подписан до этого.',
    "The key's period of use in the trust list has ended, and there is no proof that the document was signed before that.",
    ASK_FOR_CONFIRMATION,
  ),
  'key-removed': found(
    'Ключ исключён из списка доверия, и не доказано, что документ был подписан до этого.',
    'The key has been removed from the trust list, and there is no proof that the document was signed before that.',
    ASK_FOR_PROOF_OF_TIME,
  ),
} satisfies Record<KeyCode, CodeText>

/** Who signed, and may they say what the document says: all checks from form to addressee but the path. */
export const SIGNER_TEXTS = {
  malformed: found(
    'Прочитать это как подписанный документ обмена нельзя: документ повреждён, неполон или составлен неверно.',
    'This cannot be read as a signed document of the exchange: it is damaged, incomplete or malformed.',
    advice(
      PROVES_NOTHING,
      'Не полагайтесь на него; убедитесь, что он передан целиком и без изменений, иначе запросите его заново у выдавшего органа.',
      'Do not rely on it; make sure that it was passed on whole and unchanged, or else ask the issuing body for it again.',
    ),
  ),
  'training-document': found(
    'Это учебный документ: он составлен в учебной среде обмена и не имеет юридической силы.',
    'This is a training document: it was made in the training environment of the exchange and has no legal force.',
    advice(
      PROVES_NOTHING,
      'Не принимайте его; запросите у декларанта действительный сертификат.',
      'Do not accept it; ask the declarant for a real certificate.',
    ),
  ),
  'production-document': found(
    'Это документ действующего обмена, а здесь учебная среда; она таких документов не проверяет и не принимает.',
    'This is a document of the real exchange, and this is a training environment, which neither checks nor accepts such documents.',
    advice(
      LEAVES_OPEN,
      'Проверьте его в действующей системе; учебная проверка ничего о нём не говорит.',
      'Check it in the production system; a check in training says nothing about it.',
    ),
  ),
  'algorithm-not-permitted': found(
    'Документ подписан алгоритмом, которого нет в перечне обмена; проверить печать узел не может.',
    "The document is signed with an algorithm outside the exchange's list; the node cannot check the seal.",
    ASK_FOR_CONFIRMATION,
  ),
  'typ-not-expected': found(
    'По указанному в нём виду это не сертификат, а другой документ.',
    'By the kind it states, this is not a certificate but another document.',
    advice(
      PROVES_NOTHING,
      'Представьте на проверку сам сертификат.',
      'Submit the certificate itself to the check.',
    ),
  ),
  'thumbprint-differs': found(
    'Документ ссылается на один сертификат ключа подписи, а приложен к нему другой; установить подписавшего нельзя.',
    'The document refers to one signing certificate but carries another; its signer cannot be established.',
    ASK_FOR_IT_AGAIN,
  ),
  'signature-wrong': found(
    'Печать органа не соответствует документу: он изменён или повреждён после подписания либо подписан другим ключом; что именно произошло, установить нельзя.',
    'The seal does not match the document: it was changed or damaged after signing, or signed with another key; which of these happened cannot be established.',
    ASK_FOR_IT_AGAIN,
  ),
  'key-unknown': found(
    'Ключа, которым подписан документ, нет в списках доверия этого узла; установить подписавшего нельзя.',
    "The key that signed the document is not in this node's trust lists; the signer cannot be established.",
    CHECK_WITH_NEW_LIST,
  ),
  'key-of-other-state': found(
    'В списке доверия ключ числится за органом одного государства, а удостоверен он другим государством.',
    'In the trust list the key belongs to a body of one state, but another state certified it.',
    TELL_ADMINISTRATOR,
  ),
  'key-usage-differs': found(
    'В списке доверия этот ключ предназначен не для подписания сертификатов печатью органа.',
    'In the trust list this key is not meant for sealing certificates.',
    ASK_WHETHER_ISSUED,
  ),
  ...KEY_TEXTS,
  'trust-list-stale': found(
    'Срок обновления списка доверия прошёл, а новый список не получен; сведения о ключах и органах могли измениться.',
    'The trust list is due for an update that has not arrived; what it says of keys and bodies may have changed.',
    CHECK_LATER,
  ),
  'trust-list-undecided': found(
    'Корневой удостоверяющий центр этого государства закреплён, но списка доверия, которому можно верить, от него нет: список не получен, или не хватает данных об отзыве ключа, которым он подписан. Чей это ключ и внесён ли он в список, неизвестно.',
    'The root authority of that state is pinned, but no trust list of it is at hand that can be believed: none has arrived, or revocation data about the key that signed it are missing. Whose key this is, and whether it is listed, is not known.',
    advice(
      LEAVES_OPEN,
      'Повторите проверку, когда будут список доверия и действующий список отзыва корневого удостоверяющего центра (для certex validate: --crl); если результат не изменится, сообщите код результата администратору узла.',
      "Repeat the check once the trust list and a current revocation list of the root authority are at hand (for certex validate: --crl); if the result stays the same, give the result code to the node's administrator.",
    ),
  ),
  'trust-list-overdue': found(
    'Срок обновления списка доверия прошёл, а новый список ещё не получен; пока действует отсрочка, ответ основан на прежнем списке.',
    'The trust list is past its next update and the new one has not arrived; for a time of grace the answer rests on the list at hand.',
    advice(
      STAYS_GENUINE,
      'Примите это к сведению; если предупреждение не исчезнет к следующему дню, сообщите администратору узла.',
      "Take note of it; if the warning is still there the next day, tell the node's administrator.",
    ),
  ),
  'signed-in-future': found(
    'Время подписания, указанное в документе, ещё не наступило; когда он подписан на самом деле, установить нельзя.',
    'The time of signing that the document states has not come yet; when it was really signed cannot be established.',
    ASK_FOR_CONFIRMATION,
  ),
  'signed-after-receipt': found(
    'По указанному в документе времени он подписан позже, чем узел его уже зарегистрировал; одно из двух времён неверно.',
    'By the time it states, the document was signed after this node had already registered it; one of the two times is wrong.',
    ASK_FOR_CONFIRMATION,
  ),
  'schema-unknown': found(
    'Подписавший установлен, но форма или версия документа этому узлу неизвестна; его содержание не проверено.',
    'The signer is established, but this node does not know the form or version of the document; its content was not checked.',
    advice(
      LEAVES_OPEN,
      'Сообщите код результата администратору узла и запросите у выдавшего органа подтверждение содержания.',
      "Give the result code to the node's administrator and ask the issuing body to confirm the content.",
    ),
  ),
  'schema-broken': found(
    'Подписавший установлен, но документ составлен не по форме: части сведений нет, либо они лишние или записаны неверно.',
    'The signer is established, but the document breaks its form: some particulars are missing, superfluous or wrongly written.',
    ASK_FOR_REPLACEMENT,
  ),
  'number-unusable': found(
    'Номер сертификата записан так, что опознать по нему документ нельзя.',
    "The certificate's number is written so that it cannot identify the document.",
    ASK_FOR_REPLACEMENT,
  ),
  'issuer-differs': found(
    'Документ подписан печатью одного органа, а выдавшим его назван другой.',
    'The document bears the seal of one body but names another as its issuer.',
    ASK_WHETHER_ISSUED,
  ),
  'body-unknown': found(
    'Ключ в списке доверия есть, а сведений об органе, которому он принадлежит, там нет; установить полномочия органа нельзя.',
    'The trust list has the key but not the body it belongs to; whether the body may issue cannot be established.',
    CHECK_WITH_NEW_LIST,
  ),
  'body-differs': found(
    'Указанные в сертификате орган или государство выдачи не совпадают с владельцем печати.',
    'The issuing body or state given in the certificate is not the owner of the seal.',
    ASK_WHETHER_ISSUED,
  ),
  'scope-pending': found(
    'Полномочия или обозначение органа недавно изменены в списке доверия, и этот узел их пока не учитывает: новые записи вступают в силу здесь не сразу, чтобы люди успели их проверить, а если список или журнал этого государства противоречит сам себе, то лишь когда это выяснено.',
    "The body's scope or name was changed in the trust list recently, and this does not count at this node yet: additions take effect here after a delay, so that people have time to look at them, and only once it is settled if the list or the log of that state contradicts itself.",
    CHECK_LATER,
  ),
  'out-of-scope': found(
    'По списку доверия орган не вправе выдавать такой сертификат: его полномочия не распространяются на этот вид документа, товар, государство назначения или момент проверки печати.',
    'By the trust list the body may not issue such a certificate: its scope does not cover this type of document, these goods, this destination or the time for which the seal was checked.',
    advice(
      PROVES_NOTHING,
      'Не полагайтесь на документ до выяснения; запросите по официальным каналам у центрального уполномоченного органа государства выдачи, вправе ли орган его выдавать.',
      'Do not rely on the document until this is settled; ask the central authorised body of the issuing state, through official channels, whether the body may issue it.',
    ),
  ),
  'not-addressed-here': found(
    'Сертификат выдан для представления в другом государстве.',
    'The certificate was issued for presentation in another state.',
    advice(
      text(
        'Подлинности это не затрагивает, но в вашем государстве он не доказывает ни происхождения, ни соответствия товара.',
        'This does not affect its genuineness, yet in your state it proves neither the origin nor the conformity of the goods.',
      ),
      'Не принимайте его; запросите у декларанта сертификат, выданный для представления в вашем государстве.',
      'Do not accept it; ask the declarant for a certificate issued for presentation in your state.',
    ),
  ),
}
