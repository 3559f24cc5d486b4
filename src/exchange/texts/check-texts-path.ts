import type { InvalidCode, UnknownCode } from '../../x509/path-result.ts'
import {
  advice,
  ASK_FOR_CONFIRMATION,
  ASK_FOR_PROOF_OF_TIME,
  ASK_WHETHER_ISSUED,
  CHECK_WITH_NEW_CRL,
  CHECK_WITH_NEW_LIST,
  type CodeText,
  found,
  LEAVES_OPEN,
  TELL_ADMINISTRATOR,
} from './check-texts-actions.ts'

/** Results of the validation of a certification path and of the revocation of its members. */
export const PATH_TEXTS = {
  'path-empty': found(
    'К документу не приложен сертификат ключа подписи, поэтому установить подписавшего нельзя.',
    'No signing certificate came with the document, so its signer cannot be established.',
    ASK_WHETHER_ISSUED,
  ),
  'path-too-long': found(
    'Цепочка сертификатов ключей подписи длиннее, чем допускает обмен, и не проверялась.',
    'The path of signing certificates is longer than the exchange permits and was not checked.',
    TELL_ADMINISTRATOR,
  ),
  'path-too-large': found(
    'Объём цепочки сертификатов ключей подписи больше, чем допускает обмен, и она не проверялась.',
    'The path of signing certificates is larger than the exchange permits and was not checked.',
    TELL_ADMINISTRATOR,
  ),
  'certificate-malformed': found(
    'Один из сертификатов ключей подписи прочитать нельзя: он повреждён или составлен не по стандарту.',
    'One of the signing certificates cannot be read: it is damaged or does not follow the standard.',
    TELL_ADMINISTRATOR,
  ),
  'name-constraints-too-costly': found(
    'Ограничения имён в цепочке сертификатов ключей подписи слишком обширны, чтобы их проверить.',
    'The limits on names in the path of signing certificates are too extensive to be checked.',
    TELL_ADMINISTRATOR,
  ),
  'policies-too-costly': found(
    'Правила применения в цепочке сертификатов ключей подписи слишком обширны, чтобы их проверить.',
    'The policies in the path of signing certificates are too extensive to be checked.',
    TELL_ADMINISTRATOR,
  ),
  'path-shape': found(
    'В цепочке сертификатов ключей подписи не столько звеньев, сколько установлено для печати органа.',
    'The path of signing certificates does not have the number of links laid down for the seal of a body.',
    TELL_ADMINISTRATOR,
  ),
  'no-anchor': found(
    'Цепочка сертификатов ключей подписи не ведёт ни к одному корневому удостоверяющему центру, которому доверяет этот узел; установить подписавшего нельзя.',
    'The path of signing certificates leads to no root authority that this node trusts; the signer cannot be established.',
    CHECK_WITH_NEW_LIST,
  ),
  'signature-algorithm-mismatch': found(
    'В одном из сертификатов ключей подписи названы два разных алгоритма подписи, что не допускается.',
    'One of the signing certificates names two different signature algorithms, which is not permitted.',
    TELL_ADMINISTRATOR,
  ),
  'signature-invalid': found(
    'Подпись удостоверяющего центра на одном из сертификатов ключей подписи не подтвердилась; установить владельца ключа нельзя.',
    "The certification authority's signature on one of the signing certificates did not verify; the owner of the key cannot be established.",
    ASK_WHETHER_ISSUED,
  ),
  expired: found(
    'Срок действия одного из сертификатов ключей подписи истёк, и не доказано, что документ был подписан до этого.',
    'One of the signing certificates has expired, and there is no proof that the document was signed before that.',
    ASK_FOR_CONFIRMATION,
  ),
  'not-yet-valid': found(
    'На момент, на который проверялась печать, срок действия одного из сертификатов ключей подписи ещё не начался.',
    'At the time for which the seal was checked, one of the signing certificates was not yet valid.',
    ASK_FOR_CONFIRMATION,
  ),
  'issuer-mismatch': found(
    'Сертификаты ключей подписи не образуют цепочки: один из них издан не владельцем следующего.',
    'The signing certificates do not form a path: one of them was not issued by the owner of the next.',
    TELL_ADMINISTRATOR,
  ),
  'name-empty': found(
    'В одном из сертификатов ключей подписи не указано, кто его издал.',
    'One of the signing certificates does not say who issued it.',
    TELL_ADMINISTRATOR,
  ),
  'extension-repeated': found(
    'Один из сертификатов ключей подписи дважды содержит одно и то же расширение, и прочитать его можно по-разному.',
    'One of the signing certificates holds the same extension twice and can be read in more than one way.',
    TELL_ADMINISTRATOR,
  ),
  'extension-unknown-critical': found(
    'Один из сертификатов ключей подписи содержит обязательное условие, которое этому узлу неизвестно.',
    'One of the signing certificates holds a mandatory condition that this node does not know.',
    TELL_ADMINISTRATOR,
  ),
  'ca-missing': found(
    'Один из сертификатов ключей подписи издан тем, кто не является удостоверяющим центром.',
    'One of the signing certificates was issued by someone who is no certification authority.',
    ASK_WHETHER_ISSUED,
  ),
  'key-cert-sign-missing': found(
    'Один из сертификатов ключей подписи издан с помощью ключа, который для этого не предназначен.',
    'One of the signing certificates was issued with a key that is not meant for issuing them.',
    ASK_WHETHER_ISSUED,
  ),
  'path-length-exceeded': found(
    'В цепочке сертификатов ключей подписи больше удостоверяющих центров, чем разрешил вышестоящий.',
    'The path of signing certificates has more certification authorities than a higher one allowed.',
    ASK_WHETHER_ISSUED,
  ),
  'name-not-permitted': found(
    'Удостоверяющий центр не вправе издавать сертификаты ключей подписи на имя, указанное в одном из них.',
    'The certification authority may not issue signing certificates for the name that one of them bears.',
    ASK_WHETHER_ISSUED,
  ),
  'name-excluded': found(
    'Удостоверяющему центру прямо запрещено издавать сертификаты ключей подписи на имя, указанное в одном из них.',
    'The certification authority is expressly barred from issuing signing certificates for the name that one of them bears.',
    ASK_WHETHER_ISSUED,
  ),
  'name-malformed': found(
    'Имя в одном из сертификатов ключей подписи записано неверно, и сверить его с ограничениями нельзя.',
    'A name in one of the signing certificates is malformed and cannot be compared with the limits on names.',
    TELL_ADMINISTRATOR,
  ),
  'name-form-not-supported': found(
    'Один из сертификатов ключей подписи ограничивает имена такого вида, который обмен не допускает.',
    'One of the signing certificates limits names of a kind that the exchange does not permit.',
    TELL_ADMINISTRATOR,
  ),
  'policy-not-accepted': found(
    'Один из сертификатов ключей подписи издан не по правилам, установленным для обмена.',
    'One of the signing certificates was not issued under the policy laid down for the exchange.',
    TELL_ADMINISTRATOR,
  ),
  'policy-mapping-not-allowed': found(
    'Один из сертификатов ключей подписи приравнивает чужие правила к правилам обмена, что не допускается.',
    'One of the signing certificates equates other policies with that of the exchange, which is not permitted.',
    TELL_ADMINISTRATOR,
  ),
  'any-policy-not-allowed': found(
    'Один из сертификатов ключей подписи издан для любых правил, а обмен требует прямо назвать его правила.',
    'One of the signing certificates was issued for any policy, while the exchange requires its own to be named.',
    TELL_ADMINISTRATOR,
  ),
  'end-entity-is-ca': found(
    'Документ подписан ключом удостоверяющего центра, а не печатью органа; такой ключ документы не подписывает.',
    "The document was signed with a certification authority's key and not with the seal of a body; such a key signs no documents.",
    ASK_WHETHER_ISSUED,
  ),
  'key-usage-wrong': found(
    'Назначение ключа указано в сертификате ключа подписи не так, как требуется для печати органа.',
    'The signing certificate does not state the use of its key as the seal of a body requires.',
    ASK_WHETHER_ISSUED,
  ),
  'extended-key-usage-wrong': found(
    'Один из сертификатов ключей подписи предназначен не для подписания документов обмена.',
    'One of the signing certificates is not meant for signing documents of the exchange.',
    ASK_WHETHER_ISSUED,
  ),
  'key-not-allowed': found(
    'Ключ в одном из сертификатов ключей подписи такого вида или такой длины, которые обмен не допускает; проверить печать узел не может.',
    'The key in one of the signing certificates is of a kind or length that the exchange does not permit; the node cannot check the seal.',
    ASK_FOR_CONFIRMATION,
  ),
  'shape-not-conforming': found(
    'Один из сертификатов ключей подписи составлен с нарушением обязательных правил.',
    'One of the signing certificates breaks the mandatory rules on its form.',
    TELL_ADMINISTRATOR,
  ),
  'version-not-supported': found(
    'Один из сертификатов ключей подписи составлен по версии стандарта, которую обмен не допускает.',
    'One of the signing certificates follows a version of the standard that the exchange does not permit.',
    TELL_ADMINISTRATOR,
  ),
  revoked: found(
    'Один из сертификатов ключей подписи отозван, и не доказано, что документ был подписан, пока ключ был надёжен.',
    'One of the signing certificates has been revoked, and there is no proof that the document was signed while its key could be relied on.',
    ASK_FOR_PROOF_OF_TIME,
  ),
  'signature-algorithm-not-supported': found(
    'Сертификат ключа подписи или список отозванных сертификатов ключей подписан алгоритмом, который этот узел проверить не может.',
    'A signing certificate or a revocation list is signed with an algorithm that this node cannot check.',
    ASK_FOR_CONFIRMATION,
  ),
  'root-link-out-of-time': found(
    'Корневой удостоверяющий центр этого государства сменился, на этом узле новый ещё не закреплён, а прежний подтвердил его не для этого времени; установить, можно ли верить печати, нельзя.',
    'The root authority of that state has changed, the new one is not pinned at this node yet, and the former one did not certify it for this time; whether the seal can be believed cannot be established.',
    advice(
      LEAVES_OPEN,
      'Сообщите код результата администратору узла: он сверит отпечаток нового корня и закрепит его. После этого повторите проверку.',
      "Give the result code to the node's administrator, who will compare the fingerprint of the new root and pin it. Then check again.",
    ),
  ),
  'crl-missing': found(
    'Нет списка отозванных сертификатов ключей подписи; установить, не отозван ли ключ, нельзя.',
    'A revocation list is missing; whether the key has been revoked cannot be established.',
    CHECK_WITH_NEW_CRL,
  ),
  'crl-malformed': found(
    'Список отозванных сертификатов ключей подписи составлен неверно; установить, не отозван ли ключ, нельзя.',
    'A revocation list is malformed; whether the key has been revoked cannot be established.',
    CHECK_WITH_NEW_CRL,
  ),
  'crl-signature-invalid': found(
    'Подпись под списком отозванных сертификатов ключей подписи не подтвердилась; установить, не отозван ли ключ, нельзя.',
    'The signature of a revocation list did not verify; whether the key has been revoked cannot be established.',
    CHECK_WITH_NEW_CRL,
  ),
  'crl-too-early': found(
    'Список отозванных сертификатов ключей подписи датирован будущим временем; установить, не отозван ли ключ, пока нельзя.',
    'A revocation list is dated in the future; whether the key has been revoked cannot be established yet.',
    CHECK_WITH_NEW_CRL,
  ),
  'crl-stale': found(
    'Список отозванных сертификатов ключей подписи устарел, новый не получен; установить, не отозван ли ключ, нельзя.',
    'A revocation list is out of date and no newer one has arrived; whether the key has been revoked cannot be established.',
    CHECK_WITH_NEW_CRL,
  ),
  'crl-too-late': found(
    'Список отозванных сертификатов ключей подписи издан, когда срок действия сертификата ключа уже истёк, и прежний отзыв мог быть из него исключён; установить, не был ли ключ отозван, нельзя.',
    'The revocation list was issued when the signing certificate had already expired and may no longer show an earlier revocation; whether the key was revoked cannot be established.',
    ASK_FOR_CONFIRMATION,
  ),
  'crl-out-of-scope': found(
    'Список отозванных сертификатов ключей подписи охватывает не все случаи отзыва этого ключа; установить, не отозван ли он, нельзя.',
    'The revocation list does not cover every way in which this key may be revoked; whether it has been cannot be established.',
    CHECK_WITH_NEW_CRL,
  ),
  'crl-not-supported': found(
    'Сведения об отзыве ключа даны в таком виде, который этот узел не обрабатывает; установить, не отозван ли ключ, нельзя.',
    'The revocation data are of a kind that this node does not process; whether the key has been revoked cannot be established.',
    CHECK_WITH_NEW_CRL,
  ),
  'ocsp-missing': found(
    'Нет ответа службы о состоянии сертификата ключа подписи; установить, не отозван ли ключ, нельзя.',
    'There is no answer of the status service about a signing certificate; whether the key has been revoked cannot be established.',
    CHECK_WITH_NEW_CRL,
  ),
  'ocsp-not-supported': found(
    'Ответ службы о состоянии сертификата ключа подписи дан в таком виде, который этот узел не обрабатывает; установить, не отозван ли ключ, нельзя.',
    'The answer of the status service is of a kind that this node does not process; whether the key has been revoked cannot be established.',
    CHECK_WITH_NEW_CRL,
  ),
  'ocsp-signature-invalid': found(
    'Подпись под ответом службы о состоянии сертификата ключа подписи не подтвердилась; установить, не отозван ли ключ, нельзя.',
    'The signature of the status service did not verify; whether the key has been revoked cannot be established.',
    CHECK_WITH_NEW_CRL,
  ),
  'ocsp-too-early': found(
    'Ответ службы о состоянии сертификата ключа подписи датирован будущим временем; установить, не отозван ли ключ, пока нельзя.',
    'The answer of the status service is dated in the future; whether the key has been revoked cannot be established yet.',
    CHECK_WITH_NEW_CRL,
  ),
  'ocsp-stale': found(
    'Ответ службы о состоянии сертификата ключа подписи устарел, новый не получен; установить, не отозван ли ключ, нельзя.',
    'The answer of the status service is out of date and no newer one has arrived; whether the key has been revoked cannot be established.',
    CHECK_WITH_NEW_CRL,
  ),
  'ocsp-unknown': found(
    'Службе, которая сообщает о состоянии ключей подписи, этот ключ неизвестен; установить, не отозван ли ключ, нельзя.',
    'The status service does not know the signing certificate; whether the key has been revoked cannot be established.',
    ASK_FOR_CONFIRMATION,
  ),
} satisfies Record<InvalidCode | UnknownCode, CodeText>
