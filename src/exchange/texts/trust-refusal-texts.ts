import { type Text, text } from '../../certificate/wording.ts'
import type { TrustListRefusal } from '../../trust/accept-trust-list.ts'

/** Why a version of a trust list is not accepted, and what those who run the node do about it. */
export const TRUST_REFUSAL_TEXTS: Readonly<Record<TrustListRefusal, Text>> = {
  malformed: text(
    'Это не список доверия или он составлен неверно. Получите его у владельца заново.',
    'It is no trust list, or a malformed one. Get it from its owner again.',
  ),
  'environment-differs': text(
    'Список другой среды: у учебной среды свои списки, корни и базы данных.',
    'It is a list of the other environment: a training environment has lists, roots and databases of its own.',
  ),
  'state-not-pinned': text(
    'Корень этого государства не закреплён. Сверьте отпечаток по второму каналу, затем: certex trust pin и certex trust approve.',
    'No root of this state is pinned. Compare the fingerprint over a second channel, then certex trust pin and certex trust approve.',
  ),
  'root-not-pinned': text(
    'Список под корнем, который здесь не закреплён: это подмена или смена корня. Спросите государство по второму каналу; новый корень закрепляют двое.',
    'The list is under a root that is not pinned here: a forgery, or a change of root. Ask the state over a second channel; two persons pin a new root.',
  ),
  'signer-not-valid': text(
    'Список подписан ключом, который не вправе его подписывать, отозван или истёк. Ничему из него не верят; спросите государство по второму каналу.',
    'It is signed by a key that may not sign it, is revoked or has ended. Nothing of it is believed; ask the state over a second channel.',
  ),
  'signature-invalid': text(
    'Подпись не сходится: список изменён или повреждён в пути. Получите его заново.',
    'The signature does not verify: the list was altered or damaged on the way. Get it again.',
  ),
  rollback: text(
    'Это более старая версия, чем принятая: кэш или попытка вернуть исключённый ключ. Подпишите следующую версию с --previous и новейшим списком этого узла.',
    'It is an older version than the one accepted: a cache, or an attempt to bring back a removed key. Sign the next version with --previous and the newest list of this node.',
  ),
  gap: text(
    'Между принятой версией и этой не хватает версий. Сначала опубликуйте их.',
    'Versions between the accepted one and this one are missing. Publish them first.',
  ),
  fork: text(
    'Под одним номером подписаны две разные версии: ключ подписи списка скомпрометирован или использован ошибочно. Обе сохранены; новые записи не учитываются, пока двое не примут решение (certex trust settle-fork). Если ошибка своя, подпишите следующую версию с --previous и новейшим списком этого узла.',
    'Two different versions were signed under one number: the list signer is compromised or was misused. Both are kept; additions do not count until two persons decide (certex trust settle-fork). If the mistake is your own, sign the next version with --previous and the newest list of this node.',
  ),
  'entries-dropped': text(
    'Записи пропали, изменены, продлены, возвращены после исключения или стоят дважды: в списке доверия они только заканчиваются. Подпишите версию, в которой они на месте, каждая один раз.',
    'Entries are missing, altered, prolonged, back from removal or there twice: in a trust list they may only end. Sign a version that has them all, each once.',
  ),
  'state-differs': text(
    'Это список другого государства, чем то, чей узел его прислал. Проверьте адрес узла и спросите его оператора.',
    'It is the list of another state than the one whose node gave it. Check the address of the node and ask its operator.',
  ),
  'issued-in-future': text(
    'Список подписан в будущем: проверьте часы здесь и там, где он подписан.',
    'It was issued in the future: check the clock here and where it was signed.',
  ),
  'issued-before-previous': text(
    'По указанному времени версия подписана раньше предыдущей: так добавленное показалось бы старше, чем оно есть. Подпишите её с верными часами.',
    'By its own word the version is older than the one before it, which would make what it adds look older than it is. Sign it with a clock that is right.',
  ),
  'validity-too-long': text(
    'Список действует дольше 400 дней со времени подписания. Подпишите версию с более ранним nextUpdate: список обновляют раз в квартал.',
    'The list counts for more than 400 days from its issue. Sign a version with an earlier nextUpdate: a list is renewed once a quarter.',
  ),
  'too-many-versions': text(
    'За сутки до этой версии подписано уже 48 версий. Если это делали не вы, ключ подписи списка в чужих руках: отзовите его. Версию, которая только исключает ключи, принимают и сверх того; остальное подпишите завтра одной версией.',
    'In the 24 hours before this version 48 were signed already. If it was not you, the list signer is in wrong hands: revoke it. A version that only removes keys is taken beyond that number; sign everything else tomorrow, in one version.',
  ),
  'cannot-tell': text(
    'Не хватает данных об отзыве ключа подписи списка. Укажите и списки отзыва: --crls ПАПКА; узел повторит попытку сам.',
    'Revocation data of the list signer are missing. Give the CRLs too: --crls FOLDER; the node tries again by itself.',
  ),
}
